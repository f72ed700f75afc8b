import { and, asc, eq, isNotNull, lt, sql } from 'drizzle-orm'
import { archives } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { verb } from '../../verb.ts'
import { lockRequest, ownRequest } from '../find.ts'

const FRESH_MS = 10 * 60_000

export type ArchiveRow = typeof archives.$inferSelect

/** The archive a person may fetch now: released, not expired, with a code that was typed in the last ten minutes (design.md §5). */
export const archiveForDownload = verb(
  { name: 'archiveForDownload', permission: 'subject', audit: 'archive.downloaded' },
  async (ctx, { reference, part, range }: { reference: string; part: number; range: boolean }): Promise<ArchiveRow> => {
    const request = await ownRequest(ctx, reference)
    const now = ctx.clock.now()
    const typed = ctx.actor.kind === 'subject' ? ctx.actor.codeTypedAt.getTime() : 0
    if (now.getTime() - typed > FRESH_MS) throw new Refusal('fresh_code_required')
    const [archive] = await ctx.db
      .select()
      .from(archives)
      .where(and(eq(archives.request_id, request.id), eq(archives.part, part), isNotNull(archives.released_at)))
    if (archive === undefined || (request.state !== 'delivered' && request.state !== 'closed')) throw new Refusal('fresh_code_required')
    if (archive.erased_at !== null || archive.expires_at <= now) throw new Refusal('archive_expired')
    if (archive.downloads >= ctx.policy.decisions.downloads) throw new Refusal('downloads_used_up')
    await ctx.record('archive.downloaded', { case: request.reference, archive: archive.id, range, complete_so_far: archive.downloads })
    return archive
  },
)

/** Counts a download that reached its end; the sixth is refused before it begins. */
export const countDownload = verb(
  { name: 'countDownload', permission: 'subject', audit: 'archive.downloaded' },
  async (ctx, { reference, archive_id: id }: { reference: string; archive_id: string }): Promise<void> => {
    const request = await ownRequest(ctx, reference)
    const [archive] = await ctx.db
      .update(archives)
      .set({ downloads: sql`${archives.downloads} + 1` })
      .where(and(eq(archives.id, id), lt(archives.downloads, 1_000)))
      .returning()
    await ctx.record('archive.downloaded', {
      case: request.reference,
      archive: id,
      complete: true,
      complete_so_far: archive?.downloads ?? 0,
    })
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
