import { companyItems } from '../../planner/own-records.ts'
import type { PlanBody, PlanItem } from '../../planner/shape.ts'

/**
 * How many different people must agree to this plan; a plan that touches nothing needs nobody. Rows that are also somebody else's never leave on
 * the word of the one who added them.
 */
export function approvalsNeeded(body: PlanBody): number {
  const items = companyItems(body.items)
  if (items.length === 0) return 0
  return Math.max(byRule(body, items), hasSharedRows(body) ? 1 : 0)
}

/** Whether somebody has added rows to the plan that are also somebody else's. */
export function hasSharedRows({ items }: Pick<PlanBody, 'items'>): boolean {
  return items.some(({ whose }) => whose === 'shared')
}

function byRule(body: PlanBody, items: readonly PlanItem[]): number {
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
