import type { Column } from '../catalog/catalog.ts'
import type { Parameters } from '../parameters.ts'

const BLOCK_BYTES = 64
const LONGEST = 64
/** Fewer digits than this would make different values equal too easily. */
export const SHORTEST_PSEUDONYM = 16

/** Makes SQL for the keyed digest of a text, 64 hex digits. */
export type Digest = (textSql: string) => string

/**
 * HMAC-SHA-256 in the server's own functions, as pgcrypto is often not there. Only the two padded keys travel, as values beside the statement.
 * Without a key a plain digest.
 */
export function digestOf(key: string | undefined, parameters: Parameters): Digest {
  if (key === undefined) return (text) => `encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`
  const bytes = Buffer.alloc(BLOCK_BYTES)
  Buffer.from(key, 'hex').copy(bytes)
  const [inner, outer] = [0x36, 0x5c].map((pad) =>
    parameters.bind(`\\x${Buffer.from(bytes.map((byte) => byte ^ pad)).toString('hex')}`, 'bytea'),
  )
  return (text) => `encode(sha256(${outer} || sha256(${inner} || convert_to(${text}, 'UTF8'))), 'hex')`
}

/**
 * A pseudonym in place of the text, as SQL: hex digits, as many as fit. Its last digits are a keyed digest of the ones before, so that what is
 * a pseudonym of this case already is known for one, and stays.
 */
export function pseudonymSql(sql: string, digest: Digest, length: number | null): string {
  const { whole, head, check } = pseudonymDigits(length)
  return `(select case when p.v is null then null when char_length(p.v) = ${whole} and right(p.v, ${check}) = left(${digest(`'tag:' || left(p.v, ${head})`)}, ${check}) then p.v
    else p.h || left(${digest(`'tag:' || p.h`)}, ${check}) end from (select ${sql} as v, left(${digest(`'value:' || ${sql}`)}, ${head}) as h offset 0) p)`
}

/** The same for a uuid: version 8, which is ours to fill. */
export function pseudonymUuidSql(sql: string, digest: Digest): string {
  return `(select case when p.v is null then null when right(p.v, 12) = left(${digest(`'tag:' || left(p.v, 20)`)}, 12) then p.v
    else p.h || left(${digest(`'tag:' || p.h`)}, 12) end::uuid from (select v, ${uuidHead('d')} as h from (
      select replace(${sql}::text, '-', '') as v, ${digest(`'value:' || ${sql}::text`)} as d offset 0) q offset 0) p)`
}

/** A uuid made of a digest, as SQL. */
export function uuidSql(digestSql: string): string {
  return `(select (${uuidHead('d')} || substr(d, 19, 12))::uuid from (select ${digestSql} as d offset 0) q)`
}

/** How many hex digits a pseudonym has here, and which of them only tell that it is one. */
export function pseudonymDigits(length: number | null): { readonly whole: number; readonly head: number; readonly check: number } {
  const whole = Math.min(LONGEST, length ?? LONGEST)
  const check = Math.floor((whole * 3) / 8)
  return { whole, head: whole - check, check }
}

/** Texts as pseudonyms and digests are, which together show every digit in every place. */
export function sampleDigests(digits: number): string[] {
  return Array.from({ length: 16 }, (_, shift) =>
    Array.from({ length: digits }, (__, place) => ((place + shift) % 16).toString(16)).join(''),
  )
}

/** A uuid of these digits, with the places of version and variant that ours have. */
export function sampleUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** The first 20 digits: version 8 in the 13th place and the variant in the 17th. */
function uuidHead(digest: string): string {
  return `left(${digest}, 12) || '8' || substr(${digest}, 13, 3) || '8' || substr(${digest}, 16, 3)`
}

/** Columns in which a pseudonym has room. */
export function canBePseudonym(column: Column, length: number | null): boolean {
  return column.type === 'uuid' || (column.category === 'S' && (length ?? LONGEST) >= SHORTEST_PSEUDONYM)
}
