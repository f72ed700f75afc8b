import type { DeclaredFinding } from './disclosure.ts'
import { reasonFor } from './disclosure.ts'
import { isSharedOnly } from './graph.ts'
import type { PlanInput } from './plan.ts'
import type { PlanItem } from './shape.ts'

/** A legal hold that covers this person: the whole of them, or one collection. */
export interface Hold {
  readonly matter: string
  readonly collection: string | undefined
  readonly review_on: string
}

/** What an erasure does to each collection (Art. 17 GDPR, §1798.105): gone, kept with statute and end, detached, or left with a reason. */
export function eraseItems(input: PlanInput, found: readonly DeclaredFinding[]): PlanItem[] {
  return found.flatMap((one) => {
    const held = input.holds.find((hold) => hold.collection === undefined || hold.collection === one.collection)
    return held === undefined ? eraseItem(input, one) : [heldItem(one, held)]
  })
}

function eraseItem(input: PlanInput, one: DeclaredFinding): PlanItem[] {
  const collection = one.declared
  const fields = Object.keys(collection.fields)
  const base = { source: collection.source, collection: collection.id, category: collection.category ?? '', withheld: [] }
  switch (collection.on_erasure) {
    case 'delete':
      if (isSharedOnly(collection))
        return [{ ...base, action: 'keep', fields: [], reason: 'Shared with others: not erased on one person’s word.' }]
      return [{ ...base, action: 'erase', fields, reason: reasonFor(input, one) }]
    case 'detach':
      return [
        {
          ...base,
          action: 'detach',
          fields: Object.keys(collection.set),
          set: collection.set,
          reason: 'Shared with others: only what points at the person goes.',
        },
      ]
    case 'leave':
      return [{ ...base, action: 'keep', fields: [], reason: collection.leave_reason ?? 'Not touched by an erasure.' }]
    case 'keep': {
      const { keep } = collection
      if (keep === undefined) throw new Error(`the collection ${collection.id} is kept without a legal basis`)
      const changed = Object.keys(collection.set)
      const until = input.kept_until[collection.id] ?? ''
      return [
        {
          ...base,
          action: 'keep',
          fields: fields.filter((field) => !changed.includes(field)),
          set: collection.set,
          reason: `Kept because ${keep.statute} (${keep.country}) obliges us, restricted to that purpose and to the fields it asks for.`,
          keep: { basis: keep.basis, statute: keep.statute, jurisdiction: keep.country, until },
        },
      ]
    }
  }
}

/** Art. 17(3)(e): needed for legal claims. */
function heldItem(one: DeclaredFinding, hold: Hold): PlanItem {
  const collection = one.declared
  return {
    source: collection.source,
    collection: collection.id,
    category: collection.category ?? '',
    action: 'keep',
    fields: Object.keys(collection.fields),
    withheld: [],
    reason: `Under legal hold (${hold.matter}).`,
    keep: { basis: 'legal_claims', statute: 'Art. 17(3)(e) GDPR', jurisdiction: 'EU', until: hold.review_on },
  }
}
