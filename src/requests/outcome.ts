import { companyItems } from '../planner/own-records.ts'
import type { PlanBody, PlanFindings } from '../planner/shape.ts'
import { RIGHT_TABLE } from '../policy/rights.ts'

export type OutcomeWord = 'granted' | 'partly' | 'refused' | 'nothing_held'

/** How a case ends that was carried out: wholly, in part because something stays or is somebody else's to decide, or with nothing to do it to. */
export function outcomeOf(body: PlanBody, findings: PlanFindings, foundByPeople: boolean): OutcomeWord {
  const { effect } = RIGHT_TABLE[body.right]
  if (effect === 'record' || effect === 'restrict' || effect === 'describe') return 'granted'
  const items = companyItems(body.items)
  const described = body.scope['know'] === 'categories'
  const held = Object.values(findings.rows).some((rows) => rows > 0)
  // Held, but under a basis that portability does not reach (Art. 20(1)(a) GDPR).
  if (body.right === 'portability' && items.length === 0 && held) return 'partly'
  if (items.length === 0) return foundByPeople || (described && held) ? 'granted' : 'nothing_held'
  return items.some(({ action }) => action === 'keep' || action === 'forward') ? 'partly' : 'granted'
}
