import { RIGHT_TABLE } from '../policy/rights.ts'
import { describePeriod } from '../policy/words.ts'
import type { PlanInput } from './plan.ts'
import type { PlanItem } from './shape.ts'

/** The name under which this service's own records stand beside the company's sources. */
export const OWN_SOURCE = 'habeas'
export const OWN_COLLECTION = 'habeas_requests'
export const OWN_CATEGORY = 'rights_requests'

/** What becomes of our own records of the person: disclosed like any other data, and kept as the proof of what was done (Art. 5(2) GDPR). */
export function ownItems(input: PlanInput): PlanItem[] {
  const base = { source: OWN_SOURCE, collection: OWN_COLLECTION, category: OWN_CATEGORY, withheld: [] }
  const fields = ['reference', 'right', 'received_at', 'channel', 'state', 'details', 'messages', 'letters']
  switch (RIGHT_TABLE[input.right].effect) {
    case 'disclose':
      if (input.right === 'portability') return []
      return [{ ...base, action: 'disclose', fields, reason: 'Your requests, and what was written about them.' }]
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

/** Items that concern the company's systems: without any, nothing is held but the request itself. */
export function companyItems(items: readonly PlanItem[]): PlanItem[] {
  return items.filter(({ source }) => source !== OWN_SOURCE)
}
