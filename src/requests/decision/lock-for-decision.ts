import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { plans } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import type { PlanBody, PlanFindings } from '../../planner/shape.ts'
import { lockRequest } from '../find.ts'
import type { RequestRow } from '../transition.ts'

export interface StoredPlan {
  readonly id: string
  readonly hash: string
  readonly made_at: Date
  readonly policy_hash: string
  readonly body: PlanBody
  readonly findings: PlanFindings
}

/** The plan a case stands on; undefined before there is one. */
export async function currentPlan(ctx: Context, request: RequestRow): Promise<StoredPlan | undefined> {
  if (request.plan_id === null) return undefined
  const [row] = await ctx.db.select().from(plans).where(eq(plans.id, request.plan_id))
  if (row === undefined) return undefined
  return { ...row, body: row.body as PlanBody, findings: row.findings as PlanFindings }
}

/** The request and its plan, locked for a decision on exactly the plan that was read: another hash is `stale_plan`, another state `already_decided`. */
export async function lockForDecision(
  ctx: Context,
  reference: string,
  planHash: string,
): Promise<{ request: RequestRow; plan: StoredPlan }> {
  const request = await lockRequest(ctx, reference)
  const plan = await currentPlan(ctx, request)
  if (plan === undefined || request.state === 'planning') throw new Refusal('wrong_state')
  if (plan.hash !== planHash) throw new Refusal('stale_plan')
  if (request.state !== 'awaiting_decision') throw new Refusal('already_decided')
  return { request, plan }
}
