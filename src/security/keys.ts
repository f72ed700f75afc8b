import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  randomBytes,
  randomUUIDv7,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { Pool } from 'pg'
import { keyIdOf, openText, sealText } from './crypto.ts'
import { openVault, type Vault } from './vault.ts'
import { parseWrappingKeys } from './wrapping-keys.ts'

export type KeyPurpose = 'request' | 'archive' | 'standing' | 'recovery'
export type DigestPurpose = 'email' | 'identifier' | 'primary_key' | 'rate_limit' | 'idempotency' | 'identities'

/** The keys of this installation: what is sealed opens only through them, and no longer once its key is shredded. */
export interface Keys {
  /** Makes and stores a data key, before the row that needs it is written; its id goes beside what it seals. */
  create(purpose: KeyPurpose): Promise<string>
  /** Seals a text for one place, such as `requests.email:<row id>`; throws KeyGone. */
  seal(keyId: string, place: string, plain: string): Promise<string>
  /** Opens a text that was sealed for this place; throws KeyGone when its key is shredded, SealBroken when it is not what we sealed. */
  open(place: string, sealed: string): Promise<string>
  /** The data key for sealed streams, 32 bytes; throws KeyGone. */
  streamKey(keyId: string): Promise<Uint8Array>
  /** Destroys a data key: what it sealed is unreadable here at once, in other processes within 30 seconds. */
  shred(keyId: string): Promise<void>
  /** A keyed digest (HMAC-SHA-256, 64 hex digits): equal values have equal digests, and nobody without the secret can try values. */
  digest(purpose: DigestPurpose, value: string): string
  /** An Ed25519 signature over a text, in base64url. */
  sign(text: string): string
  verifySignature(text: string, signature: string): boolean
  close(): Promise<void>
}

/** What is thrown for a data key that was shredded, or never was: what it sealed cannot be read by anybody. */
export class KeyGone extends Error {
  constructor() {
    super('The key of this data has been shredded.')
    this.name = 'KeyGone'
  }
}

// Long enough for the reads of one page or job, short enough that a key shredded by another process dies here too.
const CACHE_MS = 30_000
const CACHE_KEYS = 1_000

/**
 * Opens the keys database with the wrapping keys of the settings. A StartupError (exit 78) when a wrapping key is missing or is not the one
 * under which data was sealed. `monotonic` (milliseconds) only ages the cache.
 */
export async function openKeys(options: { url: string; wrappingKeys: string | undefined; monotonic?: () => number }): Promise<Keys> {
  const wrapping = parseWrappingKeys(options.wrappingKeys)
  const pool = new Pool({ connectionString: options.url, application_name: 'habeas keys', max: 4 })
  pool.on('error', () => {})
  try {
    const vault = await openVault(pool, wrapping)
    return new OpenKeys(pool, vault, options.monotonic ?? (() => performance.now()))
  } catch (error) {
    await pool.end()
    throw error
  }
}

class OpenKeys implements Keys {
  private readonly pool: Pool
  private readonly vault: Vault
  private readonly monotonic: () => number
  private readonly signing: KeyObject
  private readonly verifying: KeyObject
  private readonly cache = new Map<string, { key: Buffer; until: number }>()
  private readonly digestSecrets = new Map<DigestPurpose, Buffer>()
  private shredded = 0

  constructor(pool: Pool, vault: Vault, monotonic: () => number) {
    this.pool = pool
    this.vault = vault
    this.monotonic = monotonic
    this.signing = createPrivateKey({ key: vault.signingKey, format: 'der', type: 'pkcs8' })
    this.verifying = createPublicKey(this.signing)
  }

  async create(purpose: KeyPurpose): Promise<string> {
    const id = randomUUIDv7()
    const key = randomBytes(32)
    await this.pool.query('insert into data_keys (id, purpose, wrapped) values ($1, $2, $3)', [
      id,
      purpose,
      this.vault.wrap(`data_keys:${id}`, key),
    ])
    this.remember(id, key)
    return id
  }

  async seal(keyId: string, place: string, plain: string): Promise<string> {
    return sealText(keyId, await this.dataKey(keyId), place, plain)
  }

  async open(place: string, sealed: string): Promise<string> {
    return openText(await this.dataKey(keyIdOf(sealed)), place, sealed)
  }

  async streamKey(keyId: string): Promise<Uint8Array> {
    // A copy: the cache may drop its own at any time.
    return Buffer.from(await this.dataKey(keyId))
  }

  async shred(keyId: string): Promise<void> {
    this.forget(keyId)
    await this.pool.query('delete from data_keys where id = $1', [keyId])
    // Again, and for reads that are under way: one may have fetched the row just before it went.
    this.shredded += 1
    this.forget(keyId)
  }

  digest(purpose: DigestPurpose, value: string): string {
    return createHmac('sha256', this.digestSecret(purpose)).update(value).digest('hex')
  }

  sign(text: string): string {
    return sign(null, Buffer.from(text), this.signing).toString('base64url')
  }

  verifySignature(text: string, signature: string): boolean {
    return verify(null, Buffer.from(text), this.verifying, Buffer.from(signature, 'base64url'))
  }

  async close(): Promise<void> {
    this.cache.clear()
    await this.pool.end()
  }

  private async dataKey(id: string): Promise<Buffer> {
    const cached = this.cache.get(id)
    if (cached !== undefined && cached.until > this.monotonic()) return cached.key
    const before = this.shredded
    const found = await this.pool.query<{ wrapped: string }>('select wrapped from data_keys where id = $1', [id])
    const wrapped = found.rows[0]?.wrapped
    if (wrapped === undefined) {
      this.forget(id)
      throw new KeyGone()
    }
    const key = this.vault.unwrap(`data_keys:${id}`, wrapped)
    if (before === this.shredded) this.remember(id, key)
    return key
  }

  private remember(id: string, key: Buffer): void {
    this.cache.delete(id)
    this.cache.set(id, { key, until: this.monotonic() + CACHE_MS })
    if (this.cache.size <= CACHE_KEYS) return
    const oldest = this.cache.keys().next().value
    if (oldest !== undefined) this.forget(oldest)
  }

  private forget(id: string): void {
    this.cache.delete(id)
  }

  private digestSecret(purpose: DigestPurpose): Buffer {
    const known = this.digestSecrets.get(purpose)
    if (known !== undefined) return known
    const secret = Buffer.from(hkdfSync('sha256', this.vault.digestSecret, '', `habeas digest ${purpose}`, 32))
    this.digestSecrets.set(purpose, secret)
    return secret
  }
}
