import { randomUUIDv7 } from 'node:crypto'
import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { operators } from '../../db/schema/running.ts'
import { plans, steps, tasks } from '../../db/schema/work.ts'
import { enqueue } from '../../outbox.ts'
import { outgrows, staysWithin } from '../../planner/plan.ts'
import type { PlanBody, PlanFindings } from '../../planner/shape.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import type { Right } from '../../policy/schema.ts'
import { SourceError } from '../../sources/source.ts'
import { Temporal } from '../../time.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { voidApprovals } from '../decision/approvals.ts'
import { draftPlan, type Draft } from '../planning/draft-plan.ts'
import { storePlan } from '../planning/plan-request.ts'
import { transitionIf, type RequestRow } from '../transition.ts'
import { takeOverAnswer } from './answered-tasks.ts'
import { stepsFor } from './steps-for.ts'

/**
 * Begins the work of an approved plan. The sources are read again first: what stays within the approved plan is done, new rows of the same
 * identity included; anything else is planned again and its approvals are void (design.md §2.4).
 */
export async function startCarryingOut(ctx: Context, request: RequestRow): Promise<void> {
  if (request.plan_id === null) throw new Error(`the case ${request.reference} is approved without a plan`)
  const [approved] = await ctx.db.select().from(plans).where(eq(plans.id, request.plan_id))
  if (approved === undefined) throw new Error(`the plan of the case ${request.reference} is gone`)
  const fresh = await draftPlan(ctx, request).catch((error: unknown) => undefinedWhenDown(ctx, error))
  const approvedBody = approved.body as PlanBody
  if (fresh === undefined) {
    await openSteps(ctx, { request, approvedHash: approved.hash, going: { id: approved.id, hash: approved.hash, body: approvedBody } })
  } else if (
    staysWithin(approvedBody, fresh.plan.body) &&
    !outgrows({ body: approvedBody, findings: approved.findings as PlanFindings }, fresh.plan)
  ) {
    await openSteps(ctx, { request, approvedHash: approved.hash, going: fresh })
  } else {
    await planAgain(ctx, { request })
  }
}

/**
 * A source that does not answer delays its own step, not the whole case: then the steps go by the approved plan, and each looks again before it
 * does anything. Where that source could say that somebody else is meant by now, everything waits for it.
 */
function undefinedWhenDown(ctx: Context, error: unknown): undefined {
  const persons = [...ctx.policy.collections.values()].filter(({ is_person }) => is_person)
  if (!(error instanceof SourceError) || persons.some(({ source }) => source === error.source)) throw error
}

/** The plan that was approved, when no fresh one can be made. */
type Approved = Readonly<{ id: string; hash: string; body: PlanBody }>

const planAgain = verb(
  { name: 'planAgain', permission: 'system', audit: 'request.plan_asked', quiet: true },
  async (ctx, { request }: { request: RequestRow }): Promise<void> => {
    const moved = await transitionIf(ctx, request.id, 'planning', { approved_at: null }, ['approved'])
    if (moved === undefined) return
    await voidApprovals(ctx, request)
    await ctx.record('request.plan_asked', { case: request.reference, reason: 'the sources or the policy have changed since the approval' })
    await enqueue(ctx, 'plan_request', { request_id: request.id })
  },
)

const openSteps = verb(
  { name: 'openSteps', permission: 'system', audit: ['request.carrying_out', 'task.opened'], quiet: true },
  async (ctx, { request, approvedHash, going }: { request: RequestRow; approvedHash: string; going: Draft | Approved }): Promise<void> => {
    const moved = await transitionIf(ctx, request.id, 'carrying_out', {}, ['approved'])
    if (moved === undefined) return
    // The case keeps the plan that was approved; its steps follow the one of this minute, which decides nothing beyond it.
    const plan = 'plan' in going ? { ...going.plan, id: await storePlan(ctx, request, going) } : going
    await ctx.record('request.carrying_out', { case: request.reference, approved: approvedHash, plan: plan.hash })
    const drafts = stepsFor(ctx.policy, plan.body).map((step) => ({ ...step, id: randomUUIDv7() }))
    for (const [position, { id: stepId, collections, waits_for, ...step }] of drafts.entries()) {
      const waited = waits_for.flatMap((place) => drafts[place]?.id ?? [])
      const limits = { collections: collections === null ? null : [...collections], waits_for: waited }
      await ctx.db
        .insert(steps)
        .values({ id: stepId, request_id: request.id, plan_id: plan.id, ...step, ...limits, position, state: 'ready' })
      if (step.kind === 'task') {
        const asked = { id: stepId, source: step.source, plan }
        if (!(await takeOverAnswer(ctx, request, asked))) await openTask(ctx, request, asked)
      }
      if (step.kind === 'record' || (step.kind === 'apply' && waited.length === 0))
        await enqueue(ctx, 'carry_out_step', { step_id: stepId })
    }
    await enqueue(ctx, 'advance_request', { request_id: request.id })
  },
)

/** The operator whom the policy names, when that is one of this installation; else whoever may answer is asked. */
async function operatorOf(ctx: Context, email: string | undefined): Promise<string | null> {
  if (email === undefined) return null
  const [operator] = await ctx.db
    .select({ id: operators.id })
    .from(operators)
    .where(and(eq(operators.email, email), isNull(operators.disabled_at)))
  return operator?.id ?? null
}

/** A step that a person does, and the plan that says about whom. */
type Asked = Readonly<{ id: string; source: string; plan: { id: string } }>

async function openTask(ctx: VerbContext, request: RequestRow, { id: stepId, source: sourceId, plan }: Asked): Promise<void> {
  const source = ctx.policy.sources.get(sourceId)
  if (source === undefined) throw new Error(`the policy has no source ${sourceId}`)
  const asks = RIGHT_TABLE[request.right as Right].asks
  const instructions = `${source.instructions ?? `Search ${source.label} for this person.`} The person asked ${asks}.`
  const wanted = Temporal.Instant.fromEpochMilliseconds(ctx.clock.now().getTime())
    .toZonedDateTimeISO(request.zone)
    .add(source.answer_within)
  const dueAt = new Date(Math.min(wanted.epochMilliseconds, request.due_at.getTime()))
  const id = randomUUIDv7()
  const assignee = await operatorOf(ctx, source.assignee)
  await ctx.db.insert(tasks).values({
    id,
    request_id: request.id,
    step_id: stepId,
    plan_id: plan.id,
    source: sourceId,
    instructions,
    due_at: dueAt,
    state: 'open',
    assignee,
  })
  await ctx.record('task.opened', { case: request.reference, task: id, source: sourceId, due_at: dueAt.toISOString(), assignee })
}
