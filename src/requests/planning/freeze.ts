import type { Context } from '../../context.ts'
import { deciding } from '../../planner/graph.ts'
import type { PlanAmendment, PlanItem } from '../../planner/shape.ts'
import type { Identifiers, Opening, Selection } from '../../sources/source.ts'
import type { Looked, Survey } from '../../sources/walk.ts'
import { keyKind } from './survey.ts'

/** What a plan's steps need to find the same rows again; values, so it is kept sealed. */
export interface FrozenIdentities {
  readonly identifiers: Identifiers
  readonly openings: Readonly<Record<string, readonly Opening[]>>
  /** Every way into the collections whose shared rows a decision has added. */
  readonly shared: Readonly<Record<string, readonly Opening[]>>
}

/**
 * How the rows of a survey are found again. Rows that are persons only by their own keys: somebody who gets the address later is another
 * person. Everything else by the identifiers, so that new rows of the same person are found too.
 */
export function freeze(ctx: Context, survey: Survey, amendments: readonly PlanAmendment[]): FrozenIdentities {
  const added = survey.looked.filter(({ collection }) => amendments.some((one) => one.kind === 'add' && one.collection === collection))
  return {
    identifiers: survey.identifiers,
    openings: Object.fromEntries(survey.looked.map((one) => [one.collection, openingsOf(ctx, one)])),
    shared: Object.fromEntries(added.map(({ collection, openings }) => [collection, openings])),
  }
}

/** The rows an item of the plan is about. */
export function selectionOf(frozen: FrozenIdentities, { collection, whose }: PlanItem): Selection {
  if (whose === 'shared') return { collection, openings: frozen.shared[collection] ?? [], side: 'ours', whose }
  return { collection, openings: frozen.openings[collection] ?? [], side: 'ours' }
}

/** Addresses by which the person was found: they are their own, wherever they stand. */
export function addressesOf(ctx: Context, { identifiers }: FrozenIdentities): readonly string[] {
  return Object.entries(identifiers).flatMap(([kind, values]) =>
    ctx.policy.identifiers.get(kind)?.compare === 'email' ? values.flat() : [],
  )
}

/** Keyed digests of the persons whose rows were found: who the plan is about, whatever address led to them. */
export function personDigests(ctx: Context, survey: Survey): string[] {
  return survey.looked
    .flatMap(({ collection, found }) =>
      found.persons.map((key) => ctx.keys.digest('identities', JSON.stringify(['person', collection, ...key]))),
    )
    .sort()
}

function openingsOf(ctx: Context, { collection: id, openings, found }: Looked): readonly Opening[] {
  const collection = ctx.policy.collections.get(id)
  if (collection === undefined) throw new Error(`the survey names the collection ${id}, which the policy does not have`)
  if (!collection.is_person) return deciding(collection, openings)
  if (found.persons.length === 0) return []
  return [{ identifier: keyKind(ctx, id) ?? id, columns: collection.key, values: found.persons, compare: 'exact', meaning: 'own' }]
}
