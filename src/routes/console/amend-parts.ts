import type { PlanAmendment } from '../../planner/shape.ts'
import { groundsToAmend } from '../../requests/decision/amend.ts'
import { canAmend } from '../../requests/decision/can-amend.ts'
import type { readCasePage } from '../../requests/read-case.ts'
import type { AmendChoices } from '../../web/console/case-view.ts'
import type { FormFields } from '../form-fields.ts'
import type { Desk } from './shell.ts'

type CaseFile = Awaited<ReturnType<typeof readCasePage>>

const DONE = { leave_out: 'Left out', keep: 'Kept', add: 'Added' } as const

const BACK = {
  leave_out: 'take back what is left out',
  keep: 'take back that it is kept',
  add: 'take back what is added',
} as const

/** An amendment in a sentence, with the ground that the letter names. */
export function amendmentInWords({ ctx }: Desk, one: PlanAmendment): { id: string; text: string; ground: string | null } {
  const { label, fields } = labelsOf(ctx, one.collection, one.fields)
  const what = fields.length === 0 ? label : `${label} (${fields.join(', ')})`
  const until = one.keep === undefined ? '' : ` until ${one.keep.until}`
  const ground = one.ground === undefined ? null : `${one.ground.article}: ${one.ground.sentence}`
  return { id: `${one.kind} ${one.collection}`, text: `${DONE[one.kind]}: ${what}${until}`, ground }
}

/** What a person can leave out, keep or add, by the names of the policy; null when there is nothing. */
export function amendChoicesOf({ ctx }: Desk, { case: one, plan }: CaseFile): AmendChoices | null {
  if (plan === undefined) return null
  const can = canAmend(ctx.policy, plan)
  const named = (ids: readonly string[]) => ids.map((value) => ({ value, text: choiceText(ctx, value) }))
  return {
    leave_out: named(can.leave_out),
    keep: named(can.keep),
    add: [
      ...named(can.add),
      ...can.take_back.map(({ kind, collection }) => ({
        value: `${kind}:${collection}`,
        text: `${labelsOf(ctx, collection, []).label}: ${BACK[kind]}`,
      })),
    ],
    part_grounds: groundsToAmend(one).map(({ code, article, sentence }) => ({ value: code, text: `${article}: ${sentence}` })),
  }
}

/** A collection, or a field of one in which an old value stands, by the names of the policy. */
function choiceText(ctx: Desk['ctx'], value: string): string {
  const [collection = '', field] = value.split('.')
  const { label, fields } = labelsOf(ctx, collection, field === undefined ? [] : [field])
  return fields[0] === undefined ? label : `${label}: ${fields[0]}`
}

/** What an amendment's form has sent, as the verb takes it. */
export function readAmendment(fields: FormFields): unknown {
  const kind = fields.text('kind')
  const base = { collection: fields.text('collection'), reason: fields.text('reason') }
  const names = fields
    .text('fields')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (kind === 'leave_out') return { leave_out: [{ ...base, fields: names, ground: fields.text('ground') }] }
  if (kind === 'keep')
    return { keep: [{ ...base, ground: fields.text('ground'), until: fields.text('until'), ...fields.optional('statute') }] }
  const [, taken, of] = /^(leave_out|keep|add):(.*)$/.exec(base.collection) ?? []
  if (taken !== undefined) return { take_back: [{ ...base, kind: taken, collection: of }] }
  const [collection, field] = base.collection.split('.')
  return { add: [{ ...base, collection, fields: field === undefined ? [] : [field] }] }
}

function labelsOf({ policy }: Desk['ctx'], id: string, names: readonly string[]): { label: string; fields: string[] } {
  const collection = policy.collections.get(id)
  return { label: collection?.label ?? id, fields: names.map((name) => collection?.fields[name]?.label ?? name) }
}
