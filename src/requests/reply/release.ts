import { and, eq, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { archives, tasks } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { Temporal } from '../../time.ts'
import { verb } from '../../verb.ts'
import { lockRequest } from '../find.ts'
import type { RequestRow } from '../transition.ts'
import { sendReply } from './send-reply.ts'

export const releaseInput = z.strictObject({ archive_sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits') })

/** Lets the archive that somebody has looked at leave: its link goes live and the reply is sent. Another archive than that one does not leave. */
export const releaseArchive = verb(
  {
    name: 'releaseArchive',
    permission: 'cases.release',
    audit: ['request.released', 'request.delivered', 'letter.composed', 'task.opened'],
  },
  async (ctx, { reference, archive_sha256 }: z.output<typeof releaseInput> & { reference: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    if (request.state === 'delivered' || request.state === 'closed') throw new Refusal('already_decided')
    if (request.state !== 'awaiting_release') throw new Refusal('wrong_state')
    const open = await ctx.db
      .select()
      .from(tasks)
      .where(and(eq(tasks.request_id, request.id), eq(tasks.kind, 'search'), eq(tasks.state, 'open')))
    if (open.length > 0) throw new Refusal('tasks_open')
    const mine = and(eq(archives.request_id, request.id), eq(archives.sha256, archive_sha256), isNull(archives.erased_at))
    const now = ctx.clock.now()
    const expires = Temporal.Instant.fromEpochMilliseconds(now.getTime())
      .toZonedDateTimeISO(request.zone)
      .add(ctx.policy.decisions.archive_expires_after)
    const [archive] = await ctx.db
      .update(archives)
      .set({ released_at: now, expires_at: new Date(expires.epochMilliseconds) })
      .where(mine)
      .returning()
    if (archive === undefined) throw new Refusal('archive_changed')
    await ctx.record('request.released', { case: reference, archive: archive.id, sha256: archive_sha256 })
    return sendReply(ctx, request)
  },
)
