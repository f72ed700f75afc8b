import { and, asc, eq, isNotNull, sql } from 'drizzle-orm'
import { archives } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { verb } from '../../verb.ts'
import { lockRequest, ownRequest } from '../find.ts'

const FRESH_MS = 10 * 60_000

export type ArchiveRow = typeof archives.$inferSelect

/** Bytes of an archive, both ends included, as in an HTTP Range. */
export interface Bytes {
  readonly from: number
  readonly to: number
}

/** A download that may begin: what of which archive, and whether it holds one of the places that complete downloads have. */
export interface Begun {
  readonly archive: ArchiveRow
  readonly range: Bytes | undefined
  readonly place: boolean
}

/**
 * Lets a person begin to fetch their archive: released, not expired, with a code that was typed in the last ten minutes and after the reply
 * (design.md §5). What may end as a complete download takes its place now, so that of many begun at once no more than allowed go on;
 * `endDownload` says what became of it. `readRange` reads the bytes that are asked for, once it is known how many there are.
 */
export const beginDownload = verb(
  { name: 'beginDownload', permission: 'subject', audit: 'archive.downloaded' },
  async (
    ctx,
    { reference, part, readRange }: { reference: string; part: number; readRange: (archive: ArchiveRow) => Bytes | undefined },
  ): Promise<Begun> => {
    const request = await ownRequest(ctx, reference)
    const now = ctx.clock.now()
    const typed = ctx.actor.kind === 'subject' ? ctx.actor.codeTypedAt.getTime() : 0
    if (now.getTime() - typed > FRESH_MS) throw new Refusal('fresh_code_required')
    // Who could read the mailbox when the request was made need not be who reads it when the copy lies ready.
    if (request.delivered_at === null || typed < request.delivered_at.getTime()) throw new Refusal('fresh_code_required')
    const [archive] = await ctx.db
      .select()
      .from(archives)
      .where(and(eq(archives.request_id, request.id), eq(archives.part, part), isNotNull(archives.released_at)))
      .for('update')
    if (archive === undefined || (request.state !== 'delivered' && request.state !== 'closed')) throw new Refusal('fresh_code_required')
    if (archive.erased_at !== null || archive.expires_at <= now) throw new Refusal('archive_expired')
    if (archive.downloads >= ctx.policy.decisions.downloads) throw new Refusal('downloads_used_up')
    const range = readRange(archive)
    const place = mayComplete(archive, range)
    if (place)
      await ctx.db
        .update(archives)
        .set({ downloads: archive.downloads + 1 })
        .where(eq(archives.id, archive.id))
    await ctx.record('archive.downloaded', {
      case: request.reference,
      archive: archive.id,
      range: range !== undefined,
      downloads: archive.downloads + (place ? 1 : 0),
    })
    return { archive, range, place }
  },
)

/** The whole, its end, or more than half of it: whoever has that has the copy, or all but a last byte of it. */
function mayComplete(archive: ArchiveRow, range: Bytes | undefined): boolean {
  return range === undefined || range.to === archive.bytes - 1 || (range.to - range.from + 1) * 2 > archive.bytes
}

/** Writes down how a download ended that held a place: one that broke off before its end gives the place back. */
export const endDownload = verb(
  { name: 'endDownload', permission: 'subject', audit: 'archive.downloaded' },
  async (ctx, { reference, archive_id: id, complete }: { reference: string; archive_id: string; complete: boolean }): Promise<void> => {
    const request = await ownRequest(ctx, reference)
    const [archive] = await ctx.db
      .update(archives)
      .set({ downloads: complete ? archives.downloads : sql`greatest(${archives.downloads} - 1, 0)` })
      .where(and(eq(archives.id, id), eq(archives.request_id, request.id)))
      .returning()
    await ctx.record('archive.downloaded', { case: request.reference, archive: id, complete, downloads: archive?.downloads ?? 0 })
  },
)

/** The built archive as a reviewer opens it: before it leaves, and every look is written down. */
export const archiveForReview = verb(
  { name: 'archiveForReview', permission: 'cases.release', audit: 'archive.viewed' },
  async (ctx, { reference }: { reference: string }): Promise<ArchiveRow> => {
    const request = await lockRequest(ctx, reference)
    const [archive] = await ctx.db.select().from(archives).where(eq(archives.request_id, request.id)).orderBy(asc(archives.part))
    if (archive === undefined) throw new Refusal('not_found')
    if (archive.erased_at !== null) throw new Refusal('archive_expired')
    await ctx.record('archive.viewed', { case: reference, archive: archive.id, sha256: archive.sha256 })
    return archive
  },
)
