import { createCipheriv, createDecipheriv, hash, randomBytes, timingSafeEqual } from 'node:crypto'

const IV_BYTES = 12
const TAG_BYTES = 16

/** What is thrown when sealed bytes are not what we sealed: another key, another place, changed, cut short. It never says which. */
export class SealBroken extends Error {
  constructor() {
    super('The sealed bytes do not open: changed, cut short, moved, or sealed under another key.')
    this.name = 'SealBroken'
  }
}

/** The text form `v1.<key id>.<base64url(iv|ciphertext|tag)>` of `plain`, bound to its place, such as `requests.email:<row id>`. */
export function sealText(keyId: string, key: Uint8Array, place: string, plain: string): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place))
  const bytes = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `v1.${keyId}.${bytes.toString('base64url')}`
}

/** The text that was sealed at this place, or a SealBroken. */
export function openText(key: Uint8Array, place: string, sealed: string): string {
  const bytes = parseSealed(sealed).bytes
  const tag = bytes.subarray(-TAG_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(place)).setAuthTag(tag)
  const plain = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES))
  try {
    return Buffer.concat([plain, decipher.final()]).toString('utf8')
  } catch {
    throw new SealBroken()
  }
}

/** The id of the key that a sealed text names, or a SealBroken when it is no sealed text. */
export function keyIdOf(sealed: string): string {
  return parseSealed(sealed).keyId
}

function parseSealed(sealed: string): { keyId: string; bytes: Buffer } {
  const [version, keyId, body, more] = sealed.split('.')
  if (version !== 'v1' || keyId === undefined || keyId === '' || body === undefined || more !== undefined) throw new SealBroken()
  const bytes = Buffer.from(body, 'base64url')
  if (bytes.length < IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== body) throw new SealBroken()
  return { keyId, bytes }
}

/** Whether two texts are equal, in a time that depends on neither. */
export function equalInConstantTime(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))
}
