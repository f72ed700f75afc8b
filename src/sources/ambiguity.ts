import type { Collection, Named, Policy } from '../policy/schema.ts'
import type { DataSource, Found, IdentifierValue, Identifiers, Opening, Source } from './source.ts'

/** One identifier that leads to several people, and so proves none of them; nothing was opened with it. `value` and `keys` are personal data. */
export interface Ambiguity {
  readonly identifier: string
  readonly value: IdentifierValue
  readonly collection: string
  readonly persons: number
  readonly keys: readonly IdentifierValue[]
}

/** A collection of persons with what opened it. */
export interface OpenedPersons {
  readonly collection: Named<Collection>
  readonly source: DataSource
  readonly openings: readonly Opening[]
  readonly found: Found
}

/** Which single values lead to several persons at once; the rows are asked for again value by value only when there are several of both. */
export async function findAmbiguous({ collection, source, openings, found }: OpenedPersons): Promise<readonly Ambiguity[]> {
  if (found.persons.length < 2) return []
  const ambiguous: Ambiguity[] = []
  for (const { opening, value } of valuesOf(openings, collection)) {
    const { persons: keys } = await source.find(collection, [{ ...opening, values: [value] }])
    if (keys.length > 1) ambiguous.push({ identifier: opening.identifier, value, collection: collection.id, persons: keys.length, keys })
  }
  return ambiguous
}

/**
 * Which values led to several persons by a way round: over a list of members, or over a row that names two accounts. An address from which the
 * walk began proves none of them then. Somebody's own number does mean that person, so what led from there to another is put aside instead.
 */
export async function findRoundabout(
  begun: Identifiers,
  reached: readonly OpenedPersons[],
  alone: (identifiers: Identifiers) => Promise<readonly OpenedPersons[]>,
): Promise<readonly Ambiguity[]> {
  const starts = Object.entries(begun).flatMap(([identifier, values]) => values.map((value) => ({ identifier, value })))
  const ambiguous: Ambiguity[] = []
  for (const persons of reached.filter(({ found }) => found.persons.length > 1)) {
    const { collection } = persons
    const meant = keyKind(collection)
    for (const { identifier, value } of starts) {
      const single = starts.length === 1 ? persons : (await alone({ [identifier]: [value] })).find((one) => one.collection === collection)
      const keys = single?.found.persons ?? []
      if (single === undefined || keys.length < 2) continue
      if (identifier === meant) ambiguous.push(...(await findLeading(single, begun[meant] ?? [])))
      else ambiguous.push({ identifier, value, collection: collection.id, persons: keys.length, keys })
    }
  }
  return ambiguous
}

/** Values that open persons other than those meant. */
async function findLeading(
  { collection, source, openings, found }: OpenedPersons,
  meant: readonly IdentifierValue[],
): Promise<readonly Ambiguity[]> {
  const known = new Set(meant.map((key) => JSON.stringify(key)))
  const leading: Ambiguity[] = []
  for (const { opening, value } of valuesOf(openings, undefined)) {
    if (opening.identifier === keyKind(collection) && known.has(JSON.stringify(value))) continue
    const { persons } = await source.find(collection, [{ ...opening, values: [value] }])
    if (persons.some((key) => !known.has(JSON.stringify(key))))
      leading.push({ identifier: opening.identifier, value, collection: collection.id, persons: found.persons.length, keys: found.persons })
  }
  // What else that person's rows gave goes with the number that led there.
  const numbers = leading.filter(({ identifier }) => identifier === keyKind(collection))
  return numbers.length > 0 ? numbers : leading
}

/** The persons' rows among all that was looked at. */
export function personsAmong(
  policy: Policy,
  sources: ReadonlyMap<string, Source>,
  looked: readonly { readonly collection: string; readonly openings: readonly Opening[]; readonly found: Found }[],
): readonly OpenedPersons[] {
  return looked.flatMap(({ collection: id, openings, found }): OpenedPersons[] => {
    const collection = policy.collections.get(id)
    const source = sources.get(collection?.source ?? '')
    if (collection?.is_person !== true || source === undefined || source.kind === 'manual') return []
    return [{ collection, source, openings, found }]
  })
}

/** The own openings, value by value; a key opens one row at most, so where only several matter it is left out. */
function valuesOf(openings: readonly Opening[], unless: Collection | undefined): { opening: Opening; value: IdentifierValue }[] {
  return openings
    .filter(({ meaning, columns }) => meaning === 'own' && columns.join() !== unless?.key.join())
    .flatMap((opening) => opening.values.map((value) => ({ opening, value })))
}

/** The kind of identifier that a collection's own key is. */
export function keyKind({ provides, key }: Pick<Collection, 'provides' | 'key'>): string | undefined {
  return Object.entries(provides).find(([, columns]) => columns.join() === key.join())?.[0]
}
