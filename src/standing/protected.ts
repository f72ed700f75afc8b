import { asc, isNull } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { holds } from '../db/schema/standing.ts'
import type { Policy } from '../policy/schema.ts'
import type { Identifiers, Opening, Protected } from '../sources/source.ts'
import { Temporal } from '../time.ts'
import { isWholeCollection, openScope } from './hold-scope.ts'
import { canonicalParts, mergeIdentifiers } from './identifier.ts'
import { activeScopes, nothingUnsealed, readersOfProvenRequests, restrictedPeople, type Unsealed } from './kept-people.ts'
import { reachAll } from './reach.ts'

/** Whose rows must stay now. */
export interface Protection {
  readonly protected: Protected
  /** Collections of which nothing may go. */
  readonly wholeCollections: readonly string[]
}

/**
 * Rows that no purge may touch at this moment: under legal hold (Art. 17(3)(e)), restricted (Art. 18), or asked for by a proven access request
 * whose archive is not built yet. A request that nobody has proven protects nothing. The dates of a hold narrow nothing here: a hold on part of
 * a collection's time keeps the whole of it, which errs on the side of keeping. Throws a SourceError when a source cannot say whose rows it has.
 */
export async function protectedRows(ctx: Context, unsealed: Unsealed = nothingUnsealed()): Promise<Protection> {
  const scopes = await activeScopes(ctx, unsealed)
  const wide = scopes.filter((scope) => scope.collection === undefined).map((scope) => scope.identifiers)
  const people = [...wide, ...(await restrictedPeople(ctx, unsealed)), ...(await readersOfProvenRequests(ctx, unsealed))]

  const openings = new Map<string, Opening[]>()
  const add = (collection: string, more: readonly Opening[]) => openings.set(collection, [...(openings.get(collection) ?? []), ...more])
  const reached = await reachAll(ctx, mergeIdentifiers(people))
  for (const [collection, found] of reached.openings) add(collection, found)
  const whole = new Set(scopes.filter(isWholeCollection).map(({ collection }) => collection))
  if (!reached.complete) for (const id of ctx.policy.collections.keys()) whole.add(id)
  for (const { collection, identifiers } of scopes) {
    if (collection === undefined || Object.keys(identifiers).length === 0) continue
    const narrow = await reachAll(ctx, identifiers)
    add(collection, narrow.openings.get(collection) ?? [])
    if (!narrow.complete) whole.add(collection)
  }
  return { protected: openings, wholeCollections: [...whole].toSorted() }
}

/** A legal hold that covers rows of a person: all of them, or those of one collection; `review_on` is YYYY-MM-DD. */
export interface HoldFor {
  readonly matter: string
  readonly collection: string | undefined
  readonly review_on: string
}

/**
 * Every legal hold that touches the person with these identifiers, oldest first: one that names them or an identifier of theirs, and every one
 * on a collection as a whole (Art. 17(3)(e) GDPR). Throws a SourceError when a source cannot say who is who.
 */
export async function holdsFor(ctx: Context, identifiers: Identifiers): Promise<HoldFor[]> {
  const rows = await ctx.db.select().from(holds).where(isNull(holds.released_at)).orderBy(asc(holds.id))
  if (rows.length === 0) return []
  const person = (await reachAll(ctx, identifiers)).identifiers
  const covering: HoldFor[] = []
  for (const row of rows) {
    const scope = await openScope(ctx, row)
    const named = scope.identifiers
    const covers =
      Object.keys(named).length === 0 ||
      meet(ctx.policy, named, person) ||
      meet(ctx.policy, identifiers, (await reachAll(ctx, named)).identifiers)
    if (covers) covering.push({ matter: row.matter, collection: scope.collection, review_on: dateIn(row.review_at, ctx.policy.main.zone) })
  }
  return covering
}

/** Whether the two have an identifier in common, each compared as its kind is. */
function meet(policy: Policy, one: Identifiers, other: Identifiers): boolean {
  return Object.entries(one).some(([kind, values]) => {
    const form = (value: readonly string[]) => JSON.stringify(canonicalParts(policy, { kind, value }))
    const known = new Set((other[kind] ?? []).map(form))
    return values.some((value) => known.has(form(value)))
  })
}

function dateIn(at: Date, zone: string): string {
  return Temporal.Instant.from(at.toISOString()).toZonedDateTimeISO(zone).toPlainDate().toString()
}
