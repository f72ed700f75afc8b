import { randomUUIDv7 } from 'node:crypto'
import { and, asc, eq } from 'drizzle-orm'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { amendments } from '../../db/schema/work.ts'
import { Refusal, type FieldError } from '../../errors.ts'
import { groundsFor, type Ground } from '../../letters/grounds.ts'
import { canBeAdded } from '../../planner/amendments.ts'
import type { PlanAmendment } from '../../planner/shape.ts'
import type { Regime, Right } from '../../policy/schema.ts'
import type { VerbContext } from '../../verb.ts'
import { localDay } from '../clock-days.ts'
import type { RequestRow } from '../transition.ts'
import type { StoredPlan } from './lock-for-decision.ts'

const collection = z.string().max(63)
const reason = z.string().trim().min(5, 'say why, in a few words').max(2_000)
const ground = z.string().max(100).describe('a ground the law knows for this right')
const many = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(100).optional()

/** What a person changes about a plan; all left out: it is only made again. */
export const amendmentInput = z
  .strictObject({
    leave_out: many(z.strictObject({ collection, fields: z.array(z.string().max(63)).max(200).default([]), ground, reason })),
    keep: many(
      z.strictObject({
        collection,
        ground,
        statute: z.string().trim().min(3).max(200).optional().describe('the law that is named, when the ground alone does not'),
        until: z.iso.date().describe('last day on which the rows stay'),
        reason,
      }),
    ),
    add: many(z.strictObject({ collection, fields: z.array(z.string().max(63)).max(200).default([]), reason })).describe(
      'rows that are also somebody else’s, fields that hold the old value of a correction, or what was left out or kept before',
    ),
  })
  .default({})

export type Amendments = z.output<typeof amendmentInput>

type Wanted = PlanAmendment & { readonly reason: string; readonly pointer: string }

/**
 * Writes down what a person changes about the plan: judged against the plan as it stands, the grounds of the law and the data map, all or
 * nothing. Who has amended a case cannot approve it.
 */
export async function recordAmendments(ctx: VerbContext, request: RequestRow, plan: StoredPlan, input: Amendments): Promise<void> {
  const known = await amendmentsOf(ctx, request.id)
  const wanted = wantedOf(ctx, request, input)
  const problems = wanted.flatMap((one) => judge(ctx, { request, plan, known }, one))
  if (problems.length > 0) throw new Refusal('unknown_item', problems)
  for (const one of wanted) {
    const mine = and(eq(amendments.request_id, request.id), eq(amendments.collection, one.collection))
    await ctx.db.delete(amendments).where(mine)
    // What was left out or kept is added again by taking the amendment back; only rows of others need one of their own.
    if (
      one.kind === 'add' &&
      one.fields.length === 0 &&
      known.some(({ kind, collection: name }) => kind !== 'add' && name === one.collection)
    )
      continue
    const id = randomUUIDv7()
    const { kind, collection: name, ground: code, keep } = one
    const earlier = known.find((amendment) => kind === 'add' && amendment.kind === 'add' && amendment.collection === name)
    const fields = [...new Set([...(earlier?.fields ?? []), ...one.fields])]
    await ctx.db.insert(amendments).values({
      id,
      request_id: request.id,
      kind,
      collection: name,
      body: { kind, collection: name, fields, ...(code !== undefined && { ground: code }), ...(keep !== undefined && { keep }) },
      reason: await ctx.keys.seal(request.key_id, `amendments.reason:${id}`, one.reason),
      operator_id: ctx.actor.kind === 'operator' ? ctx.actor.id : '',
      at: ctx.clock.now(),
    })
  }
  const said = wanted.map(({ kind, collection: name, ground: named }) => [kind, name, named?.code ?? ''].join(' ').trim())
  await ctx.record('request.amended', { case: request.reference, amendments: said })
}

/** The amendments of a case as its next plan carries them, by collection. */
export async function amendmentsOf(ctx: Context, requestId: string): Promise<PlanAmendment[]> {
  const rows = await ctx.db.select().from(amendments).where(eq(amendments.request_id, requestId)).orderBy(asc(amendments.collection))
  return rows.map(({ body }) => body as PlanAmendment)
}

function wantedOf(ctx: Context, request: RequestRow, { leave_out = [], keep = [], add = [] }: Amendments): Wanted[] {
  const { country } = ctx.policy.controllers.get(request.controller) ?? ctx.policy.main
  const named = (code: string, part: string): NonNullable<PlanAmendment['ground']> => groundNamed(request, code, part)
  return [
    ...leave_out.map((one, index): Wanted => {
      const pointer = `/leave_out/${index}`
      return { ...one, kind: 'leave_out', pointer, ground: named(one.ground, `${pointer}/ground`) }
    }),
    ...keep.map((one, index): Wanted => {
      const pointer = `/keep/${index}`
      const known = named(one.ground, `${pointer}/ground`)
      const statute = one.statute ?? known.article
      const kept = { basis: one.ground.toLowerCase(), statute, jurisdiction: country, until: one.until }
      return { ...one, kind: 'keep', fields: [], pointer, ground: known, keep: kept }
    }),
    ...add.map((one, index): Wanted => ({ ...one, kind: 'add', pointer: `/add/${index}` })),
  ]
}

/** The grounds on which a part of a case can be left out or kept. */
export function groundsToAmend({ right, regime, scope }: Pick<RequestRow, 'right' | 'regime' | 'scope'>): readonly Ground[] {
  return groundsFor(right as Right, regime as Regime, scope)
}

function groundNamed(request: RequestRow, code: string, pointer: string): NonNullable<PlanAmendment['ground']> {
  const grounds = groundsToAmend(request)
  const known = grounds.find((one) => one.code === code)
  if (known !== undefined) return { code, article: known.article, sentence: known.sentence }
  const codes = grounds.map((one) => one.code).join(', ')
  throw new Refusal('forbidden_by_law', [{ pointer, detail: `expected one of ${codes}` }])
}

function judge(
  ctx: Context,
  { request, plan, known }: { request: RequestRow; plan: StoredPlan; known: readonly PlanAmendment[] },
  one: Wanted,
): FieldError[] {
  const at = (part: string, detail: string): FieldError[] => [{ pointer: `${one.pointer}/${part}`, detail }]
  const items = plan.body.items.filter(({ collection: name }) => name === one.collection)
  switch (one.kind) {
    case 'leave_out': {
      const item = items.find(({ action }) => action === 'disclose' || action === 'change')
      if (item === undefined) return at('collection', 'the plan gives or changes nothing of this collection; what is erased can be kept')
      const unknown = one.fields.filter((field) => !item.fields.includes(field))
      return unknown.length > 0 ? at('fields', `the plan has no field ${unknown.join(', ')} there`) : []
    }
    case 'keep': {
      if (!items.some(({ action }) => action === 'erase' || action === 'detach'))
        return at('collection', 'the plan erases nothing of this collection')
      const today = localDay(ctx.clock.now().toISOString(), request.zone).toString()
      return (one.keep?.until ?? '') <= today ? at('until', 'expected a day to come') : []
    }
    case 'add':
      return isThere(ctx, plan, known, one) ? [] : at('collection', 'nothing of this collection was found that the plan leaves out')
  }
}

function isThere(
  ctx: Context,
  { body, findings }: StoredPlan,
  known: readonly PlanAmendment[],
  { collection: name, fields }: Wanted,
): boolean {
  if (fields.length > 0) return fields.every((field) => (findings.copies?.[`${name}.${field}`] ?? 0) > 0)
  if (known.some(({ kind, collection: id }) => kind !== 'add' && id === name)) return true
  return canBeAdded(ctx.policy, body.right, { collection: name, shared_rows: findings.shared_rows[name] ?? 0 })
}
