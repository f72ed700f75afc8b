import { rowLimit, rowsOf } from '../../planner/plan.ts'
import type { PlanBody, PlanFindings, PlanItem } from '../../planner/shape.ts'
import type { Change } from '../../sources/source.ts'
import { selectionOf, type FrozenIdentities } from '../planning/freeze.ts'
import type { TypedCorrection } from '../sealed.ts'
import { changesRows } from './steps-for.ts'

export interface PlannedWork {
  readonly body: PlanBody
  readonly findings: PlanFindings
  readonly frozen: FrozenIdentities
  readonly corrections: readonly TypedCorrection[]
}

/** What a step asks its source to do: each writing item of its collections (null: of all) as a change with its selection and its limit. */
export function changesFor(work: PlannedWork, source: string, collections: readonly string[] | null = null): Change[] {
  return work.body.items
    .filter((item) => item.source === source && changesRows(item) && collections?.includes(item.collection) !== false)
    .map((item) => changeOf(work, item))
}

function changeOf(work: PlannedWork, item: PlanItem): Change {
  const selection = selectionOf(work.frozen, item)
  const limit = rowLimit(work.body.limits, rowsOf(work.findings, item))
  if (item.action === 'erase') return { selection, action: { kind: 'delete' }, limit }
  if (item.set !== undefined) return { selection, action: { kind: 'set', set: item.set }, limit }
  return { selection, limit, ...correctionOf(work, item) }
}

/** A rectification names its correction by number; the values stay sealed until here. */
function correctionOf(work: PlannedWork, item: PlanItem): Pick<Change, 'action' | 'only_where'> {
  const correction = item.correction === undefined ? undefined : work.corrections[item.correction]
  const column = item.fields[0]
  if (correction === undefined || column === undefined) throw new Error(`the plan changes ${item.collection} without saying to what`)
  return {
    action: { kind: 'set', set: { [column]: { value: correction.to } } },
    ...(correction.from !== undefined && { only_where: { [column]: correction.from } }),
  }
}
