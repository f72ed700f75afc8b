import { companyItems } from '../planner/own-records.ts'
import type { PlanBody, PlanFindings } from '../planner/shape.ts'
import { RIGHT_TABLE } from '../policy/rights.ts'

export type OutcomeWord = 'granted' | 'partly' | 'refused' | 'nothing_held'

/** How a case ends that was carried out: wholly, in part because something stays or is somebody else's to decide, or with nothing to do it to. */
export function outcomeOf(body: PlanBody, findings: PlanFindings, foundByPeople: boolean, keptBack = false): OutcomeWord {
  const { effect } = RIGHT_TABLE[body.right]
  if (effect === 'record' || effect === 'restrict' || effect === 'describe') return 'granted'
  if (keptBack) return 'partly'
  const items = companyItems(body.items)
  if (items.some(({ action }) => action === 'keep' || action === 'forward')) return 'partly'
  if (body.hidden.length > 0 || body.amendments.some(({ kind }) => kind === 'leave_out')) return 'partly'
  // A correction that a person has left out is a part that is not done; one done by hand is done.
  if (Object.values(body.answers).includes('leave_out')) return 'partly'
  if (items.length > 0 || foundByPeople || Object.values(body.answers).includes('done_by_hand')) return 'granted'
  const held = [...Object.values(findings.rows), ...Object.values(findings.shared_rows)].some((rows) => rows > 0)
  if (!held) return 'nothing_held'
  // Held, but the copy that was asked for reaches none of it (Art. 20(1)(a) GDPR), or only its description was asked for.
  return body.scope['know'] === 'categories' ? 'granted' : 'partly'
}
