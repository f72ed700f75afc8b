import { and, asc, desc, eq } from 'drizzle-orm'
import { canonicalJson } from '../../canonical.ts'
import type { Context } from '../../context.ts'
import { plans, steps, tasks } from '../../db/schema/work.ts'
import type { PlanBody } from '../../planner/shape.ts'
import type { RequestRow } from '../transition.ts'

/**
 * What people have answered of the systems that only they can look into, by source. Answers to steps that were taken back are not among them:
 * they may be about somebody else.
 */
export async function answeredTasks(ctx: Context, requestId: string): Promise<(typeof tasks.$inferSelect)[]> {
  const answered = await ctx.db
    .select({ task: tasks })
    .from(tasks)
    .innerJoin(steps, eq(steps.id, tasks.step_id))
    .where(and(eq(steps.request_id, requestId), eq(tasks.kind, 'search'), eq(tasks.state, 'answered')))
    .orderBy(asc(tasks.source))
  return answered.map(({ task }) => task)
}

/**
 * Takes over what a person has answered for an earlier plan of the same case, so that it is not asked again; false when there is nothing that was
 * answered about the same people.
 */
export async function takeOverAnswer(
  ctx: Context,
  request: RequestRow,
  step: { readonly id: string; readonly source: string; readonly plan: { readonly id: string; readonly body: PlanBody } },
): Promise<boolean> {
  const { id: step_id, source, plan } = step
  const answered = await ctx.db
    .select({ id: tasks.id, body: plans.body })
    .from(tasks)
    .innerJoin(plans, eq(plans.id, tasks.plan_id))
    .where(and(eq(tasks.request_id, request.id), eq(tasks.kind, 'search'), eq(tasks.source, source), eq(tasks.state, 'answered')))
    .orderBy(desc(tasks.answered_at))
  const same = answered.find(({ body }) => peopleOf(body as PlanBody) === peopleOf(plan.body))
  if (same === undefined) return false
  await ctx.db.update(tasks).set({ step_id, plan_id: plan.id }).where(eq(tasks.id, same.id))
  await ctx.db.update(steps).set({ state: 'done', done_at: ctx.clock.now() }).where(eq(steps.id, step_id))
  return true
}

function peopleOf({ persons, identities, answers }: PlanBody): string {
  return canonicalJson([persons, identities, answers['identity'] ?? null])
}
