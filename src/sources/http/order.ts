import type { Collection } from '../../policy/schema.ts'
import type { Change } from '../source.ts'
import type { Api } from './api.ts'

/**
 * Changes in the order in which a failure half way does no harm, as there is no transaction: rows go before those that they refer to, and before
 * those that give the identifier by which they are found. Else what is left could not be found by the next attempt.
 */
export function inOrder({ policy }: Pick<Api, 'policy'>, changes: readonly Change[]): Change[] {
  const ordered: Change[] = []
  let open = [...changes]
  while (open.length > 0) {
    const collections = new Set(open.map(({ selection }) => selection.collection))
    const free = open.filter(({ selection: { collection: id } }) =>
      [...collections].every((other) => other === id || !goesBefore(policy.collections.get(other), policy.collections.get(id), id)),
    )
    // Those that find each other have no order; persons go last.
    const isPerson = ({ selection }: Change) => policy.collections.get(selection.collection)?.is_person === true
    const next = free.length > 0 ? free : open.some((change) => !isPerson(change)) ? open.filter((change) => !isPerson(change)) : open
    ordered.push(...next)
    open = open.filter((change) => !next.includes(change))
  }
  return ordered
}

function goesBefore(one: Collection | undefined, other: Collection | undefined, otherId: string): boolean {
  if (one === undefined || other === undefined) return false
  const refers = Object.values(one.refs).some(({ collection }) => collection === otherId)
  return refers || one.opened_by.some(({ identifier }) => Object.hasOwn(other.provides, identifier))
}
