import { randomUUIDv7 } from 'node:crypto'
import { and, asc, eq } from 'drizzle-orm'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { amendments } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { groundsFor, type Ground } from '../../letters/grounds.ts'
import type { PlanAmendment } from '../../planner/shape.ts'
import type { Regime, Right } from '../../policy/schema.ts'
import type { VerbContext } from '../../verb.ts'
import type { RequestRow } from '../transition.ts'
import { insteadOfAdding, judge, type Wanted } from './judge-amendment.ts'
import type { StoredPlan } from './lock-for-decision.ts'

const collection = z.string().max(63)
const reason = z.string().trim().min(5, 'say why, in a few words').max(2_000)
const ground = z.string().max(100).describe('a ground the law knows for this right')
/** Six digits in a row, or nine with blanks and signs between, are a telephone or account number and no article. */
const NUMBER = /\d{6}|(?:\d[ .\-/()]*){9}/
const statute = z
  .string()
  .trim()
  .min(3)
  .max(80)
  .regex(/^[\p{L}\p{M}\p{N}§ .,;:()'’/&–-]+$/u, 'expected the name of a law: letters, digits, § and punctuation')
  .refine((text) => !NUMBER.test(text), 'expected the name of a law, got a number of another kind')
  .describe('the law that is named, when the ground alone does not; the letter quotes it, so it names no person')
const many = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(100).optional()

/** What a person changes about a plan; all left out: it is only made again. */
export const amendmentInput = z
  .strictObject({
    leave_out: many(z.strictObject({ collection, fields: z.array(z.string().max(63)).max(200).default([]), ground, reason })).describe(
      'parts of a copy or correction: these fields beside those left out before, or all of the person’s own rows; on one ground per collection',
    ),
    keep: many(
      z.strictObject({
        collection,
        ground,
        statute: statute.optional(),
        until: z.iso.date().describe('last day on which the rows stay: at most 10 years from today, 5 for legal claims'),
        reason,
      }),
    ),
    add: many(z.strictObject({ collection, fields: z.array(z.string().max(63)).max(200).default([]), reason })).describe(
      'rows that are also somebody else’s, or fields that hold the old value of a correction; where there are none, as take_back of what was left out or kept',
    ),
    take_back: many(z.strictObject({ collection, kind: z.enum(['leave_out', 'keep', 'add']), reason })).describe(
      'what was amended before, which from now on is as if nobody had',
    ),
  })
  .default({})

export type Amendments = z.output<typeof amendmentInput>

/**
 * Writes down what a person changes about the plan: judged against the plan as it stands, the grounds of the law and the data map, all or
 * nothing. Each collection has at most one amendment of a kind: fields come to those before, a new end replaces the old one, and no kind undoes
 * another. Who has amended a case cannot approve it.
 */
export async function recordAmendments(ctx: VerbContext, request: RequestRow, plan: StoredPlan, input: Amendments): Promise<void> {
  const known = await amendmentsOf(ctx, request.id)
  const wanted = wantedOf(ctx, request, input).map((one) => insteadOfAdding(ctx, plan, known, one))
  const problems = wanted.flatMap((one) => judge(ctx, { request, plan, known, wanted }, one))
  if (problems.length > 0) throw new Refusal('unknown_item', problems)
  for (const one of wanted) await write(ctx, request, one)
  const said = wanted.map(({ act, kind, collection: name, ground: named }) =>
    [...(act === 'take_back' ? [act] : []), kind, name, ...(named === undefined ? [] : [named.code])].join(' '),
  )
  await ctx.record('request.amended', { case: request.reference, amendments: said })
}

async function write(ctx: VerbContext, request: RequestRow, one: Wanted): Promise<void> {
  const { kind, collection: name, ground: code, keep } = one
  const [earlier] = await ctx.db
    .delete(amendments)
    .where(and(eq(amendments.request_id, request.id), eq(amendments.collection, name), eq(amendments.kind, kind)))
    .returning()
  if (one.act === 'take_back') return
  const id = randomUUIDv7()
  const before = earlier === undefined ? [] : [await ctx.keys.open(`amendments.reason:${earlier.id}`, earlier.reason)]
  const fields = together(kind, (earlier?.body as PlanAmendment | undefined)?.fields, one.fields)
  await ctx.db.insert(amendments).values({
    id,
    request_id: request.id,
    kind,
    collection: name,
    body: { kind, collection: name, fields, ...(code !== undefined && { ground: code }), ...(keep !== undefined && { keep }) },
    reason: await ctx.keys.seal(request.key_id, `amendments.reason:${id}`, [...before, one.reason].join('\n')),
    operator_id: ctx.actor.kind === 'operator' ? ctx.actor.id : '',
    at: ctx.clock.now(),
  })
}

/** Fields of two amendments; to leave out the whole stays the whole. */
function together(kind: PlanAmendment['kind'], before: readonly string[] | undefined, now: readonly string[]): string[] {
  if (before === undefined) return [...now]
  if (kind === 'leave_out' && (before.length === 0 || now.length === 0)) return []
  return [...new Set([...before, ...now])].toSorted()
}

/** The amendments of a case as its next plan carries them, by collection. */
export async function amendmentsOf(ctx: Context, requestId: string): Promise<PlanAmendment[]> {
  const rows = await ctx.db
    .select()
    .from(amendments)
    .where(eq(amendments.request_id, requestId))
    .orderBy(asc(amendments.collection), asc(amendments.kind))
  return rows.map(({ body }) => body as PlanAmendment)
}

function wantedOf(ctx: Context, request: RequestRow, { leave_out = [], keep = [], add = [], take_back = [] }: Amendments): Wanted[] {
  const { country } = ctx.policy.controllers.get(request.controller) ?? ctx.policy.main
  const named = (code: string, part: string): NonNullable<PlanAmendment['ground']> => groundNamed(request, code, part)
  return [
    ...leave_out.map((one, index): Wanted => {
      const pointer = `/leave_out/${index}`
      return { ...one, act: 'amend', kind: 'leave_out', pointer, ground: named(one.ground, `${pointer}/ground`) }
    }),
    ...keep.map((one, index): Wanted => {
      const pointer = `/keep/${index}`
      const known = named(one.ground, `${pointer}/ground`)
      const statute = one.statute ?? known.article
      const kept = { basis: one.ground.toLowerCase(), statute, jurisdiction: country, until: one.until }
      return { ...one, act: 'amend', kind: 'keep', fields: [], pointer, ground: known, keep: kept }
    }),
    ...add.map((one, index): Wanted => ({ ...one, act: 'amend', kind: 'add', pointer: `/add/${index}` })),
    ...take_back.map((one, index): Wanted => ({ ...one, act: 'take_back', fields: [], pointer: `/take_back/${index}` })),
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
