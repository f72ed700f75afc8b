import { randomUUIDv7 } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Context } from '../context.ts'
import { Refusal } from '../errors.ts'
import { openRange, plainLength, sealStream } from '../security/sealed-streams.ts'

/** What the store needs to know of an archive: columns of the table `archives`. */
export interface StoredArchive {
  readonly id: string
  readonly key_id: string
}

/** What is thrown when the disk cannot take the archive; nothing of it is left there, and the build can be tried again. */
export class ArchiveStoreFull extends Error {
  constructor(home: string) {
    super(`There is no room left under ${home} for the archive. Make room, then try the step again; nothing of the archive was kept.`)
    this.name = 'ArchiveStoreFull'
  }
}

type StoreContext = Pick<Context, 'config' | 'keys'>

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG']
const OURS = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.sealed(?:\.part)?$/i
// No build takes as long: what is older was left behind by a process that died.
const ABANDONED_MS = 24 * 3_600_000

/**
 * A sink that seals what is written to it under the key and puts it into the store once all of it is on disk; destroyed before that, it
 * leaves nothing. Rejects with KeyGone; fails with ArchiveStoreFull when the disk is full.
 */
export async function createSink(ctx: StoreContext, archiveId: string, keyId: string): Promise<Writable> {
  const path = pathOf(ctx, archiveId)
  const partial = `${path}.part`
  const seal = sealStream(await ctx.keys.streamKey(keyId))
  await mkdir(folderOf(ctx), { recursive: true, mode: 0o700 })
  await rm(partial, { force: true })
  const file = await open(partial, 'wx', 0o600)
  await removeAbandoned(ctx, file)
  const onDisk = pipeline(seal, file.createWriteStream({ flush: true })).catch((error: unknown) => {
    throw FULL.includes(codeOf(error)) ? new ArchiveStoreFull(ctx.config.home) : error
  })
  const sink = new Writable({
    write: (bytes: Buffer, _encoding, done) => void seal.write(bytes, (error) => done(error ?? null)),
    final(done) {
      seal.end()
      void report(async () => {
        await onDisk
        await rename(partial, path)
        await syncFolder(ctx)
      }, done)
    },
    destroy(error, done) {
      seal.destroy()
      void report(async () => {
        await onDisk.catch(() => undefined)
        await rm(partial, { force: true })
        if (error !== null) throw error
      }, done)
    },
  })
  // A full disk must not wait for the next write to be noticed.
  onDisk.catch((error: Error) => sink.destroy(error))
  return sink
}

/** Opens an archive, or the bytes `from` to `to` of it (both included, as in an HTTP Range); Refusal `archive_expired` when it is erased. */
export async function openArchive(ctx: StoreContext, archive: StoredArchive, range?: { from: number; to: number }): Promise<Readable> {
  const file = await open(pathOf(ctx, archive.id), 'r').catch((error: unknown) => {
    throw codeOf(error) === 'ENOENT' ? new Refusal('archive_expired') : error
  })
  try {
    const key = await ctx.keys.streamKey(archive.key_id)
    const { size } = await file.stat()
    const plain = plainLength(size)
    const bytes = openRange({ bytes: size, read: (position, length) => readAt(file, position, length) }, key, {
      start: range?.from ?? 0,
      end: range?.to ?? plain - 1,
    })
    const opened = Readable.from(bytes, { objectMode: false })
    // Not in the generator: one that was never read from is not told when its reader leaves.
    opened.once('close', () => void file.close())
    return opened
  } catch (error) {
    await file.close()
    throw error instanceof Error && error.name === 'KeyGone' ? new Refusal('archive_expired') : error
  }
}

/** Destroys an archive: its key first, then its bytes. May be repeated; an archive that is not there is erased. */
export async function eraseArchive(ctx: StoreContext, archive: StoredArchive): Promise<void> {
  await ctx.keys.shred(archive.key_id)
  await rm(pathOf(ctx, archive.id), { force: true })
  await rm(`${pathOf(ctx, archive.id)}.part`, { force: true })
}

/**
 * Removes what processes that died have left behind: files older than a day that are not among those `inUse` says of their ids. The ids of
 * the archives removed, without those that were never whole.
 */
export async function sweepStore(ctx: StoreContext, inUse: (ids: readonly string[]) => Promise<ReadonlySet<string>>): Promise<string[]> {
  const folder = folderOf(ctx)
  if (!existsSync(folder)) return []
  // Named as something unfinished, so that it goes as such should this process die here.
  const probe = join(folder, `${randomUUIDv7()}.sealed.part`)
  const file = await open(probe, 'wx', 0o600)
  try {
    await removeAbandoned(ctx, file)
    const old = await olderThanADay(ctx, file, '.sealed')
    const ids = old.map((name) => name.slice(0, -'.sealed'.length))
    const used = ids.length === 0 ? new Set() : await inUse(ids)
    const lost = ids.filter((id) => !used.has(id))
    for (const id of lost) await rm(pathOf(ctx, id), { force: true })
    return lost
  } finally {
    await file.close()
    await rm(probe, { force: true })
  }
}

function folderOf(ctx: StoreContext): string {
  return join(ctx.config.home, 'archives')
}

function pathOf(ctx: StoreContext, id: string): string {
  // Ids are ours, but a path is built from this one.
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw new Error('an archive has an id of another kind')
  return join(folderOf(ctx), `${id}.sealed`)
}

async function removeAbandoned(ctx: StoreContext, newest: FileHandle): Promise<void> {
  for (const name of await olderThanADay(ctx, newest, '.sealed.part')) await rm(join(folderOf(ctx), name), { force: true })
}

/** Age is measured against the file just made, not against a clock: the demo moves its clock. */
async function olderThanADay(ctx: StoreContext, newest: FileHandle, ending: '.sealed' | '.sealed.part'): Promise<string[]> {
  const { mtimeMs: now } = await newest.stat()
  const names = (await readdir(folderOf(ctx))).filter((name) => OURS.test(name) && name.endsWith(ending))
  const old: string[] = []
  for (const name of names) {
    const made = await stat(join(folderOf(ctx), name)).catch(() => undefined)
    if (made !== undefined && now - made.mtimeMs > ABANDONED_MS) old.push(name)
  }
  return old
}

/** Without this a name could be lost in a power failure after we have said that the archive is there. */
async function syncFolder(ctx: StoreContext): Promise<void> {
  const folder = await open(folderOf(ctx), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

async function report(work: () => Promise<void>, done: (error?: Error | null) => void): Promise<void> {
  try {
    await work()
  } catch (error) {
    return done(error instanceof Error ? error : new Error(String(error)))
  }
  done()
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
