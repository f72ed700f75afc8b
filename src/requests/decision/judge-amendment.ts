import type { Context } from '../../context.ts'
import type { FieldError } from '../../errors.ts'
import { canBeAdded } from '../../planner/amendments.ts'
import type { PlanAmendment } from '../../planner/shape.ts'
import { localDay } from '../clock-days.ts'
import type { RequestRow } from '../transition.ts'
import type { StoredPlan } from './lock-for-decision.ts'

/** An amendment that somebody wants to make, or one made before that is to be as if nobody had. */
export type Wanted = PlanAmendment & { readonly act: 'amend' | 'take_back'; readonly reason: string; readonly pointer: string }

interface Standing {
  readonly request: RequestRow
  readonly plan: StoredPlan
  /** What has been amended before. */
  readonly known: readonly PlanAmendment[]
  readonly wanted: readonly Wanted[]
}

/** Claims are brought within this time or lapse, or there is a hold; any other law names its end, of which none sensible is longer. */
const MOST_YEARS = { legal_claims: 5, other: 10 }

/** The same, or the taking back of what was left out or kept, where somebody adds a collection of which there is nothing else to add. */
export function insteadOfAdding(ctx: Context, plan: StoredPlan, known: readonly PlanAmendment[], one: Wanted): Wanted {
  if (one.act !== 'amend' || one.kind !== 'add' || one.fields.length > 0 || hasShared(ctx, plan, one.collection)) return one
  const before = known.find(({ kind, collection }) => kind !== 'add' && collection === one.collection)
  return before === undefined ? one : { ...one, act: 'take_back', kind: before.kind }
}

/** What speaks against an amendment; an empty list when nothing does. */
export function judge(ctx: Context, standing: Standing, one: Wanted): FieldError[] {
  const at = (part: string, detail: string): FieldError[] => [{ pointer: `${one.pointer}/${part}`, detail }]
  const { request, plan, known, wanted } = standing
  const first = wanted.find(({ kind, collection }) => kind === one.kind && collection === one.collection)
  if (first !== one) return at('collection', `named before at ${first?.pointer ?? ''}`)
  const before = known.find(({ kind, collection }) => kind === one.kind && collection === one.collection)
  if (one.act === 'take_back') return before === undefined ? at('collection', 'nothing of that kind has been amended there') : []
  const items = plan.body.items.filter(({ collection }) => collection === one.collection)
  switch (one.kind) {
    case 'leave_out': {
      if (before?.ground !== undefined && before.ground.code !== one.ground?.code)
        return at('ground', `expected ${before.ground.code}, on which a part of it is left out already; or take that back first`)
      // Of rows that are also somebody else's, single fields can be left out; all of them by taking back that they were added.
      const item = items.find(({ action, whose }) => gives(action) && (whose === undefined || (one.fields.length > 0 && !isWhole(before))))
      if (item === undefined) return at('collection', 'the plan gives or changes nothing of this collection; what is erased can be kept')
      const unknown = one.fields.filter((field) => !item.fields.includes(field))
      return unknown.length > 0 ? at('fields', `the plan has no field ${unknown.join(', ')} there`) : []
    }
    case 'keep': {
      if (!isKept(before, items)) return at('collection', 'the plan erases nothing of this collection')
      const today = localDay(ctx.clock.now().toISOString(), request.zone)
      const until = one.keep?.until ?? ''
      if (until <= today.toString()) return at('until', 'expected a day to come')
      const years = one.keep?.basis === 'legal_claims' ? MOST_YEARS.legal_claims : MOST_YEARS.other
      return until > today.add({ years }).toString() ? at('until', `expected a day within ${years} years`) : []
    }
    case 'add': {
      const leftOut = known.find(({ kind, collection }) => kind === 'leave_out' && collection === one.collection)
      if (leftOut !== undefined && one.fields.some((field) => isWhole(leftOut) || leftOut.fields.includes(field)))
        return at('collection', 'it is left out; take that back first')
      return isThere(ctx, plan, one) ? [] : at('collection', 'nothing of this collection was found that the plan leaves out')
    }
  }
}

function gives(action: string): boolean {
  return action === 'disclose' || action === 'change'
}

function isWhole(leftOut: PlanAmendment | undefined): boolean {
  return leftOut?.fields.length === 0
}

/** The plan erases something of the person's own, or would but for an earlier decision, whose end can be changed. */
function isKept(before: PlanAmendment | undefined, items: StoredPlan['body']['items']): boolean {
  const own = items.filter(({ whose }) => whose === undefined)
  return own.some(({ action }) => action === 'erase' || action === 'detach' || (action === 'keep' && before !== undefined))
}

function isThere(ctx: Context, plan: StoredPlan, { collection, fields }: Wanted): boolean {
  if (fields.length > 0) return fields.every((field) => (plan.findings.copies?.[`${collection}.${field}`] ?? 0) > 0)
  return hasShared(ctx, plan, collection)
}

function hasShared(ctx: Context, { body, findings }: StoredPlan, collection: string): boolean {
  const { right, scope } = body
  return canBeAdded({ policy: ctx.policy, right, scope }, { collection, shared_rows: findings.shared_rows[collection] ?? 0 })
}
