import { canBeAdded } from '../../planner/amendments.ts'
import type { PlanAmendment, PlanItem } from '../../planner/shape.ts'
import type { Policy, Right } from '../../policy/schema.ts'

interface Amendable {
  readonly right: Right
  readonly scope: Readonly<Record<string, string>>
  readonly items: readonly PlanItem[]
  readonly amendments: readonly PlanAmendment[]
  /** Rows that are also somebody else's and not part of the plan, by collection. */
  readonly left_out: Readonly<Record<string, number>>
  /** Where the old value of a correction stands elsewhere, by `collection.column`. */
  readonly copies: Readonly<Record<string, number>>
}

interface TakenBack {
  readonly take_back: readonly Pick<PlanAmendment, 'kind' | 'collection'>[]
}

/** The collections that can be left out, kept or added (`collection.column` for copies of an old value), and what can be taken back. */
export function canAmend(policy: Policy, plan: Amendable): Record<'leave_out' | 'keep' | 'add', readonly string[]> & TakenBack {
  const ids = (actions: readonly PlanItem['action'][]) =>
    plan.items
      .filter(({ action, whose, collection }) => actions.includes(action) && whose === undefined && policy.collections.has(collection))
      .map(({ collection }) => collection)
  const shared = Object.entries(plan.left_out).filter(([collection, shared_rows]) =>
    canBeAdded({ policy, right: plan.right, scope: plan.scope }, { collection, shared_rows }),
  )
  const changed = plan.items.flatMap(({ action, collection, fields }) =>
    action === 'change' ? fields.map((field) => `${collection}.${field}`) : [],
  )
  const copies = Object.keys(plan.copies).filter((name) => !changed.includes(name))
  return {
    leave_out: [...new Set(ids(['disclose', 'change']))],
    keep: [...new Set(ids(['erase', 'detach']))],
    add: [...new Set([...shared.map(([collection]) => collection), ...copies])],
    take_back: plan.amendments.map(({ kind, collection }) => ({ kind, collection })),
  }
}
