import { and, eq, isNotNull } from 'drizzle-orm'
import { canonicalJson } from '../../canonical.ts'
import type { Context } from '../../context.ts'
import { intents, steps } from '../../db/schema/work.ts'
import { staysWithin } from '../../planner/plan.ts'
import type { PlanItem } from '../../planner/shape.ts'
import { SourceError } from '../../sources/source.ts'
import { draftPlan, type Draft, type Trail } from '../planning/draft-plan.ts'
import { withPlan, type ClaimedStep } from './claim.ts'

/**
 * The step as it may be done at this minute: planned again from the sources and still within what people agreed to. Undefined when an address
 * leads to somebody else by now, a hold has come, or anything new was found: a step may wait for days, and its plan is not its leave.
 */
export async function stillAgreed(ctx: Context, claimed: ClaimedStep): Promise<ClaimedStep | undefined> {
  const begun = await hasBegun(ctx, claimed)
  const trail = begun ? trailOf(claimed) : undefined
  const { plan, frozen } = await draftPlan(ctx, claimed.request, trail).catch((error: unknown) => lookHere(ctx, claimed, error))
  const body = { ...plan.body, items: plan.body.items.map((item) => asApproved(claimed, item)) }
  // Another step of the case may have erased the person's own row already: fewer persons are fine for an effect, never for a copy.
  const persons = claimed.step.kind === 'archive' ? 'same' : 'fewer'
  if (!staysWithin(claimed.approved.body, body, persons)) return undefined
  return withPlan(ctx, claimed, { body, frozen })
}

/** The same item as people agreed to: whoever follows a trail knows where it leads, and not the whole way there, which the reason tells. */
function asApproved({ approved }: ClaimedStep, item: PlanItem): PlanItem {
  const same = (one: PlanItem): boolean => canonicalJson({ ...one, reason: '' }) === canonicalJson({ ...item, reason: '' })
  return approved.body.items.find(same) ?? item
}

/**
 * What led to the rows, once something of this case has been done: the person's own row may have gone from one source before another could be
 * reached, and their number with it.
 */
function trailOf({ frozen, approved }: ClaimedStep): Trail {
  const { identities, questions } = approved.body
  return { identifiers: frozen.identifiers, identities, choices: questions.find(({ id }) => id === 'identity')?.choices ?? [] }
}

/** Another source that does not answer is waited for only where it could say that somebody else is meant by now. */
async function lookHere(ctx: Context, claimed: ClaimedStep, error: unknown): Promise<Draft> {
  const { step, request } = claimed
  if (!(error instanceof SourceError) || error.source === step.source || step.kind !== 'apply') throw error
  if ([...ctx.policy.collections.values()].some(({ source, is_person }) => source === error.source && is_person)) throw error
  return draftPlan(ctx, request, { ...trailOf(claimed), only: step.source })
}

async function hasBegun(ctx: Context, { request }: ClaimedStep): Promise<boolean> {
  const [begun] = await ctx.db
    .select({ id: intents.id })
    .from(intents)
    .innerJoin(steps, eq(steps.id, intents.step_id))
    .where(and(eq(steps.request_id, request.id), isNotNull(intents.settled_at)))
    .limit(1)
  return begun !== undefined
}

/** What the operators read on a step that is no longer agreed to. */
export function notAgreedAnyMore({ step }: ClaimedStep): string {
  return `${step.source}: what the sources hold has changed since the approval, so nothing was done. Plan the case again.`
}
