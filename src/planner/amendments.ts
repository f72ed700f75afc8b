import { baseColumn } from '../policy/column-path.ts'
import { RIGHT_TABLE } from '../policy/rights.ts'
import type { Collection, Named } from '../policy/schema.ts'
import { disclosedFields, type Asked } from './disclosure.ts'
import { staysWhole } from './erasure.ts'
import type { PlanInput, SurveyedCollection } from './plan.ts'
import type { PlanAmendment, PlanItem } from './shape.ts'

/**
 * The items of a plan as people have amended them: a part of a copy left out on a ground (Art. 15(4) GDPR), rows added that are also somebody
 * else's. A whole collection that is left out is the person's own rows; single fields are left out of added rows too. What is kept is judged
 * with the erasure (erasure.ts). What an amendment is about and was not found again is not there to amend.
 */
export function amendedItems(input: PlanInput, items: readonly PlanItem[]): PlanItem[] {
  const added = input.amendments.filter(({ kind }) => kind === 'add').flatMap((one) => addedItem(input, one.collection))
  return [...items, ...added].flatMap((item) => {
    const amendment = input.amendments.find(({ kind, collection }) => kind === 'leave_out' && collection === item.collection)
    return amendment === undefined ? [item] : leftOut(item, amendment)
  })
}

function leftOut(item: PlanItem, { fields }: PlanAmendment): PlanItem[] {
  if (item.action !== 'disclose' && item.action !== 'change') return [item]
  if (fields.length === 0) return item.whose === undefined ? [] : [item]
  const rest = item.fields.filter((field) => !fields.includes(field))
  return rest.length === 0 ? [] : [{ ...item, fields: rest, withheld: item.withheld.filter(({ field }) => !fields.includes(field)) }]
}

/** Rows that are also somebody else's: given as the person's own would be, or freed of what points at the person; never erased. */
function addedItem(input: PlanInput, id: string): PlanItem[] {
  const surveyed = input.surveyed.find(({ collection }) => collection === id)
  const collection = input.policy.collections.get(id)
  if (collection === undefined || surveyed === undefined || !canBeAdded(input, surveyed)) return []
  const base = { source: collection.source, collection: id, category: collection.category ?? '', whose: 'shared' as const }
  const reason = 'Also somebody else’s by another link; added by decision.'
  if (RIGHT_TABLE[input.right].effect === 'erase') {
    if (staysWhole(input, id)) return []
    const set = ownLinks(collection)
    return [{ ...base, action: 'detach', fields: Object.keys(set), withheld: [], set, reason }]
  }
  const given = disclosedFields(input, collection)
  return given === undefined ? [] : [{ ...base, action: 'disclose', ...given, reason }]
}

/**
 * Whether shared rows of a collection can be added to a plan: to a copy that would have such rows of the person's own, or to an erasure where
 * the policy says what detaches this person alone.
 */
export function canBeAdded(asked: Asked, { collection: id, shared_rows }: SurveyedRows): boolean {
  const collection = asked.policy.collections.get(id)
  if (collection?.category === undefined || shared_rows === 0) return false
  const { effect } = RIGHT_TABLE[asked.right]
  if (effect === 'disclose') return disclosedFields(asked, collection) !== undefined
  const { kind } = asked.policy.sources.get(collection.source) ?? {}
  return effect === 'erase' && kind === 'postgres' && Object.keys(ownLinks(collection)).length > 0
}

/**
 * What detaches one person from rows that are also somebody else's: columns that open them, which the source changes only where they hold a
 * value of this person, and lists that lose the person's elements. Nothing where a link stands inside a column that would change as a whole.
 */
function ownLinks({ opened_by, set }: Named<Collection>): Collection['set'] {
  const links = opened_by.filter(({ meaning }) => meaning !== 'bridge').flatMap(({ columns }) => columns)
  const parts = Object.entries(set).filter(([, strategy]) => strategy === null || !('remove' in strategy))
  if (links.some((link) => parts.some(([name]) => link !== name && baseColumn(link) === name))) return {}
  return Object.fromEntries(
    Object.entries(set).filter(([name, strategy]) => links.includes(name) || (strategy !== null && 'remove' in strategy)),
  )
}

type SurveyedRows = Pick<SurveyedCollection, 'collection' | 'shared_rows'>
