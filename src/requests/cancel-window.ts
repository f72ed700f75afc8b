import type { Context } from '../context.ts'
import { Temporal } from '../time.ts'
import type { RequestRow } from './transition.ts'

const DAYS_BEFORE_DUE = 5

/**
 * The instant until which an erasure can be cancelled: the policy's window from proof, ending at least five days before the due date. Who proves
 * so late that there is no room for it keeps the whole window: an impostor's erasure is worse than a late answer.
 */
export function cancelUntil(ctx: Context, request: RequestRow, provenAt: Date): Date {
  const seconds = ctx.demo?.cancelWindowSeconds ?? Temporal.Duration.from(ctx.policy.decisions.cancel_window).total('seconds')
  const wanted = provenAt.getTime() + seconds * 1000
  const latest = request.due_at.getTime() - DAYS_BEFORE_DUE * 86_400_000
  return new Date(latest > provenAt.getTime() ? Math.min(wanted, latest) : wanted)
}
