import type { Readable, Writable } from 'node:stream'
import { Refusal } from '../errors.ts'
import { createSealedFile, openSealedFile, removeSealedFile, SealedFileGone, sweepSealedFiles, type StoreContext } from './sealed-files.ts'

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

/**
 * A sink that seals what is written to it under the key and puts it into the store once all of it is on disk; destroyed before that, it
 * leaves nothing. Rejects with KeyGone; fails with ArchiveStoreFull when the disk is full.
 */
export function createSink(ctx: StoreContext, archiveId: string, keyId: string): Promise<Writable> {
  return createSealedFile(ctx, { folder: 'archives', id: archiveId }, keyId, () => new ArchiveStoreFull(ctx.config.home))
}

/** Opens an archive, or the bytes `from` to `to` of it (both included, as in an HTTP Range); Refusal `archive_expired` when it is erased. */
export async function openArchive(ctx: StoreContext, archive: StoredArchive, range?: { from: number; to: number }): Promise<Readable> {
  try {
    return await openSealedFile(ctx, { folder: 'archives', id: archive.id }, archive.key_id, range)
  } catch (error) {
    throw error instanceof SealedFileGone ? new Refusal('archive_expired') : error
  }
}

/** Destroys an archive: its key first, then its bytes. May be repeated; an archive that is not there is erased. */
export async function eraseArchive(ctx: StoreContext, archive: StoredArchive): Promise<void> {
  await ctx.keys.shred(archive.key_id)
  await removeSealedFile(ctx, { folder: 'archives', id: archive.id })
}

/**
 * Removes what processes that died have left behind: files older than a day that are not among those `inUse` says of their ids. The ids of
 * the archives removed, without those that were never whole.
 */
export function sweepStore(ctx: StoreContext, inUse: (ids: readonly string[]) => Promise<ReadonlySet<string>>): Promise<string[]> {
  return sweepSealedFiles(ctx, 'archives', inUse)
}
