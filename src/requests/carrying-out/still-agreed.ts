import { and, eq, isNotNull } from 'drizzle-orm'
import { canonicalJson } from '../../canonical.ts'
import type { Context } from '../../context.ts'
import { intents, steps } from '../../db/schema/work.ts'
import { companyItems } from '../../planner/own-records.ts'
import { staysWithin } from '../../planner/plan.ts'
import type { PlanBody, PlanFindings, PlanItem } from '../../planner/shape.ts'
import { SourceError } from '../../sources/source.ts'
import { draftPlan, type Draft, type Trail } from '../planning/draft-plan.ts'
import { withPlan, type ClaimedStep } from './claim.ts'

type Rows = Readonly<Record<string, number>>

/**
 * The step as it may be done at this minute: planned again from the sources and still within what people agreed to. Undefined when an address
 * leads to somebody else by now, a hold has come, or anything new was found: a step may wait for days, and its plan is not its leave.
 */
export async function stillAgreed(ctx: Context, claimed: ClaimedStep): Promise<ClaimedStep | undefined> {
  const done = await rowsDone(ctx, claimed)
  const trail = done === undefined ? undefined : trailOf(claimed)
  const { plan, frozen } = await draftPlan(ctx, claimed.request, trail).catch((error: unknown) => lookHere(ctx, claimed, error))
  const body = { ...plan.body, items: plan.body.items.map((item) => asApproved(claimed, item)) }
  // Another step of the case may have erased the person's own row already: fewer persons are fine for an effect, never for a copy.
  const persons = claimed.step.kind === 'archive' ? 'same' : 'fewer'
  if (!staysWithin(claimed.approved.body, body, persons)) return undefined
  if (placesOf(claimed, body).some((place) => hasBecomeShared(claimed.approved.findings, plan.findings, place, done))) return undefined
  return withPlan(ctx, claimed, { body, frozen })
}

/** The collections that the step is about; its rows elsewhere are another step's. */
function placesOf({ step }: ClaimedStep, { items }: Pick<PlanBody, 'items'>): string[] {
  const touched = companyItems(items).filter(({ action }) => action !== 'forward')
  const mine = (item: PlanItem): boolean => item.source === step.source && step.collections?.includes(item.collection) !== false
  return touched.filter((item) => step.kind === 'archive' || mine(item)).map(({ collection }) => collection)
}

/**
 * Whether rows of a collection are somebody else's too by now, which would silently be left alone. Any more of those count; once the work has
 * begun and cannot be taken back, only when as many of the person's own are missing without our having done anything to them.
 */
function hasBecomeShared(approved: PlanFindings, fresh: PlanFindings, collection: string, done: Rows | undefined): boolean {
  const grew = (fresh.shared_rows[collection] ?? 0) > (approved.shared_rows[collection] ?? 0)
  if (done === undefined) return grew
  return grew && (fresh.rows[collection] ?? 0) + (done[collection] ?? 0) < (approved.rows[collection] ?? 0)
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

/** Rows that this case has changed or erased so far, by collection; undefined while nothing of it has been done. */
async function rowsDone(ctx: Context, { request }: ClaimedStep): Promise<Rows | undefined> {
  const settled = await ctx.db
    .select({ rows: intents.rows })
    .from(intents)
    .innerJoin(steps, eq(steps.id, intents.step_id))
    .where(and(eq(steps.request_id, request.id), isNotNull(intents.settled_at)))
  if (settled.length === 0) return undefined
  const done: Record<string, number> = {}
  for (const { rows } of settled)
    for (const [collection, number] of Object.entries(rows ?? {})) done[collection] = (done[collection] ?? 0) + number
  return done
}

/** What the operators read on a step that is no longer agreed to. */
export function notAgreedAnyMore({ step }: ClaimedStep): string {
  return `${step.source}: what the sources hold has changed since the approval, so nothing was done. Plan the case again.`
}
