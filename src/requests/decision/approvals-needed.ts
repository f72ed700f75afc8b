import { companyItems } from '../../planner/own-records.ts'
import type { PlanBody } from '../../planner/shape.ts'

/** How many different people must agree to this plan; a plan that touches nothing needs nobody. */
export function approvalsNeeded(body: PlanBody): number {
  const items = companyItems(body.items)
  if (items.length === 0) return 0
  switch (body.approvals) {
    case 'automatic':
      return 0
    case 'one':
    case 'one_plus_notice':
      return 1
    case 'two':
      return 2
    case 'risk_based':
      return items.some((item) => item.action === 'erase' || item.action === 'forward') ? 2 : 1
  }
}
