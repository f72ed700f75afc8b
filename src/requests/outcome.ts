import { companyItems } from '../planner/own-records.ts'
import type { PlanBody } from '../planner/shape.ts'

export type OutcomeWord = 'granted' | 'partly' | 'refused' | 'nothing_held'

/** How a case ends that was carried out: wholly, in part because something stays or is somebody else's to decide, or with nothing to do it to. */
export function outcomeOf(body: PlanBody, foundByPeople: boolean, recordsOnly: boolean): OutcomeWord {
  const items = companyItems(body.items)
  if (recordsOnly) return 'granted'
  if (items.length === 0) return foundByPeople ? 'granted' : 'nothing_held'
  return items.some(({ action }) => action === 'keep' || action === 'forward') ? 'partly' : 'granted'
}
