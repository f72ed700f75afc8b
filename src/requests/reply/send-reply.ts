import { asc, eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { archives, receipts } from '../../db/schema/work.ts'
import type { Answered, ReplyFacts, UnfetchedCopy } from '../../letters/letter-case.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import type { Policy } from '../../policy/schema.ts'
import type { VerbContext } from '../../verb.ts'
import { answeredTasks } from '../carrying-out/answered-tasks.ts'
import { composeLetter } from '../compose-letter.ts'
import { currentPlan, type StoredPlan } from '../decision/lock-for-decision.ts'
import { outcomeOf } from '../outcome.ts'
import { copyOfPerson } from '../recovery/copies.ts'
import { destroyEarlierCopies, type EarlierCopies } from '../recovery/erased-again.ts'
import { transition, type RequestRow } from '../transition.ts'
import { eraseEarlierArchives } from './erase-earlier-archives.ts'
import { openNotices } from './open-notices.ts'
import { dayOf, replyLetter, type Reply } from './reply-letter.ts'

/**
 * Writes and sends the reply of a case and moves it to `delivered`. Declares `request.delivered`,
 * `letter.composed` and `task.opened`, for an erasure also `archive.erased` and
 * `recovery.destroyed`.
 */
export async function sendReply(ctx: VerbContext, request: RequestRow): Promise<RequestRow> {
  const plan = await currentPlan(ctx, request)
  if (plan === undefined) throw new Error(`the case ${request.reference} has no plan to answer from`)
  const erases = RIGHT_TABLE[plan.body.right].effect === 'erase'
  const unfetched = erases ? await eraseEarlierArchives(ctx, request, plan.body) : []
  const earlier = erases ? await destroyEarlierCopies(ctx, request, plan.body) : undefined
  const reply = await replyOf(ctx, request, plan, { unfetched, earlier })
  const letter = await composeLetter(ctx, request, 'reply', replyLetter(ctx, request, reply))
  const delivered = await transition(ctx, request.id, 'delivered', {
    outcome: reply.outcome,
    reply_letter_id: letter ?? null,
    delivered_at: ctx.clock.now(),
  })
  await openNotices(ctx, request, plan.body)
  await ctx.record('request.delivered', { case: request.reference, outcome: reply.outcome })
  return delivered
}

/** What earlier cases of the same person had left when this one was answered. */
interface EarlierCases {
  readonly unfetched: readonly UnfetchedCopy[]
  readonly earlier: EarlierCopies | undefined
}

async function replyOf(ctx: Context, request: RequestRow, plan: StoredPlan, { unfetched, earlier }: EarlierCases): Promise<Reply> {
  const [archive] = await ctx.db.select().from(archives).where(eq(archives.request_id, request.id)).orderBy(asc(archives.part))
  const copy = await copyOfPerson(ctx, request)
  const answers = await answersOf(ctx, request)
  return {
    outcome: outcomeOf(
      plan.body,
      plan.findings,
      answers.some(({ found }) => found),
      answers.some(({ kept_back }) => kept_back !== undefined),
    ),
    facts: {
      policy: ctx.policy,
      body: plan.body,
      done_on: dayOf(ctx.clock.now(), request.zone),
      rows: await rowsDone(ctx, request, plan),
      answers,
      unfetched,
      ...(copy !== undefined && {
        recovery: { last_day: dayOf(new Date(copy.until.getTime() - 1), request.zone), categories: copy.categories },
      }),
      ...(earlier !== undefined && { earlier_copy: toldOf(earlier, request) }),
      redactions: plan.body.hidden.map(({ collection, field, cells }) => hiddenInWords(ctx.policy, collection, field, cells)),
    },
    archive,
  }
}

function toldOf({ destroyed, kept_until }: EarlierCopies, { zone }: RequestRow): NonNullable<ReplyFacts['earlier_copy']> {
  return {
    destroyed: destroyed > 0,
    ...(kept_until !== undefined && { last_day: dayOf(new Date(kept_until.getTime() - 1), zone) }),
  }
}

/** What people answered of the systems that only they can look into. */
async function answersOf(ctx: Context, request: RequestRow): Promise<Answered[]> {
  const answered = await answeredTasks(ctx, request.id)
  return Promise.all(
    answered.map(async ({ id, source, found, ground, facts }): Promise<Answered> => {
      if (ground === null || facts === null) return { source, found: found === true }
      return { source, found: found === true, kept_back: { ground, facts: await ctx.keys.open(`tasks.facts:${id}`, facts) } }
    }),
  )
}

/** Rows that really were changed or erased, from the receipts; for a copy, the rows that were found. */
async function rowsDone(ctx: Context, request: RequestRow, plan: StoredPlan): Promise<Record<string, number>> {
  const stated = await ctx.db.select().from(receipts).where(eq(receipts.request_id, request.id))
  // What was put back is no part of what was done.
  const done = stated.filter(({ body }) => body['would'] !== true && body['kind'] !== 'recovery')
  if (done.length === 0) return { ...plan.findings.rows }
  const rows: Record<string, number> = {}
  for (const { body } of done) {
    for (const [collection, count] of Object.entries(body['rows'] as Record<string, number>))
      rows[collection] = (rows[collection] ?? 0) + count
  }
  return rows
}

function hiddenInWords(policy: Policy, id: string, field: string, cells: number): { what: string; reason: string } {
  const collection = policy.collections.get(id) ?? policy.collections.get(id.replace(/_shared$/, ''))
  const what = `${collection?.label ?? id}: ${collection?.fields[field]?.label ?? field}`
  return { what, reason: `${cells} ${cells === 1 ? 'text is' : 'texts are'} about other people` }
}
