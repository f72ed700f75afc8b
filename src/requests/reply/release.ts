import { and, eq, isNull } from 'drizzle-orm'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { auditEntries } from '../../db/schema/audit.ts'
import { archives, tasks } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { Temporal } from '../../time.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { hasSharedRows } from '../decision/approvals-needed.ts'
import { currentPlan } from '../decision/lock-for-decision.ts'
import { lockRequest } from '../find.ts'
import type { RequestRow } from '../transition.ts'
import { sendReply } from './send-reply.ts'

export const releaseInput = z.strictObject({ archive_sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits') })

/**
 * Lets the archive that somebody has looked at leave: its link goes live and the reply is sent. Another archive than that one does not leave. Naming
 * it says that one has looked at it; the audit entry says whether the texts of others were marked as read (docs/decisions/0012).
 */
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
    await refuseWhoAddedRows(ctx, request)
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
    const reviewed = await isReviewed(ctx, reference, archive_sha256)
    await ctx.record('request.released', { case: reference, archive: archive.id, sha256: archive_sha256, reviewed })
    return sendReply(ctx, request)
  },
)

/** Who has amended a copy with rows that are also somebody else's is not the one to let it go. */
async function refuseWhoAddedRows(ctx: VerbContext, request: RequestRow): Promise<void> {
  const plan = await currentPlan(ctx, request)
  if (plan === undefined || !hasSharedRows(plan.body)) return
  if (ctx.actor.kind === 'operator' && request.amended_by.includes(ctx.actor.id)) throw new Refusal('same_person')
}

async function isReviewed(ctx: Context, reference: string, sha256: string): Promise<boolean> {
  const entries = await ctx.db
    .select({ body: auditEntries.body })
    .from(auditEntries)
    .where(and(eq(auditEntries.case_reference, reference), eq(auditEntries.action, 'archive.reviewed')))
  return entries.some(({ body }) => (JSON.parse(body) as { detail?: { sha256?: string } }).detail?.sha256 === sha256)
}
