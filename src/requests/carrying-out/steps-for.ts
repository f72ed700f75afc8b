import { companyItems } from '../../planner/own-records.ts'
import type { PlanBody, PlanItem } from '../../planner/shape.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import type { Policy } from '../../policy/schema.ts'
import { applySteps } from './apply-steps.ts'

export interface StepDraft {
  readonly kind: 'apply' | 'record' | 'task' | 'archive'
  readonly source: string
  /** Null: everything that the plan changes there. */
  readonly collections: readonly string[] | null
  /** Places in the list of steps that must be done before. */
  readonly waits_for: readonly number[]
}

/** The steps of a plan: those that change rows, one for the standing fact, a task a manual source that is asked, and the archive last. */
export function stepsFor(policy: Policy, body: PlanBody): StepDraft[] {
  const right = RIGHT_TABLE[body.right]
  const items = companyItems(body.items)
  const changing = applySteps(policy, items.filter(changesRows))
  const searches = right.effect !== 'record' && body.answers['identity'] !== 'none'
  const manual = searches ? body.searched.filter(({ kind, skipped }) => kind === 'manual' && skipped !== true) : []
  const archive = right.effect === 'disclose' && (items.some(({ action }) => action === 'disclose') || manual.length > 0)
  return [
    ...changing.map((step) => ({ kind: 'apply' as const, ...step })),
    ...(right.leaves === undefined ? [] : [draft('record', 'habeas')]),
    ...manual.map(({ source }) => draft('task', source)),
    ...(archive ? [draft('archive', 'habeas')] : []),
  ]
}

function draft(kind: StepDraft['kind'], source: string): StepDraft {
  return { kind, source, collections: null, waits_for: [] }
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
