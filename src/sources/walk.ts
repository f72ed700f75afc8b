import type { Collection, Named, Policy } from '../policy/schema.ts'
import { findAmbiguous, findRoundabout, personsAmong, type Ambiguity } from './ambiguity.ts'
import { keyOf, Known } from './known.ts'
import { openingsOf } from './openings.ts'
import { personalKinds } from './person-keys.ts'
import { SourceError, type DataSource, type Found, type Identifiers, type Opening, type Source } from './source.ts'

/** What a look at one collection showed, by which openings, and how one came there, in words: `email`, `people`, `person_number`, `machines`. */
export interface Looked {
  readonly collection: string
  readonly source: string
  readonly openings: readonly Opening[]
  readonly found: Found
  readonly path: readonly string[]
}

/** What the sources hold of a person. */
export interface Survey {
  /** Proven identifiers and those that the found rows gave; without the ambiguous ones, and those that only shared rows hold. */
  readonly identifiers: Identifiers
  readonly looked: readonly Looked[]
  /** Sources that only a person can look into. */
  readonly manual: readonly string[]
  readonly ambiguous: readonly Ambiguity[]
  /** Different persons' rows that were reached. */
  readonly persons: number
}

/** A collection with what opens it now. */
interface Next {
  readonly collection: Named<Collection>
  readonly source: DataSource
  readonly openings: readonly Opening[]
}

/** A tree in which every row leads to the next takes as many rounds as it is deep; no person's data is deeper than this. */
const MOST_ROUNDS = 100

/**
 * Follows the data map from identifiers to rows to further identifiers until nothing new appears. An identifier that leads to more than one
 * person is put aside, and the walk starts again without it: nothing may be opened on its strength. A SourceError when there is no end to it.
 */
export async function walk(policy: Policy, sources: ReadonlyMap<string, Source>, identifiers: Identifiers): Promise<Survey> {
  const aside = new Map<string, Ambiguity>()
  for (;;) {
    const known = new Known(identifiers, aside)
    const looked = await follow(policy, sources, known, aside)
    if (looked === undefined) continue
    const before = aside.size
    const begun = Object.fromEntries(
      Object.entries(identifiers).map(([kind, values]) => [kind, values.filter((value) => !aside.has(keyOf(kind, value)))]),
    )
    const alone = async (one: Identifiers) =>
      personsAmong(policy, sources, (await follow(policy, sources, new Known(one, aside), aside)) ?? [])
    const roundabout = await findRoundabout(begun, personsAmong(policy, sources, looked), alone)
    for (const one of roundabout) aside.set(keyOf(one.identifier, one.value), one)
    if (aside.size > before) continue
    return {
      identifiers: known.all(),
      looked,
      manual: [...sources.values()].filter(({ kind }) => kind === 'manual').map(({ declaration }) => declaration.id),
      ambiguous: [...aside.values()],
      persons: new Set(looked.flatMap(({ collection, found }) => found.persons.map((key) => keyOf(collection, key)))).size,
    }
  }
}

/** One walk to its end; undefined as soon as an ambiguity was put aside. */
async function follow(
  policy: Policy,
  sources: ReadonlyMap<string, Source>,
  known: Known,
  aside: Map<string, Ambiguity>,
): Promise<Looked[] | undefined> {
  const looked = new Map<string, Looked>()
  const personal = personalKinds(policy)
  for (let round = 1; ; round++) {
    const changed = opened(policy, sources, known, looked)
    const [first] = changed
    if (first === undefined) return [...policy.collections.keys()].flatMap((id) => looked.get(id) ?? [])
    if (round > MOST_ROUNDS) {
      const sentence = `its rows still lead to new identifiers after ${MOST_ROUNDS} rounds, which no person’s rows do; look at what provides them`
      throw new SourceError(first.source.declaration.id, first.collection.id, 'too_many', sentence)
    }
    const results = await Promise.all(
      changed.map(async (next) => ({ ...next, found: await next.source.find(next.collection, next.openings) })),
    )
    for (const result of results) {
      const ambiguous = result.collection.is_person ? await findAmbiguous(result) : []
      for (const one of ambiguous) aside.set(keyOf(one.identifier, one.value), one)
      if (ambiguous.length > 0) return undefined
    }
    for (const { collection, openings, found } of results) {
      const path = looked.get(collection.id)?.path ?? [...known.pathTo(openings[0]?.identifier ?? ''), collection.id]
      looked.set(collection.id, { collection: collection.id, source: collection.source, openings, found, path })
      known.addPersons(collection.id, found.persons)
      for (const [kind, values] of Object.entries(found.provides)) known.add(kind, values, path)
      // Who else is in a shared row is no way to that person.
      for (const [kind, values] of Object.entries(found.lends ?? {})) if (!personal.has(kind)) known.lend(kind, values, path)
    }
  }
}

/** Collections that more opens than when they were looked at. */
function opened(policy: Policy, sources: ReadonlyMap<string, Source>, known: Known, looked: ReadonlyMap<string, Looked>): readonly Next[] {
  return [...policy.collections.values()].flatMap((collection): Next[] => {
    const source = sources.get(collection.source)
    if (source === undefined || source.kind === 'manual') return []
    const openings = openingsOf(policy, collection, known)
    return shapeOf(openings) === shapeOf(looked.get(collection.id)?.openings ?? []) ? [] : [{ collection, source, openings }]
  })
}

/** Values are only ever added, or become the person's own that were lent, so their number tells whether something is new. */
function shapeOf(openings: readonly Opening[]): string {
  return openings
    .map(({ identifier, meaning, lent, columns, values }) => [identifier, meaning, lent, ...columns, values.length].join())
    .join(' ')
}
