import { randomUUIDv7 } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { plans, steps, tasks } from '../../db/schema/work.ts'
import { enqueue } from '../../outbox.ts'
import { rowLimit, staysWithin } from '../../planner/plan.ts'
import type { PlanBody } from '../../planner/shape.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import type { Right } from '../../policy/schema.ts'
import { Temporal } from '../../time.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { draftPlan, type Draft } from '../planning/draft-plan.ts'
import { storePlan } from '../planning/plan-request.ts'
import { transitionIf, type RequestRow } from '../transition.ts'
import { stepsFor } from './steps-for.ts'

/**
 * Begins the work of an approved plan. The sources are read again first: what stays within the approved plan is done, new rows of the same
 * identity included; anything else is planned again and its approvals are void (design.md §2.4).
 */
export async function startCarryingOut(ctx: Context, request: RequestRow): Promise<void> {
  if (request.plan_id === null) throw new Error(`the case ${request.reference} is approved without a plan`)
  const [approved] = await ctx.db.select().from(plans).where(eq(plans.id, request.plan_id))
  if (approved === undefined) throw new Error(`the plan of the case ${request.reference} is gone`)
  const fresh = await draftPlan(ctx, request)
  const approvedBody = approved.body as PlanBody
  if (staysWithin(approvedBody, fresh.plan.body) && withinLimits(approvedBody, approved.findings as Findings, fresh)) {
    await openSteps(ctx, { request, approvedHash: approved.hash, fresh })
  } else {
    await planAgain(ctx, { request })
  }
}

interface Findings {
  readonly rows: Readonly<Record<string, number>>
}

function withinLimits(approved: PlanBody, findings: Findings, fresh: Draft): boolean {
  return fresh.plan.body.items.every(
    ({ collection }) => (fresh.plan.findings.rows[collection] ?? 0) <= rowLimit(approved.limits, findings.rows[collection] ?? 0),
  )
}

const planAgain = verb(
  { name: 'planAgain', permission: 'system', audit: 'request.plan_asked', quiet: true },
  async (ctx, { request }: { request: RequestRow }): Promise<void> => {
    const moved = await transitionIf(ctx, request.id, 'planning', { approved_at: null }, ['approved'])
    if (moved === undefined) return
    await ctx.record('request.plan_asked', { case: request.reference, reason: 'the sources or the policy have changed since the approval' })
    await enqueue(ctx, 'plan_request', { request_id: request.id })
  },
)

const openSteps = verb(
  { name: 'openSteps', permission: 'system', audit: ['request.carrying_out', 'task.opened'], quiet: true },
  async (ctx, { request, approvedHash, fresh }: { request: RequestRow; approvedHash: string; fresh: Draft }): Promise<void> => {
    const moved = await transitionIf(ctx, request.id, 'carrying_out', {}, ['approved'])
    if (moved === undefined) return
    // The case keeps the plan that was approved; its steps follow the one of this minute, which decides nothing beyond it.
    const planId = await storePlan(ctx, request, fresh)
    await ctx.record('request.carrying_out', { case: request.reference, approved: approvedHash, plan: fresh.plan.hash })
    let position = 0
    for (const step of stepsFor(ctx.policy, fresh.plan.body)) {
      const stepId = randomUUIDv7()
      await ctx.db
        .insert(steps)
        .values({ id: stepId, request_id: request.id, plan_id: planId, ...step, position: position++, state: 'ready' })
      if (step.kind === 'task') await openTask(ctx, request, stepId, step.source)
      if (step.kind === 'apply' || step.kind === 'record') await enqueue(ctx, 'carry_out_step', { step_id: stepId })
    }
    await enqueue(ctx, 'advance_request', { request_id: request.id })
  },
)

async function openTask(ctx: VerbContext, request: RequestRow, stepId: string, sourceId: string): Promise<void> {
  const source = ctx.policy.sources.get(sourceId)
  if (source === undefined) throw new Error(`the policy has no source ${sourceId}`)
  const asks = RIGHT_TABLE[request.right as Right].asks
  const instructions = `${source.instructions ?? `Search ${source.label} for this person.`} The person asked ${asks}.`
  const wanted = Temporal.Instant.fromEpochMilliseconds(ctx.clock.now().getTime())
    .toZonedDateTimeISO(request.zone)
    .add(source.answer_within)
  const dueAt = new Date(Math.min(wanted.epochMilliseconds, request.due_at.getTime()))
  const id = randomUUIDv7()
  await ctx.db
    .insert(tasks)
    .values({ id, request_id: request.id, step_id: stepId, source: sourceId, instructions, due_at: dueAt, state: 'open' })
  await ctx.record('task.opened', { case: request.reference, task: id, source: sourceId, due_at: dueAt.toISOString() })
}
