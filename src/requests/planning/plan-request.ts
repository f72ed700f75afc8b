import { randomUUIDv7 } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { actingAs, type Context } from '../../context.ts'
import { answers, plans } from '../../db/schema/work.ts'
import { enqueue } from '../../outbox.ts'
import { openQuestions, outgrows } from '../../planner/plan.ts'
import { cannotIdentify } from '../../letters/cannot-identify.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { composeLetter } from '../compose-letter.ts'
import { approvalsFor, areEnough, voidApprovals } from '../decision/approvals.ts'
import { approvalsNeeded } from '../decision/approvals-needed.ts'
import { currentPlan } from '../decision/lock-for-decision.ts'
import { requestById } from '../find.ts'
import { letterCase } from '../letter-case.ts'
import { transition, type RequestRow } from '../transition.ts'
import { draftPlan, type Draft } from './draft-plan.ts'
import { NOBODY } from './survey.ts'

/** Searches every source and writes the plan of a request that is in `planning`; rings twice without harm. */
export async function planRequest(ctx: Context, { request_id: id }: { request_id: string }): Promise<void> {
  const system = actingAs(ctx, { kind: 'system', name: 'planner' })
  const request = await requestById(system, id)
  if (request === undefined || request.state !== 'planning') return
  const draft = await draftPlan(system, request)
  await recordPlan(system, { request, draft })
}

/** Writes a plan down and moves on: to people when they must decide, else to the work. */
const recordPlan = verb(
  {
    name: 'recordPlan',
    permission: 'system',
    audit: ['request.planned', 'request.approved', 'request.refused', 'letter.composed'],
    quiet: true,
  },
  async (ctx, { request, draft }: { request: RequestRow; draft: Draft }): Promise<void> => {
    const { plan } = draft
    const current = await requestById(ctx, request.id, { lock: true })
    // Somebody has answered, amended or withdrawn since this was drafted: that one's own job plans.
    if (current?.state !== 'planning' || current.state_at.getTime() !== request.state_at.getTime()) return
    const earlier = await currentPlan(ctx, current)
    if (earlier !== undefined && outgrows(earlier, plan)) await voidApprovals(ctx, current)
    const planId = await storePlan(ctx, request, draft)
    const needed = approvalsNeeded(plan.body)
    await ctx.record('request.planned', {
      case: request.reference,
      plan: plan.hash,
      items: plan.body.items.length,
      questions: plan.body.questions.length,
    })
    if (plan.body.answers['identity'] === NOBODY && openQuestions(plan.body).length === 0) return cannotTell(ctx, request, planId)
    // Approvals are kept under the hash they were given for; those of people who have amended the case since count no more.
    if (!areEnough(await approvalsFor(ctx, current, plan.hash), needed) || openQuestions(plan.body).length > 0) {
      await transition(ctx, request.id, 'awaiting_decision', { plan_id: planId, approvals_needed: needed, approved_at: null }, ['planning'])
      return
    }
    await transition(ctx, request.id, 'approved', { plan_id: planId, approvals_needed: needed, approved_at: ctx.clock.now() }, ['planning'])
    await ctx.record('request.approved', { case: request.reference, plan: plan.hash, by: 'policy' })
    await enqueue(ctx, 'advance_request', { request_id: request.id }, request.cancel_until ?? undefined)
  },
)

/** A person has said that we cannot tell whose request it is: told so, with the remedies (Art. 11(2), 12(2) and (4) GDPR). */
async function cannotTell(ctx: VerbContext, request: RequestRow, planId: string): Promise<void> {
  const letter = await composeLetter(ctx, request, 'cannot_identify', cannotIdentify(letterCase(ctx, request)))
  const changes = { plan_id: planId, outcome: 'refused', refusal_ground: 'NOT_IDENTIFIABLE', reply_letter_id: letter ?? null }
  await transition(ctx, request.id, 'refused', changes, ['planning'])
  await ctx.record('request.refused', { case: request.reference, ground: 'NOT_IDENTIFIABLE' })
}

/** Stores a plan with the identities it was made for, sealed; returns its id. */
export async function storePlan(ctx: Context, request: RequestRow, { plan, frozen }: Draft): Promise<string> {
  const id = randomUUIDv7()
  await ctx.db.insert(plans).values({
    id,
    request_id: request.id,
    hash: plan.hash,
    policy_hash: ctx.policy.hash,
    body: plan.body,
    findings: plan.findings,
    identities: await ctx.keys.seal(request.key_id, `plans.identities:${id}`, JSON.stringify(frozen)),
    made_at: ctx.clock.now(),
  })
  return id
}

/** The answers that were given to a plan's questions, by question. */
export async function answersOf(ctx: Context, requestId: string): Promise<Record<string, string>> {
  const rows = await ctx.db.select().from(answers).where(eq(answers.request_id, requestId))
  return Object.fromEntries(rows.map(({ question, choice }) => [question, choice]))
}
