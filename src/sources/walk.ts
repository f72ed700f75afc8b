import type { Collection, Named, Policy } from '../policy/schema.ts'
import { personKeys } from './person-keys.ts'
import type { DataSource, Found, IdentifierValue, Identifiers, Opening, Source } from './source.ts'

/** What a look at one collection showed, by which openings, and how one came there, in words: `email`, `people`, `person_number`, `machines`. */
export interface Looked {
  readonly collection: string
  readonly source: string
  readonly openings: readonly Opening[]
  readonly found: Found
  readonly path: readonly string[]
}

/** One identifier that leads to several people, and so proves none of them; nothing was opened with it. `value` and `keys` are personal data. */
interface Ambiguity {
  readonly identifier: string
  readonly value: IdentifierValue
  readonly collection: string
  readonly persons: number
  readonly keys: readonly IdentifierValue[]
}

/** What the sources hold of a person. */
export interface Survey {
  /** Proven identifiers and those that the found rows gave; without the ambiguous ones. */
  readonly identifiers: Identifiers
  readonly looked: readonly Looked[]
  /** Sources that only a person can look into. */
  readonly manual: readonly string[]
  readonly ambiguous: readonly Ambiguity[]
  /** Different persons' rows that were reached. */
  readonly persons: number
}

const MOST_ROUNDS = 20

/**
 * Follows the data map from identifiers to rows to further identifiers until nothing new appears. An identifier that leads to more than one
 * person is put aside, and the walk starts again without it: nothing may be opened on its strength.
 */
export async function walk(policy: Policy, sources: ReadonlyMap<string, Source>, identifiers: Identifiers): Promise<Survey> {
  const aside = new Map<string, Ambiguity>()
  for (;;) {
    const known = new Known(identifiers, aside)
    const looked = await follow(policy, sources, known, aside)
    if (looked === undefined) continue
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
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const changed = [...policy.collections.values()].flatMap((collection) => {
      const source = sources.get(collection.source)
      const openings = openingsOf(policy, collection, known)
      const before = looked.get(collection.id)
      if (
        source === undefined ||
        source.kind === 'manual' ||
        openings.length === 0 ||
        (before !== undefined && size(before.openings) === size(openings))
      )
        return []
      return [{ collection, source, openings }]
    })
    if (changed.length === 0) return ordered(policy, looked)
    const results = await Promise.all(
      changed.map(async (next) => ({ ...next, found: await next.source.find(next.collection, next.openings) })),
    )
    for (const result of results) {
      const ambiguous = result.collection.is_person
        ? await findAmbiguous(result.source, result.collection, result.openings, result.found)
        : []
      for (const one of ambiguous) aside.set(keyOf(one.identifier, one.value), one)
      if (ambiguous.length > 0) return undefined
    }
    for (const { collection, openings, found } of results) {
      const path = looked.get(collection.id)?.path ?? [...known.pathTo(openings[0]?.identifier ?? ''), collection.id]
      looked.set(collection.id, { collection: collection.id, source: collection.source, openings, found, path })
      known.addPersons(collection.id, found.persons)
      for (const [kind, values] of Object.entries(found.provides)) known.add(kind, values, path)
    }
  }
  throw new RangeError(`the data map gives new identifiers after ${MOST_ROUNDS} rounds; it goes in circles through other people's rows`)
}

/** Ways into a collection with what is known so far. */
function openingsOf(policy: Policy, collection: Named<Collection>, known: Known): readonly Opening[] {
  const openings = collection.opened_by.flatMap(({ identifier, columns, meaning }): Opening[] => {
    const values = known.of(identifier)
    return values.length === 0
      ? []
      : [{ identifier, columns, values, compare: policy.identifiers.get(identifier)?.compare ?? 'exact', meaning }]
  })
  return openings.length === 0 ? [] : [...openings, ...pointingAtPersons(policy, collection, known)]
}

/** Which persons' keys the refs of the rows may hold: without them a row that points at this very person would be taken for somebody else's. */
function pointingAtPersons(policy: Policy, collection: Named<Collection>, known: Known): readonly Opening[] {
  return personKeys(policy, collection).flatMap(({ identifier, columns, person }): Opening[] => {
    const values = person === undefined ? [] : known.personsOf(person, identifier)
    return values.length === 0 ? [] : [{ identifier: identifier ?? person ?? '', columns, values, compare: 'exact', meaning: 'person' }]
  })
}

/** Which single values lead to several persons; the rows are asked for again value by value only when there are several of both. */
async function findAmbiguous(
  source: DataSource,
  collection: Named<Collection>,
  openings: readonly Opening[],
  found: Found,
): Promise<readonly Ambiguity[]> {
  if (found.persons.length < 2) return []
  const ambiguous: Ambiguity[] = []
  for (const opening of openings) {
    for (const value of opening.values) {
      const alone = size(openings) === 1 ? found : await source.find(collection, [{ ...opening, values: [value] }])
      const { length } = alone.persons
      if (length > 1)
        ambiguous.push({ identifier: opening.identifier, value, collection: collection.id, persons: length, keys: alone.persons })
    }
  }
  return ambiguous
}

/** Identifiers known so far, each value once, with the way that led to the first of its kind. */
class Known {
  readonly #values = new Map<string, Map<string, IdentifierValue>>()
  readonly #paths = new Map<string, readonly string[]>()
  readonly #persons = new Map<string, Map<string, IdentifierValue>>()
  readonly #aside: ReadonlyMap<string, unknown>

  constructor(proven: Identifiers, aside: ReadonlyMap<string, unknown>) {
    this.#aside = aside
    for (const [kind, values] of Object.entries(proven)) this.add(kind, values, [])
  }

  add(kind: string, values: readonly IdentifierValue[], path: readonly string[]): void {
    const known = this.#values.get(kind) ?? new Map<string, IdentifierValue>()
    for (const value of values) if (!this.#aside.has(keyOf(kind, value))) known.set(JSON.stringify(value), value)
    if (known.size === 0) return
    this.#values.set(kind, known)
    if (!this.#paths.has(kind)) this.#paths.set(kind, [...path, kind])
  }

  of(kind: string): readonly IdentifierValue[] {
    return [...(this.#values.get(kind)?.values() ?? [])]
  }

  addPersons(collection: string, keys: readonly IdentifierValue[]): void {
    const known = this.#persons.get(collection) ?? new Map<string, IdentifierValue>()
    for (const key of keys) known.set(JSON.stringify(key), key)
    this.#persons.set(collection, known)
  }

  /** Keys of the persons reached in a collection, and those known under the identifier that is its key. */
  personsOf(collection: string, identifier: string | undefined): readonly IdentifierValue[] {
    const named = identifier === undefined ? undefined : this.#values.get(identifier)
    return [...new Map([...(this.#persons.get(collection) ?? []), ...(named ?? [])]).values()]
  }

  pathTo(kind: string): readonly string[] {
    return this.#paths.get(kind) ?? [kind]
  }

  all(): Identifiers {
    return Object.fromEntries([...this.#values].map(([kind, values]) => [kind, [...values.values()]]))
  }
}

function size(openings: readonly Opening[]): number {
  return openings.reduce((sum, { values }) => sum + values.length, 0)
}

function keyOf(kind: string, value: IdentifierValue): string {
  return JSON.stringify([kind, ...value])
}

function ordered(policy: Policy, looked: ReadonlyMap<string, Looked>): Looked[] {
  return [...policy.collections.keys()].flatMap((id) => looked.get(id) ?? [])
}
