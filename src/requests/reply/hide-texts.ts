import { randomUUIDv7 } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { requests } from '../../db/schema/requests.ts'
import { hiddenTexts } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { enqueue } from '../../outbox.ts'
import type { PlanItem } from '../../planner/shape.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { takeBackCopy } from '../decision/take-back-work.ts'
import { lockRequest } from '../find.ts'
import { transition, type RequestRow } from '../transition.ts'
import { keysOfTexts, nameOf, planOf, textFields, textItems } from './review-texts.ts'

export const hideInput = z.strictObject({
  collection: z.string().max(63),
  cells: z
    .array(
      z.strictObject({
        field: z.string().max(63),
        key: z.array(z.string().max(1_000)).min(1).max(16),
        hidden: z.boolean().optional().describe('false: given again'),
      }),
    )
    .min(1, 'mark at least one text')
    .max(500),
})

type Cell = z.output<typeof hideInput>['cells'][number]

/**
 * Leaves single texts out of a copy because they are about other people (Art. 15(4) GDPR). The copy is made again without them, under a plan
 * that counts them; the letter says that something was left out, and where. What was left out before can be given again the same way.
 */
export const hideTexts = verb(
  { name: 'hideTexts', permission: 'cases.plan', audit: ['request.amended', 'request.plan_asked', 'archive.erased'] },
  async (ctx, { reference, collection, cells }: z.output<typeof hideInput> & { reference: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    if (request.state !== 'awaiting_release') throw new Refusal('wrong_state')
    const { body, frozen } = await planOf(ctx, request)
    const item = textItems(ctx.policy, body).find((one) => nameOf(one) === collection)
    if (item === undefined) throw new Refusal('unknown_item', [{ pointer: '/collection', detail: 'the copy has no such texts' }])
    const fields = textFields(ctx.policy, item)
    const unknown = cells.findIndex(({ field }) => !fields.includes(field))
    if (unknown >= 0)
      throw new Refusal('unknown_item', [{ pointer: `/cells/${unknown}/field`, detail: `expected one of ${fields.join(', ')}` }])
    const keys = cells.some(({ hidden }) => hidden !== false) ? await keysOfTexts(ctx, { item, frozen }) : new Set<string>()
    for (const [index, cell] of cells.entries()) {
      // A key that no row of the copy has could not even be looked for where the column has another type.
      const done = cell.hidden === false ? await show(ctx, request, item, cell) : keys.has(JSON.stringify(cell.key))
      if (!done) throw new Refusal('unknown_item', [{ pointer: `/cells/${index}/key`, detail: 'the copy has no such row' }])
      if (cell.hidden !== false) await hide(ctx, request, item, cell)
    }
    await ctx.record('request.amended', {
      case: reference,
      collection,
      texts: cells.length,
      given_again: cells.filter(({ hidden }) => hidden === false).length,
    })
    await takeBackCopy(ctx, request)
    const operator = ctx.actor.kind === 'operator' ? ctx.actor.id : ''
    const amended = { amended_by: sql`array_append(${requests.amended_by}, ${operator}::uuid)` as never, approved_at: null }
    const moved = await transition(ctx, request.id, 'planning', amended, ['awaiting_release'])
    await ctx.record('request.plan_asked', { case: reference, reason: 'texts about other people are left out' })
    await enqueue(ctx, 'plan_request', { request_id: request.id })
    return moved
  },
)

async function hide(ctx: VerbContext, request: RequestRow, item: PlanItem, { field, key }: Cell): Promise<void> {
  const id = randomUUIDv7()
  await ctx.db
    .insert(hiddenTexts)
    .values({
      id,
      request_id: request.id,
      collection: nameOf(item),
      field,
      row_digest: digestOf(ctx, item, key),
      row_key: await ctx.keys.seal(request.key_id, `hidden_texts.row_key:${id}`, JSON.stringify(key)),
      operator_id: ctx.actor.kind === 'operator' ? ctx.actor.id : '',
      at: ctx.clock.now(),
    })
    .onConflictDoNothing()
}

/** Whether the text was left out until now. */
async function show(ctx: VerbContext, request: RequestRow, item: PlanItem, { field, key }: Cell): Promise<boolean> {
  const mine = and(eq(hiddenTexts.request_id, request.id), eq(hiddenTexts.collection, nameOf(item)), eq(hiddenTexts.field, field))
  const gone = await ctx.db
    .delete(hiddenTexts)
    .where(and(mine, eq(hiddenTexts.row_digest, digestOf(ctx, item, key))))
    .returning({ id: hiddenTexts.id })
  return gone.length > 0
}

function digestOf(ctx: VerbContext, { source, collection }: PlanItem, key: readonly string[]): string {
  return ctx.keys.digest('primary_key', JSON.stringify([source, collection, ...key]))
}
