import { and, eq, isNotNull } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { intents, steps, tasks } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { enqueue } from '../../outbox.ts'
import { verb } from '../../verb.ts'
import { lockRequest } from '../find.ts'
import { transition, type RequestRow } from '../transition.ts'

/**
 * Searches and plans a case again; approvals of the earlier plan do not count for a different one. A case whose work has begun can be planned
 * again while none of its steps has changed anything.
 */
export const planRequestAgain = verb(
  { name: 'planRequestAgain', permission: 'cases.plan', audit: 'request.plan_asked' },
  async (ctx, { reference }: { reference: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    if (request.state === 'carrying_out') await dropSteps(ctx, request)
    const moved = await transition(ctx, request.id, 'planning', { approved_at: null }, ['awaiting_decision', 'approved', 'carrying_out'])
    await ctx.record('request.plan_asked', { case: reference, reason: 'asked by an operator' })
    await enqueue(ctx, 'plan_request', { request_id: request.id })
    return moved
  },
)

/** Takes the steps back, or refuses with `too_late` when one is done or may have reached its source. */
async function dropSteps(ctx: Context, request: RequestRow): Promise<void> {
  const all = await ctx.db.select().from(steps).where(eq(steps.request_id, request.id)).for('update')
  if (all.some(({ state, kind }) => state === 'running' || (state === 'done' && kind !== 'task'))) throw new Refusal('too_late')
  for (const step of all) {
    const [settled] = await ctx.db
      .select()
      .from(intents)
      .where(and(eq(intents.step_id, step.id), isNotNull(intents.settled_at)))
    const source = step.kind === 'apply' ? ctx.sources.get(step.source) : undefined
    const reached = source !== undefined && source.kind !== 'manual' && (await source.settle(step.id, 0)) !== undefined
    if (settled !== undefined || reached) throw new Refusal('too_late')
  }
  for (const { id } of all) await ctx.db.delete(intents).where(eq(intents.step_id, id))
  await ctx.db.delete(tasks).where(and(eq(tasks.request_id, request.id), eq(tasks.kind, 'search')))
  await ctx.db.delete(steps).where(eq(steps.request_id, request.id))
}
