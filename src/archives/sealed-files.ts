import { randomUUIDv7 } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Context } from '../context.ts'
import { openRange, plainLength, sealStream } from '../security/sealed-streams.ts'

export type StoreContext = Pick<Context, 'config' | 'keys'>

/** Where a sealed file lies: a folder of the state, and its id there. */
export interface SealedPlace {
  readonly folder: 'archives' | 'recovery'
  readonly id: string
}

/** What is thrown for a file that is not there any more, or whose key is shredded: nobody can read it. */
export class SealedFileGone extends Error {
  constructor() {
    super('The file or its key has been destroyed.')
    this.name = 'SealedFileGone'
  }
}

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG']
const OURS = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.sealed(?:\.part)?$/i
// Nothing takes as long to write: what is older was left behind by a process that died.
const ABANDONED_MS = 24 * 3_600_000

/**
 * A sink that seals what is written to it under the key and puts it into its place once all of it is on disk; destroyed before that, it leaves
 * nothing. Rejects with KeyGone; fails with what `full` makes when the disk is full.
 */
export async function createSealedFile(ctx: StoreContext, place: SealedPlace, keyId: string, full: () => Error): Promise<Writable> {
  const path = pathOf(ctx, place)
  const partial = `${path}.part`
  const folder = folderOf(ctx, place.folder)
  const seal = sealStream(await ctx.keys.streamKey(keyId))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await rm(partial, { force: true })
  const file = await open(partial, 'wx', 0o600)
  await removeAbandoned(folder, file)
  const onDisk = pipeline(seal, file.createWriteStream({ flush: true })).catch((error: unknown) => {
    throw FULL.includes(codeOf(error)) ? full() : error
  })
  const sink = new Writable({
    write: (bytes: Buffer, _encoding, done) => void seal.write(bytes, (error) => done(error ?? null)),
    final(done) {
      seal.end()
      void report(async () => {
        await onDisk
        await rename(partial, path)
        await syncFolder(folder)
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

/** Opens a sealed file, or the bytes `from` to `to` of it (both included, as in an HTTP Range); SealedFileGone when nobody can read it. */
export async function openSealedFile(
  ctx: StoreContext,
  place: SealedPlace,
  keyId: string,
  range?: { from: number; to: number },
): Promise<Readable> {
  const file = await open(pathOf(ctx, place), 'r').catch((error: unknown) => {
    throw codeOf(error) === 'ENOENT' ? new SealedFileGone() : error
  })
  try {
    const key = await ctx.keys.streamKey(keyId)
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
    throw error instanceof Error && error.name === 'KeyGone' ? new SealedFileGone() : error
  }
}

/** Removes a sealed file, whole or unfinished; the key is the caller's to destroy first. May be repeated. */
export async function removeSealedFile(ctx: StoreContext, place: SealedPlace): Promise<void> {
  const path = pathOf(ctx, place)
  await rm(path, { force: true })
  await rm(`${path}.part`, { force: true })
}

/**
 * Removes what processes that died have left behind in a folder: files older than a day that are not among those `inUse` says of their ids. The
 * ids of the files removed, without those that were never whole.
 */
export async function sweepSealedFiles(
  ctx: StoreContext,
  name: SealedPlace['folder'],
  inUse: (ids: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<string[]> {
  const folder = folderOf(ctx, name)
  if (!existsSync(folder)) return []
  // Named as something unfinished, so that it goes as such should this process die here.
  const probe = join(folder, `${randomUUIDv7()}.sealed.part`)
  const file = await open(probe, 'wx', 0o600)
  try {
    await removeAbandoned(folder, file)
    const old = await olderThanADay(folder, file, '.sealed')
    const ids = old.map((one) => one.slice(0, -'.sealed'.length))
    const used = ids.length === 0 ? new Set() : await inUse(ids)
    const lost = ids.filter((id) => !used.has(id))
    for (const id of lost) await rm(pathOf(ctx, { folder: name, id }), { force: true })
    return lost
  } finally {
    await file.close()
    await rm(probe, { force: true })
  }
}

function folderOf(ctx: StoreContext, name: SealedPlace['folder']): string {
  return join(ctx.config.home, name)
}

function pathOf(ctx: StoreContext, { folder, id }: SealedPlace): string {
  // Ids are ours, but a path is built from this one.
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw new Error('a sealed file has an id of another kind')
  return join(folderOf(ctx, folder), `${id}.sealed`)
}

async function removeAbandoned(folder: string, newest: FileHandle): Promise<void> {
  for (const name of await olderThanADay(folder, newest, '.sealed.part')) await rm(join(folder, name), { force: true })
}

/** Age is measured against the file just made, not against a clock: the demo moves its clock. */
async function olderThanADay(folder: string, newest: FileHandle, ending: '.sealed' | '.sealed.part'): Promise<string[]> {
  const { mtimeMs: now } = await newest.stat()
  const names = (await readdir(folder)).filter((name) => OURS.test(name) && name.endsWith(ending))
  const old: string[] = []
  for (const name of names) {
    const made = await stat(join(folder, name)).catch(() => undefined)
    if (made !== undefined && now - made.mtimeMs > ABANDONED_MS) old.push(name)
  }
  return old
}

/** Without this a name could be lost in a power failure after we have said that the file is there. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
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
