import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { requests } from '../../db/schema/requests.ts'
import { hiddenTexts } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { enqueue } from '../../outbox.ts'
import { verb } from '../../verb.ts'
import { currentPlan } from '../decision/lock-for-decision.ts'
import { takeBackCopy } from '../decision/take-back-work.ts'
import { lockRequest } from '../find.ts'
import { transition, type RequestRow } from '../transition.ts'
import { nameOf, textFields, textItems } from './review-texts.ts'

export const hideInput = z.strictObject({
  collection: z.string().max(63),
  cells: z
    .array(z.strictObject({ field: z.string().max(63), key: z.array(z.string().max(1_000)).min(1).max(16) }))
    .min(1, 'mark at least one text')
    .max(500),
})

/**
 * Leaves single texts out of a copy because they are about other people (Art. 15(4) GDPR). The copy is made again without them, under a plan
 * that counts them; the letter says that something was left out, and where.
 */
export const hideTexts = verb(
  { name: 'hideTexts', permission: 'cases.plan', audit: ['request.amended', 'request.plan_asked', 'archive.erased'] },
  async (ctx, { reference, collection, cells }: z.output<typeof hideInput> & { reference: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    const plan = await currentPlan(ctx, request)
    if (request.state !== 'awaiting_release' || plan === undefined) throw new Refusal('wrong_state')
    const item = textItems(ctx.policy, plan.body).find((one) => nameOf(one) === collection)
    if (item === undefined) throw new Refusal('unknown_item', [{ pointer: '/collection', detail: 'the copy has no such texts' }])
    const fields = textFields(ctx.policy, item)
    for (const [index, { field, key }] of cells.entries()) {
      if (!fields.includes(field))
        throw new Refusal('unknown_item', [{ pointer: `/cells/${index}/field`, detail: `expected one of ${fields.join(', ')}` }])
      const id = randomUUIDv7()
      const text = JSON.stringify(key)
      await ctx.db
        .insert(hiddenTexts)
        .values({
          id,
          request_id: request.id,
          collection,
          field,
          row_digest: ctx.keys.digest('primary_key', JSON.stringify([item.source, item.collection, ...key])),
          row_key: await ctx.keys.seal(request.key_id, `hidden_texts.row_key:${id}`, text),
          operator_id: ctx.actor.kind === 'operator' ? ctx.actor.id : '',
          at: ctx.clock.now(),
        })
        .onConflictDoNothing()
    }
    await ctx.record('request.amended', { case: reference, collection, texts: cells.length })
    await takeBackCopy(ctx, request)
    const operator = ctx.actor.kind === 'operator' ? ctx.actor.id : ''
    const amended = { amended_by: sql`array_append(${requests.amended_by}, ${operator}::uuid)` as never, approved_at: null }
    const moved = await transition(ctx, request.id, 'planning', amended, ['awaiting_release'])
    await ctx.record('request.plan_asked', { case: reference, reason: 'texts about other people are left out' })
    await enqueue(ctx, 'plan_request', { request_id: request.id })
    return moved
  },
)
