import type { Context } from '../context.ts'
import type { Policy } from '../policy/schema.ts'
import type { Identifiers, Opening } from '../sources/source.ts'
import { byKind, mergeIdentifiers, type GivenIdentifier } from './identifier.ts'

/** Where rows of people lie: openings by collection, and every identifier on the way. */
export interface Reached {
  readonly openings: ReadonlyMap<string, readonly Opening[]>
  readonly identifiers: Identifiers
  /** False when one identifier leads to more people than can be told apart: then nobody's rows are known to be somebody else's. */
  readonly complete: boolean
}

/** So many persons for one value that the walk may have stopped counting. */
const TOO_MANY_PERSONS = 10

/**
 * All that could belong to these people. A survey for a reply sets an identifier of several people aside; what must be kept is kept for each
 * of them.
 */
export async function reachAll(ctx: Context, identifiers: Identifiers): Promise<Reached> {
  if (Object.keys(identifiers).length === 0) return { openings: new Map(), identifiers, complete: true }
  const survey = await ctx.sources.walk(identifiers)
  const openings = new Map<string, readonly Opening[]>()
  const add = (collection: string, more: readonly Opening[]) => openings.set(collection, [...(openings.get(collection) ?? []), ...more])
  for (const { collection, openings: found } of survey.looked) add(collection, found)
  if (survey.ambiguous.length === 0) return { openings, identifiers: survey.identifiers, complete: true }

  const shared = byKind(survey.ambiguous.map(({ identifier, value }) => ({ kind: identifier, value })))
  for (const [collection, found] of openingsOf(ctx.policy, shared)) add(collection, found)
  const persons = survey.ambiguous.map(({ collection, keys }) => personsOf(ctx.policy, collection, keys))
  const each = await ctx.sources.walk(mergeIdentifiers(persons.map((person) => byKind(person))))
  for (const { collection, openings: found } of each.looked) add(collection, found)
  return {
    openings,
    identifiers: mergeIdentifiers([survey.identifiers, shared, each.identifiers]),
    complete: survey.ambiguous.every(({ persons: count }, index) => count < TOO_MANY_PERSONS && (persons[index]?.length ?? 0) > 0),
  }
}

/** The keys of persons' rows as identifiers, when the collection provides its key as one. */
function personsOf(policy: Policy, collection: string, keys: readonly (readonly string[])[]): GivenIdentifier[] {
  const declared = policy.collections.get(collection)
  if (declared === undefined) return []
  return Object.entries(declared.provides)
    .filter(([, columns]) => columns.join() === declared.key.join())
    .flatMap(([kind]) => keys.map((value) => ({ kind, value })))
}

/** Every collection that these identifiers open by themselves. */
function openingsOf(policy: Policy, identifiers: Identifiers): Map<string, Opening[]> {
  const found = new Map<string, Opening[]>()
  for (const collection of policy.collections.values()) {
    const openings = collection.opened_by.flatMap(({ identifier, columns, meaning, when }): Opening[] => {
      const values = identifiers[identifier] ?? []
      return values.length === 0
        ? []
        : [{ identifier, columns, values, compare: policy.identifiers.get(identifier)?.compare ?? 'exact', meaning, when }]
    })
    if (openings.length > 0) found.set(collection.id, openings)
  }
  return found
}
