import type { Context } from '../../context.ts'
import { decidingRows, isSharedOnly } from '../../planner/graph.ts'
import { makePlan, type SurveyedCollection } from '../../planner/plan.ts'
import type { Plan, PlanIdentity } from '../../planner/shape.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import type { Collection, Named, Regime, Right } from '../../policy/schema.ts'
import type { Identifiers } from '../../sources/source.ts'
import type { Looked } from '../../sources/walk.ts'
import { holdsFor } from '../../standing/protected.ts'
import { amendmentsOf } from '../decision/amend.ts'
import { hiddenCounts } from '../reply/hidden-cells.ts'
import { mask } from '../mask.ts'
import { copiedCategories } from '../recovery/copies-for-access.ts'
import type { RequestRow } from '../transition.ts'
import { correctionsOf } from './corrections.ts'
import { keptUntil, ownUntil } from './kept-until.ts'
import { answersOf } from './plan-request.ts'
import { freeze, personDigests, type FrozenIdentities } from './freeze.ts'
import { NOBODY, surveySources, type Surveyed } from './survey.ts'

export interface Draft {
  readonly plan: Plan
  readonly frozen: FrozenIdentities
}

/**
 * Where a plan is looked at again whose work has begun: rows that led to others may be gone by our own hand, so what was proven and found
 * before stands.
 */
export interface Trail {
  readonly identifiers: Identifiers
  readonly identities: readonly PlanIdentity[]
  readonly choices: readonly string[]
  /** Looks into this source alone, when another one does not answer. */
  readonly only?: string
}

/** Searches and plans, and writes nothing: used to make a plan and, just before the work, to see whether it still holds. */
export async function draftPlan(ctx: Context, request: RequestRow, trail?: Trail): Promise<Draft> {
  const answers = await answersOf(ctx, request.id)
  const nothingToSearch = RIGHT_TABLE[request.right as Right].effect === 'record'
  const { survey, identities, choices, resolved } =
    trail === undefined ? await search(ctx, request, answers['identity']) : await follow(ctx, trail)
  const looked = nothingToSearch ? [] : survey.looked
  const plan = makePlan({
    policy: ctx.policy,
    right: request.right as Right,
    scope: request.scope ?? {},
    regime: request.regime as Regime,
    identities,
    persons: personDigests(ctx, survey),
    surveyed: looked.map((one) => surveyed(ctx, one)),
    recovery: choices.length === 0 ? await copiedCategories(ctx, request) : [],
    choices,
    resolved: resolved && answers['identity'] !== NOBODY,
    corrections: await correctionsOf(ctx, request, looked),
    known: Object.keys(survey.identifiers),
    holds: await holdsFor(ctx, survey.identifiers),
    answers,
    amendments: await amendmentsOf(ctx, request.id),
    hidden: await hiddenCounts(ctx, request),
    kept_until: await keptUntil(ctx, looked),
    own_until: ownUntil(ctx, request),
  })
  return { plan, frozen: freeze(ctx, { ...survey, looked }, plan.body.amendments) }
}

interface Searched extends Pick<Surveyed, 'survey' | 'choices' | 'resolved'> {
  readonly identities: readonly PlanIdentity[]
}

async function search(ctx: Context, request: RequestRow, chosen: string | undefined): Promise<Searched> {
  const { start, proven_by, ...found } = await surveySources(ctx, request, chosen)
  return { ...found, identities: identitiesOf(ctx, start, proven_by) }
}

async function follow(ctx: Context, { identifiers, identities, choices, only }: Trail): Promise<Searched> {
  return { survey: await ctx.sources.walk(identifiers, only), identities, choices, resolved: true }
}

/** What the planner goes by: rows that are this person's to decide about, and beside them those that are also somebody else's. */
function surveyed(ctx: Context, { collection: id, found, path }: Looked): SurveyedCollection {
  const collection = declared(ctx, id)
  const rows = decidingRows(collection, found)
  return {
    collection: id,
    rows,
    organisation_rows: found.organisation_rows,
    shared_rows: isSharedOnly(collection) ? 0 : found.shared_rows,
    path,
  }
}

function declared(ctx: Context, id: string): Named<Collection> {
  const collection = ctx.policy.collections.get(id)
  if (collection === undefined) throw new Error(`the survey names the collection ${id}, which the policy does not have`)
  return collection
}

function identitiesOf(ctx: Context, start: Identifiers, provenBy: string): PlanIdentity[] {
  return Object.entries(start).flatMap(([kind, values]) =>
    values.map((value) => ({
      kind,
      digest: ctx.keys.digest('identities', JSON.stringify([kind, ...value])),
      masked: mask(value.join('/')),
      proven_by: provenBy,
    })),
  )
}
