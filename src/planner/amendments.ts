import { RIGHT_TABLE } from '../policy/rights.ts'
import type { Right } from '../policy/schema.ts'
import type { PlanInput, SurveyedCollection } from './plan.ts'
import type { PlanAmendment, PlanItem } from './shape.ts'

/**
 * The items of a plan as people have amended them: a part of a copy left out on a ground (Art. 15(4) GDPR), rows added that are also somebody
 * else's. What is kept is judged with the erasure (erasure.ts). What an amendment is about and was not found again is not there to amend.
 */
export function amendedItems(input: PlanInput, items: readonly PlanItem[]): PlanItem[] {
  const rest = items.flatMap((item) => {
    const amendment = input.amendments.find(({ kind, collection }) => kind === 'leave_out' && collection === item.collection)
    return amendment === undefined ? [item] : leftOut(item, amendment)
  })
  return [...rest, ...input.amendments.filter(({ kind }) => kind === 'add').flatMap((one) => addedItem(input, one.collection))]
}

function leftOut(item: PlanItem, { fields }: PlanAmendment): PlanItem[] {
  if (item.action !== 'disclose' && item.action !== 'change') return [item]
  if (fields.length === 0) return []
  const rest = item.fields.filter((field) => !fields.includes(field))
  return rest.length === 0 ? [] : [{ ...item, fields: rest, withheld: item.withheld.filter(({ field }) => !fields.includes(field)) }]
}

/** Rows that are also somebody else's: given with all but secrets, or freed of what points at the person; never erased. */
function addedItem(input: PlanInput, id: string): PlanItem[] {
  const surveyed = input.surveyed.find(({ collection }) => collection === id)
  const collection = input.policy.collections.get(id)
  if (collection === undefined || surveyed === undefined || !canBeAdded(input.policy, input.right, surveyed)) return []
  const base = { source: collection.source, collection: id, category: collection.category ?? '', whose: 'shared' as const }
  const reason = 'Also somebody else’s by another link; added by decision.'
  if (RIGHT_TABLE[input.right].effect === 'erase')
    return [{ ...base, action: 'detach', fields: Object.keys(collection.set), withheld: [], set: collection.set, reason }]
  const fields = Object.entries(collection.fields).filter(([, { not_personal }]) => not_personal === undefined)
  return [
    {
      ...base,
      action: 'disclose',
      fields: fields.filter(([, { never_disclose }]) => never_disclose === undefined).map(([name]) => name),
      withheld: fields.flatMap(([field, { never_disclose: type }]) => (type === undefined ? [] : [{ field, type }])),
      reason,
    },
  ]
}

/** Whether shared rows of a collection can be added to a plan: to a copy, or to an erasure where the policy says what detaches them. */
export function canBeAdded(policy: PlanInput['policy'], right: Right, { collection: id, shared_rows }: SurveyedRows): boolean {
  const collection = policy.collections.get(id)
  if (collection?.category === undefined || shared_rows === 0) return false
  const { effect } = RIGHT_TABLE[right]
  return effect === 'disclose' || (effect === 'erase' && Object.keys(collection.set).length > 0)
}

type SurveyedRows = Pick<SurveyedCollection, 'collection' | 'shared_rows'>
