import { and, asc, eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { archives, receipts, tasks } from '../../db/schema/work.ts'
import type { PlanBody } from '../../planner/shape.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import type { VerbContext } from '../../verb.ts'
import { composeLetter } from '../compose-letter.ts'
import { currentPlan } from '../decision/lock-for-decision.ts'
import { outcomeOf } from '../outcome.ts'
import { transition, type RequestRow } from '../transition.ts'
import { replyLetter, type ReplyFacts } from './reply-letter.ts'

/** Writes and sends the reply of a case and moves it to `delivered`. Declares `request.delivered` and `letter.composed`. */
export async function sendReply(ctx: VerbContext, request: RequestRow): Promise<RequestRow> {
  const plan = await currentPlan(ctx, request)
  if (plan === undefined) throw new Error(`the case ${request.reference} has no plan to answer from`)
  const facts = await factsOf(ctx, request, plan.body)
  const letter = await composeLetter(ctx, request, 'reply', replyLetter(ctx, request, plan.body, facts))
  const delivered = await transition(ctx, request.id, 'delivered', {
    outcome: facts.outcome,
    reply_letter_id: letter ?? null,
    delivered_at: ctx.clock.now(),
  })
  await ctx.record('request.delivered', { case: request.reference, outcome: facts.outcome })
  return delivered
}

async function factsOf(ctx: Context, request: RequestRow, body: PlanBody): Promise<ReplyFacts> {
  const stated = await ctx.db.select().from(receipts).where(eq(receipts.request_id, request.id)).orderBy(asc(receipts.at))
  const answered = await ctx.db
    .select()
    .from(tasks)
    .where(and(eq(tasks.request_id, request.id), eq(tasks.state, 'answered')))
  const [archive] = await ctx.db.select().from(archives).where(eq(archives.request_id, request.id)).orderBy(asc(archives.part))
  const rows: Record<string, number> = {}
  for (const { body: receipt } of stated) {
    if (receipt['would'] === true) continue
    for (const [collection, count] of Object.entries(receipt['rows'] as Record<string, number>))
      rows[collection] = (rows[collection] ?? 0) + count
  }
  const foundByPeople = answered.filter(({ found }) => found === true).map(({ source }) => ctx.policy.sources.get(source)?.label ?? source)
  return {
    outcome: outcomeOf(body, foundByPeople.length > 0, RIGHT_TABLE[body.right].effect === 'record'),
    rows,
    foundByPeople,
    archive: archive === undefined ? undefined : { bytes: archive.bytes, expires_at: archive.expires_at.toISOString() },
  }
}
