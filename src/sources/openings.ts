import type { Collection, Named, Policy } from '../policy/schema.ts'
import type { Known } from './known.ts'
import { personKeys } from './person-keys.ts'
import type { Opening } from './source.ts'

/**
 * Ways into a collection with what is known so far. What rows shared with others gave makes no row the person's own, whatever the policy says
 * of the link: the rows it opens are shared too, and what a bridge gives on for it stays lent.
 */
export function openingsOf(policy: Policy, collection: Named<Collection>, known: Known): readonly Opening[] {
  const openings = collection.opened_by.flatMap(({ identifier, columns, meaning, when }): Opening[] => {
    const compare = policy.identifiers.get(identifier)?.compare ?? 'exact'
    const link = { identifier, columns, compare, ...(Object.keys(when).length === 0 ? {} : { when }) }
    const own: Opening = { ...link, values: known.of(identifier), meaning }
    const values = known.lentOf(identifier)
    const lent: Opening = meaning === 'bridge' ? { ...link, values, meaning, lent: true } : { ...link, values, meaning: 'shared' }
    return [own, lent].filter((opening) => opening.values.length > 0)
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
