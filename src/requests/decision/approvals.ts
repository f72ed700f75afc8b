import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { operators } from '../../db/schema/running.ts'
import { approvals } from '../../db/schema/work.ts'
import type { RequestRow } from '../transition.ts'

type Approval = typeof approvals.$inferSelect

/** Whether an approval counts for a plan: given for exactly this one, not void, and by nobody who opened or amended the case (design.md §2.4). */
export function countsFor(
  { plan_hash, operator_id, voided_at }: Pick<Approval, 'plan_hash' | 'operator_id' | 'voided_at'>,
  request: Pick<RequestRow, 'opened_by' | 'amended_by'>,
  planHash: string | undefined,
): boolean {
  return voided_at === null && plan_hash === planHash && request.opened_by !== operator_id && !request.amended_by.includes(operator_id)
}

/** The approvals of a case that count for a plan, each with the role of who gave it. */
export async function approvalsFor(ctx: Context, request: RequestRow, planHash: string): Promise<readonly (Approval & { role: string })[]> {
  const given = await ctx.db
    .select({ approval: approvals, role: operators.role })
    .from(approvals)
    .innerJoin(operators, eq(operators.id, approvals.operator_id))
    .where(eq(approvals.request_id, request.id))
  return given.filter(({ approval }) => countsFor(approval, request, planHash)).map(({ approval, role }) => ({ ...approval, role }))
}

/** Whether these are enough: an operator with the grant `approver` may be the second voice, never all of them (design.md §2.4). */
export function areEnough(given: readonly { readonly role: string }[], needed: number): boolean {
  return given.length >= needed && (needed === 0 || given.some(({ role }) => role === 'dpo'))
}

/** Voids what was agreed to so far: the same plan has to be agreed to anew, by the same people if they will. */
export async function voidApprovals(ctx: Context, request: Pick<RequestRow, 'id'>): Promise<void> {
  await ctx.db
    .update(approvals)
    .set({ voided_at: ctx.clock.now() })
    .where(and(eq(approvals.request_id, request.id), isNull(approvals.voided_at)))
}
