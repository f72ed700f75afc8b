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
  readonly collections: readonly string[]
  readonly waits: ReadonlySet<string>
}

/**
 * The items that change rows as steps: one a source, in one transaction, after the steps of those sources that any of its collections must wait
 * for. A source gets several only where each would have to wait for the other.
 */
export function applySteps(policy: Policy, changing: readonly PlanItem[]): ApplyStep[] {
  const fine = groupsOf(changing, waitsOf(orderedBy(policy, changing)))
  const whole = mergeBySource(fine)
  const groups = edgesOf(policy, whole).some((_, place, edges) => reaches(edges, place, place)) ? fine : whole
  const edges = edgesOf(policy, groups)
  return groups.map(({ source, collections }, place) => ({
    source,
    collections: groups.filter((other) => other.source === source).length === 1 ? null : collections,
    waits_for: [...(edges[place] ?? [])].sort((a, b) => a - b),
  }))
}

/** Those collections of a source that need not wait for the ones that are `pending` elsewhere. */
export function earlyPart(policy: Policy, changing: readonly PlanItem[], source: string, pending: ReadonlySet<string>): string[] {
  const waits = waitsOf(orderedBy(policy, changing))
  const own = new Set(changing.filter((item) => item.source === source).map(({ collection }) => collection))
  return [...own].filter((id) => ![...(waits.get(id) ?? [])].some((one) => pending.has(one)))
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

/** By source, those together that wait for the same; within one those first that wait for less. */
function groupsOf(changing: readonly PlanItem[], waits: ReadonlyMap<string, ReadonlySet<string>>): Group[] {
  const groups = new Map<string, { source: string; collections: string[]; waits: ReadonlySet<string> }>()
  for (const { source, collection } of changing) {
    const waited = waits.get(collection) ?? new Set<string>()
    const name = JSON.stringify([source, ...[...waited].sort()])
    const group = groups.get(name) ?? { source, collections: [], waits: waited }
    if (!group.collections.includes(collection)) group.collections.push(collection)
    groups.set(name, group)
  }
  return [...groups.values()].sort((a, b) => (a.source === b.source ? a.waits.size - b.waits.size : a.source < b.source ? -1 : 1))
}

function mergeBySource(groups: readonly Group[]): Group[] {
  return [...Map.groupBy(groups, ({ source }) => source)].map(([source, own]) => ({
    source,
    collections: own.flatMap(({ collections }) => collections),
    waits: new Set(own.flatMap(({ waits }) => [...waits])),
  }))
}

/** For each group the places of those that go before it: what it waits for elsewhere, and rows of the same source that refer to its rows. */
function edgesOf(policy: Policy, groups: readonly Group[]): Set<number>[] {
  return groups.map((group, place) => {
    const before = groups.flatMap((other, at) => {
      if (at === place) return []
      const waited = other.collections.some((id) => group.waits.has(id))
      return waited || (other.source === group.source && refersTo(policy, other, group)) ? [at] : []
    })
    return new Set(before)
  })
}

function refersTo(policy: Policy, from: Group, to: Group): boolean {
  return from.collections.some((id) =>
    Object.values(policy.collections.get(id)?.refs ?? {}).some(({ collection }) => to.collections.includes(collection)),
  )
}

function reaches(edges: readonly ReadonlySet<number>[], from: number, to: number): boolean {
  const seen = new Set<number>()
  const open = [...(edges[from] ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === to) return true
    if (seen.has(next)) continue
    seen.add(next)
    open.push(...(edges[next] ?? []))
  }
  return false
}
