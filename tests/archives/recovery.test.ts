import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { readRecoveryPart, shredRecoveryCopy, writeRecoveryPart, type CopiedRow } from '../../src/archives/recovery.ts'
import { migrateKeys } from '../../src/db/migrate.ts'
import { openKeys, type Keys } from '../../src/security/keys.ts'
import { createDatabase, onClose, templateOnce } from '../support/database.ts'

let ctx: Parameters<typeof writeRecoveryPart>[0]
let keys: Keys
const ID = '01900000-0000-7000-8000-000000000001'

beforeAll(async () => {
  const { url } = await createDatabase({ template: await templateOnce('keys', migrateKeys) })
  keys = await openKeys({ url, wrappingKeys: `test:${Buffer.alloc(32, 7).toString('base64')}` })
  onClose('keys', () => keys.close())
  const home = await mkdtemp(join(tmpdir(), 'habeas-recovery-'))
  onClose('home', () => rm(home, { recursive: true, force: true }))
  ctx = { keys, config: { home } } as typeof ctx
})

const files = () => readdir(join(ctx.config.home, 'recovery'))

async function* of(rows: readonly CopiedRow[]): AsyncGenerator<CopiedRow> {
  yield* rows
}

async function all(part: { id: string; key_id: string }): Promise<CopiedRow[]> {
  const rows: CopiedRow[] = []
  for await (const row of readRecoveryPart(ctx, part)) rows.push(row)
  return rows
}

test('a part gives back exactly what was put in, line breaks, quotes and missing values too', async () => {
  const part = { id: ID, key_id: await keys.create('recovery') }
  const wide = Array.from({ length: 3_000 }, (_, index): CopiedRow => [
    String(index),
    null,
    '',
    'a\nb"c\\',
    `日本 ${'x'.repeat(index % 200)}`,
  ])
  expect(await writeRecoveryPart(ctx, part, of(wide))).toBe(3_000)
  expect(await all(part)).toEqual(wide)
  expect((await readFile(join(ctx.config.home, 'recovery', `${ID}.sealed`))).includes('日本'), 'nothing of it can be read').toBe(false)
})

test('of no rows there is no file, and one that fails on the way leaves none', async () => {
  const part = { id: ID.replace(/1$/, '2'), key_id: await keys.create('recovery') }
  const before = await files()
  expect(await writeRecoveryPart(ctx, part, of([]))).toBe(0)
  const failing = async function* (): AsyncGenerator<CopiedRow> {
    yield ['1']
    throw new Error('the source broke')
  }
  await expect(writeRecoveryPart(ctx, part, failing())).rejects.toThrow('the source broke')
  expect(await files()).toEqual(before)
})

test('a shredded copy opens for nobody, not even from bytes that somebody kept aside', async () => {
  const part = { id: ID, key_id: await keys.create('recovery') }
  await writeRecoveryPart(ctx, part, of([['1', 'ada@example.com']]))
  const path = join(ctx.config.home, 'recovery', `${ID}.sealed`)
  await copyFile(path, `${path}.aside`)
  await shredRecoveryCopy(ctx, { key_id: part.key_id, parts: [part] })
  await expect(all(part)).rejects.toMatchObject({ name: 'SealedFileGone' })
  await copyFile(`${path}.aside`, path)
  await expect(all(part)).rejects.toMatchObject({ name: 'SealedFileGone' })
  await shredRecoveryCopy(ctx, { key_id: part.key_id, parts: [part] })
  expect((await files()).filter((name) => name === `${ID}.sealed`)).toEqual([])
})
