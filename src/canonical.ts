import { createHash } from 'node:crypto'

/**
 * The one JSON text of a value (RFC 8785, JCS): what hashes and signatures are made over, so that key order, spacing and number spelling never matter.
 * Keys whose value is undefined are left out. Throws a TypeError, with a JSON pointer, for what has no such text: NaN, infinities, bigints,
 * undefined in an array or at the top, lone surrogates, and objects of a class (convert dates and ids to strings first).
 */
export function canonicalJson(value: unknown): string {
  return write(value, '')
}

/** The SHA-256 of bytes, or of the UTF-8 form of a string, as 64 lower-case hex digits; a string with a lone surrogate has none and throws a TypeError. */
export function sha256Hex(data: Uint8Array | string): string {
  // Node would turn lone surrogates into U+FFFD, and two different strings would share a hash.
  if (typeof data === 'string' && !data.isWellFormed()) throw new TypeError('Cannot hash a string with a lone surrogate')
  return createHash('sha256').update(data).digest('hex')
}

function write(value: unknown, at: string): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return writeString(value, at)
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return writeArray(value, at)
  if (typeof value === 'object') return writeObject(value, at)
  throw unfit(at, typeof value === 'number' ? String(value) : typeof value)
}

function writeString(text: string, at: string): string {
  if (!text.isWellFormed()) throw unfit(at, 'a string with a lone surrogate')
  return JSON.stringify(text)
}

function writeArray(items: readonly unknown[], at: string): string {
  // Array.from visits holes too, which would otherwise vanish from the text.
  return `[${Array.from(items, (item, index) => write(item, `${at}/${index}`)).join(',')}]`
}

function writeObject(value: object, at: string): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  // A Map, Set or Error has no own keys and would be hashed as {}: refused rather than lost.
  if (prototype !== null && prototype !== Object.prototype) throw unfit(at, `an object of class ${value.constructor.name}`)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1)) // `<` on strings compares UTF-16 code units, as RFC 8785 §3.2.3 asks
    .map(([key, member]) => `${writeString(key, at)}:${write(member, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)}`)
  return `{${members.join(',')}}`
}

function unfit(at: string, what: string): TypeError {
  return new TypeError(`Cannot write canonical JSON at "${at}": expected JSON data, got ${what}`)
}
