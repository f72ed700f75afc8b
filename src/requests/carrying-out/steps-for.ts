import { companyItems } from '../../planner/own-records.ts'
import type { PlanBody, PlanItem } from '../../planner/shape.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import type { Policy } from '../../policy/schema.ts'

export interface StepDraft {
  readonly kind: 'apply' | 'record' | 'task' | 'archive'
  readonly source: string
}

/** The steps of a plan: one a source for what changes there, one for the standing fact, a task a manual source, and the archive last. */
export function stepsFor(policy: Policy, body: PlanBody): StepDraft[] {
  const right = RIGHT_TABLE[body.right]
  const items = companyItems(body.items)
  const changing = [...new Set(items.filter(changesRows).map(({ source }) => source))].sort()
  const searches = right.effect !== 'record' && body.answers['identity'] !== 'none'
  const manual = searches ? [...policy.sources.values()].filter(({ kind }) => kind === 'manual').map(({ id }) => id) : []
  const archive = right.effect === 'disclose' && (items.some(({ action }) => action === 'disclose') || manual.length > 0)
  return [
    ...(right.leaves === undefined ? [] : [{ kind: 'record' as const, source: 'habeas' }]),
    ...changing.map((source) => ({ kind: 'apply' as const, source })),
    ...manual.map((source) => ({ kind: 'task' as const, source })),
    ...(archive ? [{ kind: 'archive' as const, source: 'habeas' }] : []),
  ]
}

/** Whether an item writes to its source: kept rows are written only when fields of them go. */
export function changesRows(item: PlanItem): boolean {
  switch (item.action) {
    case 'erase':
    case 'change':
      return true
    case 'keep':
    case 'detach':
      return item.set !== undefined && Object.keys(item.set).length > 0
    case 'disclose':
    case 'forward':
    case 'notify':
      return false
  }
}
