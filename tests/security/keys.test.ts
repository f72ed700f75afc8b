import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { migrateKeys } from '../../src/db/migrate.ts'
import { StartupError } from '../../src/errors.ts'
import { SealBroken } from '../../src/security/crypto.ts'
import { KeyGone, openKeys, type Keys } from '../../src/security/keys.ts'
import { generateWrappingKey, keepWrappingKeys, parseWrappingKeys } from '../../src/security/wrapping-keys.ts'
import { createDatabase, onClose, templateOnce } from '../support/database.ts'

const PLACE = 'requests.email:01a1'

describe('a data key', () => {
  test('seals and opens, also after a restart', async () => {
    const { url, wrappingKeys, keys } = await openNew()
    const id = await keys.create('request')
    const sealed = await keys.seal(id, PLACE, 'ada@example.com')
    expect(sealed.startsWith(`v1.${id}.`)).toBe(true)
    expect(await keys.open(PLACE, sealed)).toBe('ada@example.com')
    expect(await (await open(url, wrappingKeys)).open(PLACE, sealed)).toBe('ada@example.com')
    await expect(keys.open('requests.name:01a1', sealed)).rejects.toThrow(SealBroken)
  })

  test('lies in the keys database only wrapped', async () => {
    const { url, keys } = await openNew()
    const id = await keys.create('archive')
    const key = Buffer.from(await keys.streamKey(id))
    expect(key).toHaveLength(32)
    const rows = JSON.stringify(await query(url, 'select id, purpose, wrapped from data_keys'))
    expect(rows).toContain('archive')
    for (const form of ['hex', 'base64', 'base64url'] as const) expect(rows).not.toContain(key.toString(form).slice(0, 40))
  })

  test('once shredded opens nothing, here at once', async () => {
    const { url, keys } = await openNew()
    const [gone, kept] = [await keys.create('request'), await keys.create('request')]
    const [sealed, other] = [await keys.seal(gone, PLACE, 'ada@example.com'), await keys.seal(kept, PLACE, 'noor@example.com')]
    await keys.shred(gone)
    await expect(keys.open(PLACE, sealed)).rejects.toThrow(KeyGone)
    await expect(keys.seal(gone, PLACE, 'again')).rejects.toThrow(KeyGone)
    await expect(keys.streamKey(gone)).rejects.toThrow(KeyGone)
    expect(await keys.open(PLACE, other)).toBe('noor@example.com')
    expect(await query(url, 'select id from data_keys')).toEqual([{ id: kept }])
  })

  test('shredded by another process is readable here for less than 30 seconds', async () => {
    let now = 0
    const { url, wrappingKeys, keys } = await openNew(() => now)
    const other = await open(url, wrappingKeys)
    const id = await keys.create('request')
    const sealed = await keys.seal(id, PLACE, 'ada@example.com')
    await other.shred(id)
    now = 29_999
    expect(await keys.open(PLACE, sealed)).toBe('ada@example.com')
    now = 30_000
    await expect(keys.open(PLACE, sealed)).rejects.toThrow(KeyGone)
  })

  test('shredded while it is being read is not remembered', async () => {
    const { url, wrappingKeys, keys } = await openNew()
    const id = await keys.create('request')
    const sealed = await keys.seal(id, PLACE, 'ada@example.com')
    const fresh = await open(url, wrappingKeys)
    await Promise.allSettled([fresh.open(PLACE, sealed), fresh.shred(id), fresh.open(PLACE, sealed)])
    await expect(fresh.open(PLACE, sealed)).rejects.toThrow(KeyGone)
  })

  test('that never was is gone too', async () => {
    const { keys } = await openNew()
    await expect(keys.seal('01a1fa67-9236-73ef-8964-26237abac6ff', PLACE, 'ada')).rejects.toThrow(KeyGone)
  })
})

describe('digests and signatures', () => {
  test('are the same after a restart, and other ones in another installation', async () => {
    const { url, wrappingKeys, keys } = await openNew()
    const again = await open(url, wrappingKeys)
    const elsewhere = (await openNew()).keys
    expect(keys.digest('email', 'ada@example.com')).toMatch(/^[0-9a-f]{64}$/)
    expect(again.digest('email', 'ada@example.com')).toBe(keys.digest('email', 'ada@example.com'))
    expect(elsewhere.digest('email', 'ada@example.com')).not.toBe(keys.digest('email', 'ada@example.com'))
    expect(again.verifySignature('receipt', keys.sign('receipt'))).toBe(true)
    expect(elsewhere.verifySignature('receipt', keys.sign('receipt'))).toBe(false)
  })

  test('of one value differ from purpose to purpose, so that tables cannot be joined by them', async () => {
    const { keys } = await openNew()
    const purposes = ['email', 'identifier', 'primary_key', 'rate_limit', 'idempotency', 'identities'] as const
    expect(new Set(purposes.map((purpose) => keys.digest(purpose, 'ada@example.com'))).size).toBe(6)
  })

  test('do not pass for another text', async () => {
    const { keys } = await openNew()
    expect(keys.verifySignature('3 rows', keys.sign('4 rows'))).toBe(false)
    expect(keys.verifySignature('3 rows', '')).toBe(false)
    expect(keys.verifySignature('3 rows', 'not a signature')).toBe(false)
  })

  test('have one secret although two processes start at once on a new database', async () => {
    const url = await newDatabase()
    const wrappingKeys = generateWrappingKey()
    const both = await Promise.all([open(url, wrappingKeys), open(url, wrappingKeys)])
    expect(both[0].digest('email', 'ada')).toBe(both[1].digest('email', 'ada'))
    expect(both[0].verifySignature('a', both[1].sign('a'))).toBe(true)
  })
})

describe('the start is refused', () => {
  test('without the wrapping key under which data is sealed', async () => {
    const { url, wrappingKeys } = await openNew()
    const message = await refusal(url, generateWrappingKey())
    expect(message).toContain(`${wrappingKeys.split(':')[0]} is missing, and data is sealed under it`)
  })

  test('with other bytes under a known name', async () => {
    const { url, wrappingKeys } = await openNew()
    const message = await refusal(url, `${wrappingKeys.split(':')[0]}:${generateWrappingKey().split(':')[1]}`)
    expect(message).toContain('is not the one that was used before')
  })

  test.each([
    ['nothing', undefined],
    ['an empty text', ' \n '],
    ['a key without a name', Buffer.alloc(32).toString('base64')],
    ['a key of 31 bytes', `a:${Buffer.alloc(31).toString('base64')}`],
    ['a key of 33 bytes', `a:${Buffer.alloc(33).toString('base64')}`],
    ['a name with a dot', `a.b:${Buffer.alloc(32).toString('base64')}`],
    ['one name twice', `a:${Buffer.alloc(32, 1).toString('base64')}\na:${Buffer.alloc(32, 2).toString('base64')}`],
  ])('with %s as wrapping keys, and the message shows no key', async (_what, wrappingKeys) => {
    const message = await refusal(await newDatabase(), wrappingKeys)
    expect(message).toContain('HABEAS_KEYS')
    expect(message).not.toContain('AAAA')
  })

  test('on a keys database without tables', async () => {
    const { url } = await createDatabase()
    expect(await refusal(url, generateWrappingKey())).toContain('habeas migrate')
  })
})

describe('wrapping keys change', () => {
  test('with a new first line, while the old one still opens what it sealed', async () => {
    const { url, wrappingKeys: old, keys } = await openNew()
    const sealed = await keys.seal(await keys.create('request'), PLACE, 'ada@example.com')
    const newer = generateWrappingKey()
    const rotated = await open(url, `${newer}\n${old}`)
    expect(await rotated.open(PLACE, sealed)).toBe('ada@example.com')
    const id = await rotated.create('request')
    const names = await query(url, `select split_part(wrapped, '.', 2) as name from data_keys where id = '${id}'`)
    expect(names).toEqual([{ name: newer.split(':')[0] }])
    expect(await refusal(url, newer)).toContain('is missing')
  })

  test('and one that nothing was sealed under may go', async () => {
    const { url, wrappingKeys } = await openNew()
    const unused = generateWrappingKey()
    await open(url, `${wrappingKeys}\n${unused}`)
    expect((await open(url, wrappingKeys)).digest('email', 'ada')).toHaveLength(64)
  })
})

describe('the file of wrapping keys', () => {
  test('is made once, for its owner only; of two at once both read the same', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'habeas-keys-'))
    onClose('folder of keys', () => rm(folder, { recursive: true }))
    const file = join(folder, 'home', 'keys')
    const texts = await Promise.all([keepWrappingKeys(file), keepWrappingKeys(file), keepWrappingKeys(file)])
    expect(new Set(texts).size).toBe(1)
    expect(parseWrappingKeys(texts[0]).size).toBe(1)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'home'))).mode & 0o777).toBe(0o700)
    expect(await keepWrappingKeys(file)).toBe(texts[0])
  })

  test('is taken as it is when it is there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'habeas-keys-'))
    onClose('folder of keys', () => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'keys'), 'mine:...')
    expect(await keepWrappingKeys(join(folder, 'keys'))).toBe('mine:...')
  })
})

async function newDatabase(): Promise<string> {
  return (await createDatabase({ template: await templateOnce('keys', migrateKeys) })).url
}

async function open(url: string, wrappingKeys: string, monotonic?: () => number): Promise<Keys> {
  const keys = await openKeys(monotonic === undefined ? { url, wrappingKeys } : { url, wrappingKeys, monotonic })
  onClose('keys', () => keys.close())
  return keys
}

async function openNew(monotonic?: () => number): Promise<{ url: string; wrappingKeys: string; keys: Keys }> {
  const url = await newDatabase()
  const wrappingKeys = generateWrappingKey()
  return { url, wrappingKeys, keys: await open(url, wrappingKeys, monotonic) }
}

async function refusal(url: string, wrappingKeys: string | undefined): Promise<string> {
  const error: unknown = await openKeys({ url, wrappingKeys }).catch((reason: unknown) => reason)
  if (!(error instanceof StartupError)) throw new Error('expected a StartupError', { cause: error })
  expect(error.exitCode).toBe(78)
  return error.message
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}
