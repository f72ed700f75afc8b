import { spawnSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { createSink, eraseArchive, openArchive, sweepStore } from '../../src/archives/store.ts'
import { writeArchive } from '../../src/archives/write.ts'
import { readConfig } from '../../src/config.ts'
import { migrateKeys } from '../../src/db/migrate.ts'
import { openKeys, type Keys } from '../../src/security/keys.ts'
import { generateWrappingKey } from '../../src/security/wrapping-keys.ts'
import { createDatabase, onClose } from '../support/database.ts'
import { adasArchive, table } from './ada.ts'
import { unpack } from './unpack.ts'

let keys: Keys

beforeAll(async () => {
  const { url } = await createDatabase()
  await migrateKeys(url)
  keys = await openKeys({ url, wrappingKeys: generateWrappingKey() })
  onClose('keys', () => keys.close())
})

/** A store of its own in a new folder. */
async function store() {
  const home = await mkdtemp(join(tmpdir(), 'habeas-archives-'))
  onClose(home, () => rm(home, { recursive: true, force: true }))
  const ctx = { config: readConfig({ HABEAS_HOME: home }), keys }
  return { ctx, home, files: () => readdir(join(home, 'archives')) }
}

async function keep(ctx: Awaited<ReturnType<typeof store>>['ctx'], bytes: Uint8Array) {
  const archive = { id: randomUUID(), key_id: await keys.create('archive') }
  await pipeline(Readable.from([bytes]), await createSink(ctx, archive.id, archive.key_id))
  return archive
}

describe('an archive in the store', () => {
  test('lies there sealed, and opens to the bytes that went in', async () => {
    const { ctx, home, files } = await store()
    const id = randomUUID()
    const keyId = await keys.create('archive')
    const { bytes, sha256 } = await writeArchive(adasArchive(), await createSink(ctx, id, keyId))
    const opened = await buffer(await openArchive(ctx, { id, key_id: keyId }))
    expect(opened.length).toBe(bytes)
    expect((await unpack(opened)).get('data/machines.json')?.toString()).toContain('brass')
    expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(await files()).toEqual([`${id}.sealed`])
    const sealed = await readFile(join(home, 'archives', `${id}.sealed`))
    expect(sealed.includes('bag-info.txt')).toBe(false)
  })

  test('can be read by nobody else on the machine', async () => {
    const { ctx, home } = await store()
    const { id } = await keep(ctx, Buffer.from('hers'))
    expect((await stat(join(home, 'archives'))).mode & 0o777).toBe(0o700)
    expect((await stat(join(home, 'archives', `${id}.sealed`))).mode & 0o777).toBe(0o600)
  })

  test.each([
    [0, 0],
    [0, 199_999],
    [65_535, 65_536],
    [65_536, 131_071],
    [131_072, 131_072],
    [199_999, 199_999],
  ])('gives the bytes %i to %i, as a Range asks for them', async (from, to) => {
    const { ctx } = await store()
    const bytes = randomBytes(200_000)
    const part = await buffer(await openArchive(ctx, await keep(ctx, bytes), { from, to }))
    expect(part.equals(bytes.subarray(from, to + 1))).toBe(true)
  })

  test('gives nothing beyond its end', async () => {
    const { ctx } = await store()
    const archive = await keep(ctx, Buffer.from('hers'))
    await expect(openArchive(ctx, archive, { from: 0, to: 4 }).then(buffer)).rejects.toThrow(RangeError)
  })

  test('gives nothing when a byte of it was changed', async () => {
    const { ctx, home } = await store()
    const archive = await keep(ctx, Buffer.from('hers'))
    const path = join(home, 'archives', `${archive.id}.sealed`)
    const sealed = await readFile(path)
    sealed[40] = (sealed[40] ?? 0) ^ 1
    await writeFile(path, sealed)
    await expect(openArchive(ctx, archive).then(buffer)).rejects.toThrow('do not open')
  })

  test('lets go of its file when a reader leaves before the first byte', async () => {
    const { ctx } = await store()
    const archive = await keep(ctx, randomBytes(200_000))
    const descriptors = async () => (await readdir('/proc/self/fd')).length
    const before = await descriptors()
    for (let reader = 0; reader < 20; reader++) (await openArchive(ctx, archive)).destroy()
    await expect.poll(descriptors).toBeLessThanOrEqual(before + 1)
  })
})

describe('an archive that is erased', () => {
  test('cannot be opened again, its file and its key are gone, and another one stays', async () => {
    const { ctx, files } = await store()
    const hers = await keep(ctx, Buffer.from('hers'))
    const his = await keep(ctx, Buffer.from('his'))
    await eraseArchive(ctx, hers)
    await expect(openArchive(ctx, hers)).rejects.toMatchObject({ code: 'archive_expired' })
    await expect(keys.streamKey(hers.key_id)).rejects.toThrow('shredded')
    expect(await files()).toEqual([`${his.id}.sealed`])
    expect(String(await buffer(await openArchive(ctx, his)))).toBe('his')
  })

  test('can be erased again', async () => {
    const { ctx } = await store()
    const hers = await keep(ctx, Buffer.from('hers'))
    await eraseArchive(ctx, hers)
    await expect(eraseArchive(ctx, hers)).resolves.toBeUndefined()
  })

  test('is erased with its key even when a copy of the file is left', async () => {
    const { ctx, home } = await store()
    const hers = await keep(ctx, Buffer.from('hers'))
    const path = join(home, 'archives', `${hers.id}.sealed`)
    const copy = await readFile(path)
    await eraseArchive(ctx, hers)
    await writeFile(path, copy)
    await expect(openArchive(ctx, hers)).rejects.toMatchObject({ code: 'archive_expired' })
  })
})

describe('what was not finished', () => {
  test('leaves no file when the source fails in the middle', async () => {
    const { ctx, files } = await store()
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield randomBytes(300_000)
      throw new Error('the database went away')
    }
    const sink = await createSink(ctx, randomUUID(), await keys.create('archive'))
    const failing = table('machines', [], ['id'], { open: async () => broken() })
    await expect(writeArchive(adasArchive({ tables: [failing] }), sink)).rejects.toThrow('the database went away')
    expect(await files()).toEqual([])
  })

  test('leaves no file when it is given up before the first byte', async () => {
    const { ctx, files } = await store()
    const sink = await createSink(ctx, randomUUID(), await keys.create('archive'))
    sink.destroy()
    await expect.poll(files).toEqual([])
  })

  test('of an earlier try of the same archive is written anew', async () => {
    const { ctx, home, files } = await store()
    const archive = { id: randomUUID(), key_id: await keys.create('archive') }
    await keep(ctx, Buffer.from('somebody else'))
    await writeFile(join(home, 'archives', `${archive.id}.sealed.part`), 'half of an archive')
    await pipeline(Readable.from(['whole']), await createSink(ctx, archive.id, archive.key_id))
    expect(String(await buffer(await openArchive(ctx, archive)))).toBe('whole')
    expect((await files()).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('and is older than a day goes with the next archive; younger than a day it may still be being written', async () => {
    const { ctx, home, files } = await store()
    await keep(ctx, Buffer.from('first'))
    const [old, young] = [`${randomUUID()}.sealed.part`, `${randomUUID()}.sealed.part`]
    for (const [name, seconds] of [
      [old, 86_460],
      [young, 86_340],
    ] as const) {
      const path = join(home, 'archives', name)
      await writeFile(path, 'half')
      const made = (await stat(path)).mtimeMs / 1000 - seconds
      await utimes(path, made, made)
    }
    await keep(ctx, Buffer.from('second'))
    expect(await files()).toContain(young)
    expect(await files()).not.toContain(old)
  })

  test('is found by the sweep when nobody knows of it and it is older than a day', async () => {
    const { ctx, home, files } = await store()
    const [known, lost, young] = [
      await keep(ctx, Buffer.from('known')),
      await keep(ctx, Buffer.from('lost')),
      await keep(ctx, Buffer.from('y')),
    ]
    const half = `${randomUUID()}.sealed.part`
    await writeFile(join(home, 'archives', half), 'half')
    await writeFile(join(home, 'archives', 'notes.txt'), 'not ours')
    for (const [name, seconds] of [
      [`${known.id}.sealed`, 86_460],
      [`${lost.id}.sealed`, 86_460],
      [`${young.id}.sealed`, 86_340],
      [half, 86_460],
      ['notes.txt', 86_460],
    ] as const) {
      const path = join(home, 'archives', name)
      const made = (await stat(path)).mtimeMs / 1000 - seconds
      await utimes(path, made, made)
    }
    const asked: string[] = []
    const swept = await sweepStore(ctx, async (ids) => {
      asked.push(...ids)
      return new Set([known.id])
    })
    expect(asked.toSorted()).toEqual([known.id, lost.id].toSorted())
    expect(swept).toEqual([lost.id])
    expect((await files()).toSorted()).toEqual([`${known.id}.sealed`, `${young.id}.sealed`, 'notes.txt'].toSorted())
  })

  test('is not looked for where there is no store yet', async () => {
    const { ctx } = await store()
    expect(await sweepStore(ctx, async () => new Set())).toEqual([])
  })

  test('for want of room says so and leaves nothing', async () => {
    const { home, files } = await store()
    const source = new URL('../../src/archives/store.ts', import.meta.url).href
    const program = `
      import { createSink } from ${JSON.stringify(source)}
      import { Readable } from 'node:stream'
      import { pipeline } from 'node:stream/promises'
      import { randomBytes } from 'node:crypto'
      const ctx = { config: { home: ${JSON.stringify(home)} }, keys: { streamKey: async () => randomBytes(32) } }
      const sink = await createSink(ctx, ${JSON.stringify(randomUUID())}, 'key')
      const endless = function* () { for (;;) yield randomBytes(65536) }
      await pipeline(Readable.from(endless()), sink).catch((error) => console.log(error.name + ': ' + error.message))
      await new Promise((resolve) => sink.closed ? resolve() : sink.once('close', resolve))`
    // A limit on the size of files is a full disk for one process, and needs no disk of its own.
    const ran = spawnSync('sh', ['-c', 'ulimit -f 1000; exec "$0" --input-type=module -e "$1"', process.execPath, program], {
      encoding: 'utf8',
      timeout: 30_000,
    })
    expect(ran.stdout).toContain('ArchiveStoreFull: There is no room left under')
    expect(await files()).toEqual([])
  })
})

test('an id that is no id never becomes a path', async () => {
  const { ctx } = await store()
  await expect(openArchive(ctx, { id: '../../etc/passwd', key_id: 'key' })).rejects.toThrow('id of another kind')
})
