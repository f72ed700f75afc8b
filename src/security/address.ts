import { domainToASCII, domainToUnicode } from 'node:url'
import { Refusal } from '../errors.ts'

/** An e-mail address as it is used everywhere behind the edge. */
export interface Address {
  /** Where mail goes: the local part exactly as typed, the domain in ASCII and lower case. */
  readonly address: string
  /** What addresses are compared and looked up by: as above, with A to Z of the local part in lower case and nothing else folded. */
  readonly compare: string
}

const LONGEST = 254
const LONGEST_LOCAL = 64
const LONGEST_DOMAIN = 253

// Line ends, control and invisible characters, spaces of every kind, halves of characters.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}]/u
// RFC 5322 dot-atom, and what RFC 6531 adds to it. So no quotes, comments, angle brackets, commas, colons, semicolons, backslashes.
const LOCAL = /^(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|\P{ASCII})+(?:\.(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|\P{ASCII})+)*$/u
// Only these reach the host parser, which would also decode percent signs and read ports, paths and numbers.
const DOMAIN = /^[\p{L}\p{M}\p{N}.。．｡-]+$/u
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * The address in its one form, or a Refusal `bad_email`. This is the only place where an address is normalised: what it returns is what mail
 * goes to and what rows are looked up by, so that no second reading of the same text can lead elsewhere. `pointer` names the field.
 */
export function parseAddress(typed: string, pointer = '/email'): Address {
  const address = readAddress(typed)
  if (address === undefined) throw new Refusal('bad_email', [{ pointer, detail: 'Expected an address such as name@example.com.' }])
  return address
}

/** The same, but undefined where `parseAddress` refuses: for addresses found in other people's data. */
export function readAddress(typed: string): Address | undefined {
  const text = typed.replace(/^ +| +$/g, '')
  const at = text.lastIndexOf('@')
  if (at < 1 || UNSEEN.test(text)) return undefined
  const local = text.slice(0, at)
  const domain = readDomain(text.slice(at + 1))
  // `=?` begins an encoded word, which some readers decode into another address.
  if (domain === undefined || !LOCAL.test(local) || local.includes('=?')) return undefined
  const address = `${local}@${domain}`
  if (Buffer.byteLength(local) > LONGEST_LOCAL || Buffer.byteLength(address) > LONGEST) return undefined
  return { address, compare: `${local.replace(/[A-Z]/g, (letter) => letter.toLowerCase())}@${domain}` }
}

function readDomain(typed: string): string | undefined {
  if (!DOMAIN.test(typed)) return undefined
  const domain = domainToASCII(typed)
  const labels = domain.split('.')
  if (labels.length < 2 || domain.length > LONGEST_DOMAIN || !labels.every(isLabel)) return undefined
  return /[a-z]/.test(labels.at(-1) ?? '') ? domain : undefined
}

function isLabel(label: string): boolean {
  if (!LABEL.test(label)) return false
  if (!label.startsWith('xn--')) return label.slice(2, 4) !== '--'
  // The host parser lets broken Punycode pass when it is already in ASCII.
  const shown = domainToUnicode(label)
  return shown !== label && domainToASCII(shown) === label
}
