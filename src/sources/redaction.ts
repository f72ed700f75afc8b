import type { Collection } from '../policy/schema.ts'
import type { DiscloseRequest } from './source.ts'

/** What redaction knows how to find in free text. */
export const REDACTED_KINDS = ['email', 'iban', 'card', 'phone', 'ip'] as const
export type RedactedKind = (typeof REDACTED_KINDS)[number]

/** What people call them, in the plural. */
export const REDACTED_LABELS: Readonly<Record<RedactedKind, string>> = {
  email: 'e-mail addresses',
  iban: 'bank account numbers',
  card: 'card numbers',
  phone: 'phone numbers',
  ip: 'network addresses',
}

/** What stands in the place of what was taken out. No pattern finds anything in it, so a second pass changes nothing. */
export const REMOVED = '[removed]'

/**
 * The patterns are read by two engines, JavaScript's and PostgreSQL's, and must find the same in both: no `\d`, `\s`, `\b` or `i`, which
 * depend on languages; no choice between two ways to match the same text; every repetition bounded or followed by something it cannot hold, so
 * that no text makes them slow. What begins and ends in a letter or digit is bordered by neither, so that one replacement never uncovers another.
 */
const BORDER_LEFT = '(?<![0-9A-Za-z])'
const BORDER_RIGHT = '(?![0-9A-Za-z])'
// Letters of other scripts, and the invisible characters that could hide in an address; astral characters are in no address.
const OTHER_LETTERS =
  '\\u00a1-\\u167f\\u1681-\\u1fff\\u200b-\\u200f\\u2060-\\u2064\\u2c00-\\u2fff\\u3001-\\ud7ff\\uf900-\\ufeff\\uff21-\\uffdc'
const IBAN_COUNTRIES =
  'AD AE AL AT AZ BA BE BG BH BI BR BY CH CR CY CZ DE DJ DK DO EE EG ES FI FK FO FR GB GE GI GL GR GT HR HU IE IL IQ IS IT JO KW KZ LB LC LI LT LU LV LY MC MD ME MK MN MR MT MU NI NL NO OM PK PL PS PT QA RO RS RU SA SC SD SE SI SK SM SO ST SV TL TN TR UA VA VG XK YE'.split(
    ' ',
  )

function emailParts(others: string): Readonly<Record<'local' | 'before' | 'quoted' | 'domain' | 'label', string>> {
  const label = `[A-Za-z0-9${others}]`
  const word = `${label}+(?:[-_]+${label}+)*`
  // Every character of an atom in RFC 5322; within quotes nearly every other one may stand.
  const local = `[A-Za-z0-9.!#$%&'*+/=?\\u005e_\\u0060{|}~${others}-]`
  const quoted = '"(?:[^"\\u005c\\u0001-\\u001f]|\\u005c[^\\u0001-\\u001f]){1,64}"'
  // A slash or an equals sign before an address is a path's or a setting's far more often than a part of it.
  const before = `[A-Za-z0-9.!#$%&'*+\\u005e_\\u0060~${others}-]`
  return { label, local, before, quoted, domain: `${word}(?:\\.${word})+` }
}

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
const HEX = '[0-9A-Fa-f]{1,4}'
const IPV4 = `${OCTET}(?:\\.${OCTET}){3}`
// A name such as ad::be is C++, so an address holds a digit somewhere.
const IPV6 = `(?:(?:${HEX}:){7}${HEX}|(?=[A-Fa-f:]{0,38}[0-9])${HEX}(?::${HEX}){0,6}::${HEX}(?::${HEX}){0,6})`
const DATE = '(?![0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4})'
// Spaces of every width and none, and what looks like a hyphen; the last one must be a hyphen in its class.
const OTHER_GAPS = '\\u00ad\\u1680\\u2000-\\u200b\\u202f\\u205f\\u2060\\u3000\\ufeff\\u2010-\\u2015\\u2043\\u2212\\ufe58\\ufe63\\uff0d'

function phonePattern(gaps: string): string {
  const international = `\\+[1-9](?:[()/${gaps}]{0,3}[0-9]){6,14}${BORDER_RIGHT}`
  const national = `${BORDER_LEFT}${DATE}0{1,2}[1-9](?:[()/${gaps}]{0,2}[0-9]){7,13}${BORDER_RIGHT}`
  const area = `(?:\\([2-9][0-9]{2}\\)[${gaps}]?|${BORDER_LEFT}[2-9][0-9]{2}[${gaps}])`
  return `(?:${international}|${national}|${area}[0-9]{3}[${gaps}][0-9]{4}${BORDER_RIGHT})`
}

/** In groups of four in either case, or in one piece. A group of small letters alone could be a word, so a digit must be near. */
function ibanPattern(gaps: string): string {
  const country = `(?:${IBAN_COUNTRIES.map((code) => code.replaceAll(/./g, (one) => `[${one}${one.toLowerCase()}]`)).join('|')})`
  const near = `[A-Z0-9]{4}|[a-z0-9]{0,3}[0-9]|[a-z]{4}[${gaps}]?[a-z0-9]{0,3}[0-9]`
  const group = `[${gaps}]?(?=${near})(?:[A-Z0-9]{4}|[a-z0-9]{4})`
  const first = `[${gaps}]?(?:[A-Z0-9]{4}|[a-z0-9]{4})`
  const last = `(?:[${gaps}]?(?=[A-Z0-9]{1,3}${BORDER_RIGHT}|[a-z0-9]{0,2}[0-9])[A-Za-z0-9]{1,3})?`
  return `${BORDER_LEFT}${country}[0-9]{2}(?:${first}(?:${group}){1,6}${last}|[A-Za-z0-9]{11,30})${BORDER_RIGHT}`
}

/** The pattern of a kind; without `unicode` for databases whose encoding cannot say what the full one does. */
export function patternOf(kind: RedactedKind, unicode = true): string {
  const { local, quoted, domain } = emailParts(unicode ? OTHER_LETTERS : '')
  const gaps = ` \\u00a0.${unicode ? OTHER_GAPS : ''}-`
  const patterns: Readonly<Record<RedactedKind, string>> = {
    email: `(?:${local}{1,64}|${quoted})(?:@|%40)${domain}`,
    iban: ibanPattern(gaps),
    card: `${BORDER_LEFT}[2-6](?:[${gaps}]?[0-9]){12,18}${BORDER_RIGHT}`,
    phone: phonePattern(gaps),
    ip: `${BORDER_LEFT}(?:${IPV4}|${IPV6})${BORDER_RIGHT}`,
  }
  return patterns[kind]
}

/** The kinds in the order in which they are taken out: what is longer and surer first. */
export function inRedactionOrder(kinds: readonly RedactedKind[]): readonly RedactedKind[] {
  return REDACTED_KINDS.filter((kind) => kinds.includes(kind))
}

/** Stands for the @ of an address that stays, while the others go. */
export const SPARED_AT = '\u0001'

/** A pattern for this very address, its two halves as groups; undefined for what is no address. */
export function sparedPattern(address: string, unicode = true): string | undefined {
  const at = address.lastIndexOf('@')
  if (
    at < 1 ||
    at === address.length - 1 ||
    address.length > LONGEST_VALUE ||
    ['\0', SPARED_AT].some((char) => address.includes(char)) ||
    !address.isWellFormed()
  )
    return undefined
  const { before, label } = emailParts(unicode ? OTHER_LETTERS : '')
  const halves = [address.slice(0, at), address.slice(at + 1)].map((half) => `(${literalPattern(half, 'email')})`)
  return `(?<!${before}|@)${halves.join('@')}(?!@|${label}|[-_]+${label}|\\.${label})`
}

const LONGEST_VALUE = 320
const SHORTEST_VALUE = 4
const VALUES_PER_PATTERN = 100

/**
 * Patterns for what identifies one person: each value as a word of its own. Values of fewer than four letters and digits are left alone; they
 * would take words out of every text.
 */
export function valuePatterns(values: readonly { readonly text: string; readonly compare: 'exact' | 'email' }[]): string[] {
  const telling = values.filter(({ text }) => isTelling(text)).toSorted((a, b) => b.text.length - a.text.length)
  const words = [...new Set(telling.map(({ text, compare }) => bordered(text, literalPattern(text, compare))))]
  const patterns: string[] = []
  for (let index = 0; index < words.length; index += VALUES_PER_PATTERN) {
    patterns.push(`(?:${words.slice(index, index + VALUES_PER_PATTERN).join('|')})`)
  }
  return patterns
}

/** What could be found again in what stands in its place would grow with every pass. */
function isTelling(text: string): boolean {
  if (text.length > LONGEST_VALUE || text.includes('\0') || !text.isWellFormed() || text === 'removed' || /removed\]|\[removed/.test(text))
    return false
  return text.replaceAll(/[^\p{L}\p{N}]/gu, '').length >= SHORTEST_VALUE
}

function bordered(text: string, pattern: string): string {
  const left = /^[0-9A-Za-z]/.test(text) ? BORDER_LEFT : ''
  return `${left}${pattern}${/[0-9A-Za-z]$/.test(text) ? BORDER_RIGHT : ''}`
}

/** Punctuation by its number, as the two engines allow different escapes; for addresses A to Z in either case. */
function literalPattern(text: string, compare: 'exact' | 'email'): string {
  return text.replaceAll(/[\0-\x7f]/g, (char) => {
    if (/[0-9]/.test(char)) return char
    if (/[A-Za-z]/.test(char)) return compare === 'email' ? `[${char.toLowerCase()}${char.toUpperCase()}]` : char
    return `\\u${char.codePointAt(0)?.toString(16).padStart(4, '0')}`
  })
}

/** The text without what the kinds find, as the SQL of postgres/redact.ts does it; addresses in `spare` stay. */
export function redactText(text: string, kinds: readonly RedactedKind[], spare: readonly string[] = []): string {
  const sparing = text.includes(SPARED_AT) ? [] : spare
  let result = text
  for (const address of sparing) {
    const pattern = sparedPattern(address)
    if (pattern !== undefined) result = result.replaceAll(new RegExp(pattern, 'gu'), `$1${SPARED_AT}$2`)
  }
  for (const kind of inRedactionOrder(kinds)) result = result.replaceAll(new RegExp(patternOf(kind), 'gu'), REMOVED)
  return sparing.length === 0 ? result : result.replaceAll(SPARED_AT, '@')
}

/** The addresses that redaction leaves in a copy: those of the person whose copy it is. */
export function sparedIn({ selection, spare = [] }: Pick<DiscloseRequest, 'selection' | 'spare'>): readonly string[] {
  const opened = selection.openings.filter(({ compare, columns }) => compare === 'email' && columns.length === 1)
  return [...new Set([...spare, ...opened.flatMap(({ values }) => values.flat())])]
}

/** What is redacted in a column of a copy, as its field asks. */
export function kindsOf(collection: Collection, column: string): readonly RedactedKind[] {
  return collection.fields[column]?.redact ?? []
}
