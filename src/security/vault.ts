import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { DatabaseError, type Pool } from 'pg'
import { StartupError } from '../errors.ts'
import { keyIdOf, openText, sealText } from './crypto.ts'
import type { WrappingKeys } from './wrapping-keys.ts'

/** The secrets of the keys database, opened by the wrapping keys. */
export interface Vault {
  wrap(place: string, key: Uint8Array): string
  unwrap(place: string, wrapped: string): Buffer
  readonly digestSecret: Buffer
  /** Ed25519, PKCS #8. */
  readonly signingKey: Buffer
}

const CANARY = 'this wrapping key is the right one'

/** Checks every wrapping key against its canary and opens the secrets, making both at the first start; StartupError when data depends on a key that is not here. */
export async function openVault(pool: Pool, wrapping: WrappingKeys): Promise<Vault> {
  try {
    await checkCanaries(pool, wrapping)
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== '42P01') throw error
    throw new StartupError('The keys database has no tables yet. Run: habeas migrate')
  }
  const [first] = wrapping
  if (first === undefined) throw new StartupError('HABEAS_KEYS: expected at least one wrapping key')
  const wrap = (place: string, key: Uint8Array) => sealText(first[0], first[1], place, Buffer.from(key).toString('base64url'))
  const unwrap = (place: string, wrapped: string) => {
    const name = keyIdOf(wrapped)
    const key = wrapping.get(name)
    // Another process may seal under a newer wrapping key than this one was started with.
    if (key === undefined) throw new StartupError(`HABEAS_KEYS: the wrapping key ${name} is missing`)
    return Buffer.from(openText(key, place, wrapped), 'base64url')
  }
  const secret = (name: string, make: () => Uint8Array) => keepSecret(pool, { wrap, unwrap }, name, make)
  return {
    wrap,
    unwrap,
    digestSecret: await secret('digest', () => randomBytes(32)),
    signingKey: await secret('signing', () => generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' })),
  }
}

async function checkCanaries(pool: Pool, wrapping: WrappingKeys): Promise<void> {
  for (const [name, key] of wrapping) {
    const canary = sealText(name, key, `canaries:${name}`, CANARY)
    await pool.query('insert into canaries (wrapping_key, sealed) values ($1, $2) on conflict do nothing', [name, canary])
  }
  const canaries = await pool.query<{ wrapping_key: string; sealed: string }>('select wrapping_key, sealed from canaries order by made_at')
  for (const { wrapping_key: name, sealed } of canaries.rows) {
    const key = wrapping.get(name)
    if (key === undefined) await refuseIfNeeded(pool, name)
    else openCanary(name, key, sealed)
  }
}

function openCanary(name: string, key: Uint8Array, sealed: string): void {
  try {
    openText(key, `canaries:${name}`, sealed)
  } catch {
    throw new StartupError(
      `HABEAS_KEYS: the wrapping key ${name} is not the one that was used before under this name. Nothing was changed; put the old key back.`,
    )
  }
}

async function refuseIfNeeded(pool: Pool, name: string): Promise<void> {
  const prefix = `v1.${name}.`
  const needed = await pool.query<{ needed: boolean }>(
    'select exists (select from data_keys where starts_with(wrapped, $1)) or exists (select from secrets where starts_with(wrapped, $1)) as needed',
    [prefix],
  )
  if (needed.rows[0]?.needed !== true) return
  throw new StartupError(
    `HABEAS_KEYS: the wrapping key ${name} is missing, and data is sealed under it. Put it back, below the first line.`,
  )
}

async function keepSecret(pool: Pool, vault: Pick<Vault, 'wrap' | 'unwrap'>, name: string, make: () => Uint8Array): Promise<Buffer> {
  const place = `secrets:${name}`
  await pool.query('insert into secrets (name, wrapped) values ($1, $2) on conflict do nothing', [name, vault.wrap(place, make())])
  const kept = await pool.query<{ wrapped: string }>('select wrapped from secrets where name = $1', [name])
  const wrapped = kept.rows[0]?.wrapped
  if (wrapped === undefined) throw new StartupError(`The secret ${name} has gone from the keys database. Restore that database first.`)
  return vault.unwrap(place, wrapped)
}
