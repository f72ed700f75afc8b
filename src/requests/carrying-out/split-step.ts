import { randomUUIDv7 } from 'node:crypto'
import { and, eq, isNotNull } from 'drizzle-orm'
import { plans, steps } from '../../db/schema/work.ts'
import { enqueue } from '../../outbox.ts'
import { companyItems } from '../../planner/own-records.ts'
import type { PlanBody } from '../../planner/shape.ts'
import { verb } from '../../verb.ts'
import type { RequestRow } from '../transition.ts'
import { earlyPart } from './apply-steps.ts'
import { changesRows } from './steps-for.ts'

type Step = typeof steps.$inferSelect

/**
 * Lets a step that waits for a source that cannot be reached begin with what need not wait: that becomes a step of its own, once, and the rest
 * goes on waiting, for it too.
 */
export const splitStep = verb(
  { name: 'splitStep', permission: 'system', audit: 'step.split', quiet: true },
  async (ctx, { request, step, parked }: { request: RequestRow; step: Step; parked: readonly Step[] }): Promise<void> => {
    const [waiting] = await ctx.db.select().from(steps).where(eq(steps.id, step.id)).for('update')
    if (waiting === undefined || waiting.state !== 'ready' || waiting.collections !== null) return
    const same = and(eq(steps.request_id, request.id), eq(steps.source, step.source), isNotNull(steps.collections))
    if ((await ctx.db.select({ id: steps.id }).from(steps).where(same)).length > 0) return
    const [plan] = await ctx.db.select({ body: plans.body }).from(plans).where(eq(plans.id, step.plan_id))
    const changing = companyItems((plan?.body as PlanBody | undefined)?.items ?? []).filter(changesRows)
    const pending = changing
      .filter(({ source, collection }) => parked.some((one) => one.source === source && one.collections?.includes(collection) !== false))
      .map(({ collection }) => collection)
    const collections = earlyPart(ctx.policy, changing, step.source, new Set(pending))
    if (collections.length === 0) return
    const id = randomUUIDv7()
    const { request_id, plan_id, kind, source, position } = waiting
    await ctx.db.insert(steps).values({ id, request_id, plan_id, kind, source, position, collections, state: 'ready' })
    await ctx.db
      .update(steps)
      .set({ waits_for: [...waiting.waits_for, id] })
      .where(eq(steps.id, step.id))
    await ctx.record('step.split', { case: request.reference, step: step.id, source, into: id, waits_for: parked.map((one) => one.source) })
    await enqueue(ctx, 'carry_out_step', { step_id: id })
  },
)
