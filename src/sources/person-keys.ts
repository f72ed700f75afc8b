import { isList } from '../policy/column-path.ts'
import type { Collection, Named, Policy } from '../policy/schema.ts'
import { keyKind } from './ambiguity.ts'
import type { Opening } from './source.ts'

/** Columns that say whose a row is: somebody else's key in them makes the row somebody else's too. */
export interface PersonKey {
  readonly columns: readonly string[]
  /** The kind of identifier that they hold; undefined where the policy gives the key of `person` no name. */
  readonly identifier: string | undefined
  /** The collection of persons that they point at, when it is a ref that says so, and no opening. */
  readonly person: string | undefined
  /** Only in rows that hold these values: elsewhere the columns of a polymorphic link hold keys of something else. */
  readonly when?: Opening['when'] | undefined
  /** What rows hold in which the same columns are declared to mean something else; in any other row a key in them may be a person's. */
  readonly elsewhere: readonly NonNullable<Opening['when']>[]
}

type Link = Pick<PersonKey, 'columns' | 'when'>

/**
 * The columns of a collection that hold keys of persons: those of its own openings by an identifier that persons' rows provide, and its refs
 * to persons. Left alone are single addresses (they are changed, shared, and a bookkeeper's), a kind by which the rows are opened in two ways
 * (sender and recipient: each is enough), columns that the policy opens in another sense, and what the row itself provides. A row that is a
 * person is nobody else. In a list of keys, or of addresses, each one counts.
 */
export function personKeys(policy: Policy, collection: Named<Collection>): readonly PersonKey[] {
  const known = KEYS.get(policy) ?? new Map<string, readonly PersonKey[]>()
  KEYS.set(policy, known)
  const keys = known.get(collection.id) ?? findKeys(policy, collection)
  known.set(collection.id, keys)
  return keys
}

/** A policy does not change; every statement asks. */
const KEYS = new WeakMap<Policy, Map<string, readonly PersonKey[]>>()

function findKeys(policy: Policy, collection: Named<Collection>): readonly PersonKey[] {
  const own = collection.opened_by.filter(({ meaning }) => meaning === 'own')
  if (collection.is_person || own.length === 0) return []
  const persons = [...policy.collections.values()].filter(({ is_person }) => is_person)
  const provided = new Set(persons.flatMap(({ provides }) => Object.keys(provides)))
  const given = Object.values(collection.provides)
  const opened = own
    .filter(({ identifier, columns }) => {
      if (policy.identifiers.get(identifier)?.compare === 'email') return columns.some(isList)
      return provided.has(identifier) && own.every((other) => other.identifier !== identifier || haveSameColumns(other, { columns }))
    })
    .map(({ identifier, columns, when }): PersonKey => {
      const others = collection.opened_by.filter((other) => haveSameColumns(other, { columns }) && !isSameLink(other, { columns, when }))
      return { columns, identifier, person: undefined, when, elsewhere: others.map((other) => other.when) }
    })
  const pointing = Object.values(collection.refs).flatMap(({ collection: target, columns }): PersonKey[] => {
    const person = persons.find(({ id }) => id === target)
    if (person === undefined || collection.opened_by.some((opening) => haveSameColumns(opening, { columns }))) return []
    return [{ columns, identifier: keyKind(person), person: target, elsewhere: [] }]
  })
  return [...opened, ...pointing].filter(({ columns }) => !given.some((names) => haveSameColumns({ columns: names }, { columns })))
}

/** Kinds of identifiers that mean a person: addresses, and those that open or come from rows that are persons. */
export function personalKinds(policy: Policy): ReadonlySet<string> {
  const addresses = [...policy.identifiers.values()].filter(({ compare }) => compare === 'email').map(({ id }) => id)
  const persons = [...policy.collections.values()].filter(({ is_person }) => is_person)
  const opening = persons.flatMap(({ opened_by }) =>
    opened_by.filter(({ meaning }) => meaning === 'own').map(({ identifier }) => identifier),
  )
  return new Set([...addresses, ...opening, ...persons.flatMap(({ provides }) => Object.keys(provides))])
}

/** Whether both name the same columns, in whatever order. */
function haveSameColumns(one: Pick<Link, 'columns'>, other: Pick<Link, 'columns'>): boolean {
  return one.columns.length === other.columns.length && one.columns.every((name) => other.columns.includes(name))
}

/** Whether both are one and the same link: a polymorphic column is another one for each type of what it points at. */
export function isSameLink(one: Link, other: Link): boolean {
  return haveSameColumns(one, other) && condition(one) === condition(other)
}

/** Whether an own opening says all that the key would say; a list may hold the keys of others beside the one that was asked for. */
export function saysTheSame(opening: Link, key: Link): boolean {
  return isSameLink(opening, key) && !key.columns.some(isList)
}

/**
 * Whether an own opening of the kind of the key is enough by itself: who sent a message says whose it is, whoever else stands in the list of
 * those it went to.
 */
export function isEnough(opening: Pick<Opening, 'identifier' | 'columns' | 'meaning'>, key: PersonKey): boolean {
  const alike = opening.meaning === 'own' && key.person === undefined && opening.identifier === key.identifier
  return alike && !opening.columns.some(isList) && !haveSameColumns(opening, key)
}

function condition({ when = {} }: Link): string {
  const parts = Object.entries(when).map(([name, value]) =>
    JSON.stringify([name, ...(typeof value === 'object' ? value : [value]).map(String).toSorted()]),
  )
  return parts.toSorted().join()
}
