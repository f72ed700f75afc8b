import { and, eq, isNull } from 'drizzle-orm'
import { archives } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { verb } from '../../verb.ts'
import { lockRequest } from '../find.ts'
import type { releaseInput } from './release.ts'
import type { z } from 'zod'

/** Writes down that somebody has read the texts of exactly this copy in which other people may appear. */
export const markReviewed = verb(
  { name: 'markReviewed', permission: 'cases.release', audit: 'archive.reviewed' },
  async (ctx, { reference, archive_sha256 }: z.output<typeof releaseInput> & { reference: string }): Promise<void> => {
    const request = await lockRequest(ctx, reference)
    const [archive] = await ctx.db
      .select({ id: archives.id })
      .from(archives)
      .where(and(eq(archives.request_id, request.id), eq(archives.sha256, archive_sha256), isNull(archives.erased_at)))
    if (archive === undefined) throw new Refusal('archive_changed')
    await ctx.record('archive.reviewed', { case: reference, archive: archive.id, sha256: archive_sha256 })
  },
)
