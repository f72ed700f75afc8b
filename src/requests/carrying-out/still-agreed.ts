import type { Context } from '../../context.ts'
import { staysWithin } from '../../planner/plan.ts'
import { draftPlan } from '../planning/draft-plan.ts'
import { withPlan, type ClaimedStep } from './claim.ts'

/**
 * The step as it may be done at this minute: planned again from the sources and still within what people agreed to. Undefined when an address
 * leads to somebody else by now, a hold has come, or anything new was found: a step may wait for days, and its plan is not its leave.
 */
export async function stillAgreed(ctx: Context, claimed: ClaimedStep): Promise<ClaimedStep | undefined> {
  const fresh = await draftPlan(ctx, claimed.request)
  // Another step of the case may have erased the person's own row already: fewer persons are fine for an effect, never for a copy.
  const persons = claimed.step.kind === 'archive' ? 'same' : 'fewer'
  if (!staysWithin(claimed.approved.body, fresh.plan.body, persons)) return undefined
  return withPlan(ctx, claimed, { body: fresh.plan.body, frozen: fresh.frozen })
}

/** What the operators read on a step that is no longer agreed to. */
export function notAgreedAnyMore({ step }: ClaimedStep): string {
  return `${step.source}: what the sources hold has changed since the approval, so nothing was done. Plan the case again.`
}
