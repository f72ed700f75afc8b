import { and, eq, isNotNull } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { intents, steps } from '../../db/schema/work.ts'
import { staysWithin } from '../../planner/plan.ts'
import { draftPlan, type Trail } from '../planning/draft-plan.ts'
import { withPlan, type ClaimedStep } from './claim.ts'

/**
 * The step as it may be done at this minute: planned again from the sources and still within what people agreed to. Undefined when an address
 * leads to somebody else by now, a hold has come, or anything new was found: a step may wait for days, and its plan is not its leave.
 */
export async function stillAgreed(ctx: Context, claimed: ClaimedStep): Promise<ClaimedStep | undefined> {
  const fresh = await draftPlan(ctx, claimed.request, await trailOf(ctx, claimed))
  // Another step of the case may have erased the person's own row already: fewer persons are fine for an effect, never for a copy.
  const persons = claimed.step.kind === 'archive' ? 'same' : 'fewer'
  if (!staysWithin(claimed.approved.body, fresh.plan.body, persons)) return undefined
  return withPlan(ctx, claimed, { body: fresh.plan.body, frozen: fresh.frozen })
}

/**
 * What led to the rows, once something of this case has been done: the person's own row may have gone from one source before another could be
 * reached, and their number with it.
 */
async function trailOf(ctx: Context, { request, frozen, approved }: ClaimedStep): Promise<Trail | undefined> {
  const [begun] = await ctx.db
    .select({ id: intents.id })
    .from(intents)
    .innerJoin(steps, eq(steps.id, intents.step_id))
    .where(and(eq(steps.request_id, request.id), isNotNull(intents.settled_at)))
    .limit(1)
  if (begun === undefined) return undefined
  const { identities, questions } = approved.body
  return { identifiers: frozen.identifiers, identities, choices: questions.find(({ id }) => id === 'identity')?.choices ?? [] }
}

/** What the operators read on a step that is no longer agreed to. */
export function notAgreedAnyMore({ step }: ClaimedStep): string {
  return `${step.source}: what the sources hold has changed since the approval, so nothing was done. Plan the case again.`
}
