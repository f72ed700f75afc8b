import type { Collection, Named, Policy } from '../policy/schema.ts'

/** Columns that say whose a row is: somebody else's key in them makes the row somebody else's too. */
interface PersonKey {
  readonly columns: readonly string[]
  /** The kind of identifier that they hold; undefined where the policy gives the key of `person` no name. */
  readonly identifier: string | undefined
  /** The collection of persons that they point at, when it is a ref that says so, and no opening. */
  readonly person: string | undefined
}

/**
 * The columns of a collection that hold keys of persons: those of its own openings by an identifier that persons' rows provide, and its refs
 * to persons. Left alone are addresses (they are changed, shared, and a bookkeeper's), a kind by which the rows are opened in two ways
 * (sender and recipient: each is enough), columns that the policy opens in another sense, and what the row itself provides. A row that is a
 * person is nobody else.
 */
export function personKeys(policy: Policy, collection: Named<Collection>): readonly PersonKey[] {
  const own = collection.opened_by.filter(({ meaning }) => meaning === 'own')
  if (collection.is_person || own.length === 0) return []
  const persons = [...policy.collections.values()].filter(({ is_person }) => is_person)
  const provided = new Set(persons.flatMap(({ provides }) => Object.keys(provides)))
  const given = Object.values(collection.provides)
  const opened = own
    .filter(({ identifier }) => provided.has(identifier) && policy.identifiers.get(identifier)?.compare !== 'email')
    .filter(({ identifier }) => own.filter((other) => other.identifier === identifier).length === 1)
    .map(({ identifier, columns }): PersonKey => ({ columns, identifier, person: undefined }))
  const pointing = Object.values(collection.refs).flatMap(({ collection: target, columns }): PersonKey[] => {
    const person = persons.find(({ id }) => id === target)
    if (person === undefined || collection.opened_by.some((opening) => haveSameColumns(opening, { columns }))) return []
    return [{ columns, identifier: keyKind(person), person: target }]
  })
  return [...opened, ...pointing].filter(({ columns }) => !given.some((names) => haveSameColumns({ columns: names }, { columns })))
}

/** Whether both name the same columns, in whatever order. */
export function haveSameColumns(one: { readonly columns: readonly string[] }, other: { readonly columns: readonly string[] }): boolean {
  return one.columns.length === other.columns.length && one.columns.every((name) => other.columns.includes(name))
}

function keyKind({ provides, key }: Collection): string | undefined {
  return Object.entries(provides).find(([, columns]) => columns.join() === key.join())?.[0]
}
