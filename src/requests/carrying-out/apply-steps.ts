import type { PlanItem } from '../../planner/shape.ts'
import type { Policy } from '../../policy/schema.ts'
import { waitsOf, type Ordered } from '../../policy/waits.ts'

/** What is done at one source at one time. */
export interface ApplyStep {
  readonly source: string
  /** Null: everything that the plan changes there. */
  readonly collections: readonly string[] | null
  /** Places in the list of steps that must be done before. */
  readonly waits_for: readonly number[]
}

interface Group {
  readonly source: string
  readonly collections: string[]
  readonly waits: ReadonlySet<string>
}

/**
 * The items that change rows as steps: one a source, and more where some of its collections must wait for those of other sources, so that
 * a system that is down keeps back only what must not go before it.
 */
export function applySteps(policy: Policy, changing: readonly PlanItem[]): ApplyStep[] {
  const groups = inOrder(groupsOf(changing, waitsOf(orderedBy(policy, changing))))
  const placeOf = new Map(groups.flatMap(({ collections }, place) => collections.map((id) => [id, place] as const)))
  return groups.map((group, place) => {
    const others = groups.filter(({ source }) => source === group.source)
    const last = others.every((other) => [...other.waits].every((one) => group.waits.has(one)))
    const foreign = [...group.waits].flatMap((id) => placeOf.get(id) ?? [])
    const before = groups.flatMap((other, at) =>
      at !== place && other.source === group.source && goesAfter(policy, group, other, last) ? [at] : [],
    )
    return {
      source: group.source,
      // The last one also takes what has come to the others' collections since they were done.
      collections: last ? null : group.collections,
      waits_for: [...new Set([...foreign, ...before])].sort((a, b) => a - b),
    }
  })
}

/** The collections of a plan as its order sees them: rows that stay go on giving their identifiers. */
function orderedBy(policy: Policy, changing: readonly PlanItem[]): Map<string, Ordered> {
  const ordered = new Map<string, Ordered>()
  for (const { collection: id, action, set = {} } of changing) {
    const collection = policy.collections.get(id)
    if (collection === undefined) continue
    const lost = (columns: readonly string[]) => action === 'erase' || columns.some((column) => Object.hasOwn(set, column))
    const provides = Object.fromEntries(Object.entries(collection.provides).filter(([, columns]) => lost(columns)))
    ordered.set(id, { ...collection, provides: { ...ordered.get(id)?.provides, ...provides } })
  }
  return ordered
}

function groupsOf(changing: readonly PlanItem[], waits: ReadonlyMap<string, ReadonlySet<string>>): Group[] {
  const groups = new Map<string, Group>()
  for (const { source, collection } of changing) {
    const waited = waits.get(collection) ?? new Set<string>()
    const name = JSON.stringify([source, ...[...waited].sort()])
    const group = groups.get(name) ?? { source, collections: [], waits: waited }
    if (!group.collections.includes(collection)) group.collections.push(collection)
    groups.set(name, group)
  }
  return [...groups.values()]
}

/** By source, and within one those first that wait for less. */
function inOrder(groups: readonly Group[]): Group[] {
  return groups.toSorted((a, b) => (a.source === b.source ? a.waits.size - b.waits.size : a.source < b.source ? -1 : 1))
}

/** Within a source: the last step goes after all others, and rows after those that refer to them. */
function goesAfter(policy: Policy, group: Group, other: Group, last: boolean): boolean {
  const referred = other.collections.some((id) =>
    Object.values(policy.collections.get(id)?.refs ?? {}).some(({ collection }) => group.collections.includes(collection)),
  )
  return last || referred
}
