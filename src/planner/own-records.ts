import { RIGHT_TABLE } from '../policy/rights.ts'
import { describePeriod } from '../policy/words.ts'
import type { PlanInput } from './plan.ts'
import type { PlanItem } from './shape.ts'

/** The name under which this service's own records stand beside the company's sources. */
export const OWN_SOURCE = 'habeas'
export const OWN_COLLECTION = 'habeas_requests'
export const OWN_CATEGORY = 'rights_requests'
/** The sealed copy of an earlier erasure: the company's data of the person, kept here until its last day. */
export const RECOVERY_COLLECTION = 'habeas_recovery_copy'

/** What becomes of our own records of the person: disclosed like any other data, and kept as the proof of what was done (Art. 5(2) GDPR). */
export function ownItems(input: PlanInput): PlanItem[] {
  const base = { source: OWN_SOURCE, collection: OWN_COLLECTION, category: OWN_CATEGORY, withheld: [] }
  const fields = ['reference', 'right', 'received_at', 'channel', 'state', 'details', 'messages', 'letters']
  switch (RIGHT_TABLE[input.right].effect) {
    case 'disclose':
      if (input.right === 'portability') return []
      return [{ ...base, action: 'disclose', fields, reason: 'Your requests, and what was written about them.' }, ...copyItems(input)]
    case 'erase':
      return [
        {
          ...base,
          action: 'keep',
          fields,
          reason: `The record of this request is kept to prove what was done, for ${describePeriod(input.policy.own_records.case_file)} after it is closed.`,
          keep: { basis: 'legal_claims', statute: 'Art. 5(2) and 17(3)(e) GDPR', jurisdiction: 'EU', until: input.own_until },
        },
      ]
    case 'change':
    case 'restrict':
    case 'record':
    case 'describe':
      return []
  }
}

/** What is kept of an erasure is still held, so it is part of a copy (Art. 15(1) GDPR), by category. */
function copyItems({ recovery = [], scope }: PlanInput): PlanItem[] {
  if (scope['know'] === 'categories') return []
  const reason = 'In the sealed copy that is kept of an earlier erasure until its last day.'
  const base = { source: OWN_SOURCE, collection: RECOVERY_COLLECTION, action: 'disclose', fields: [], withheld: [], reason } as const
  return recovery.map((category) => ({ ...base, category }))
}

/** Items that concern the company's data, in its systems or sealed here: without any, nothing is held but the request itself. */
export function companyItems(items: readonly PlanItem[]): PlanItem[] {
  return items.filter(({ source, collection }) => source !== OWN_SOURCE || collection === RECOVERY_COLLECTION)
}
