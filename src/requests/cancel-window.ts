import type { Context } from '../context.ts'
import { Temporal } from '../time.ts'
import type { RequestRow } from './transition.ts'

const DAYS_BEFORE_DUE = 5

/** The instant until which an erasure can be cancelled: the policy's window from proof, but never later than five days before the due date. */
export function cancelUntil(ctx: Context, request: RequestRow, provenAt: Date): Date {
  const seconds = ctx.demo?.cancelWindowSeconds ?? Temporal.Duration.from(ctx.policy.decisions.cancel_window).total('seconds')
  const wanted = provenAt.getTime() + seconds * 1000
  const latest = request.due_at.getTime() - DAYS_BEFORE_DUE * 86_400_000
  return new Date(Math.max(provenAt.getTime(), Math.min(wanted, latest)))
}
