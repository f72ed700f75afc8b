import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { requests } from '../../db/schema/requests.ts'
import { Refusal } from '../../errors.ts'
import { extensionNotice } from '../../letters/extension-notice.ts'
import { verb } from '../../verb.ts'
import { clockColumns, recomputeClock } from '../case-clock.ts'
import { composeLetter } from '../compose-letter.ts'
import { lockRequest } from '../find.ts'
import { letterCase } from '../letter-case.ts'
import type { RequestRow } from '../transition.ts'

const GROUNDS = ['complexity', 'number_of_requests'] as const

/**
 * Why, in a sentence the person can understand; or `complexity` or `number_of_requests`, the two reasons the law knows, with the sentence beside
 * it. Volume alone, staffing or a slow processor are none (law.md §2.7).
 */
export const extensionInput = z
  .strictObject({ reason: z.string().trim().max(2_000), explanation: z.string().trim().max(2_000).optional() })
  .transform(({ reason, explanation }) => {
    const ground = GROUNDS.find((one) => one === reason)
    return { reason: ground ?? GROUNDS[0], explanation: explanation ?? (ground === undefined ? reason : '') }
  })
  .refine(({ explanation }) => explanation.length >= 20, {
    path: ['reason'],
    error: 'expected why, in a sentence the person can understand',
  })

/** Extends the clock once, by a notice with reasons inside the first period; a late one is void and refused (law.md acceptance 10). */
export const extendRequest = verb(
  { name: 'extendRequest', permission: 'cases.decide', audit: ['request.extended', 'letter.composed'] },
  async (ctx, { reference, reason, explanation }: z.output<typeof extensionInput> & { reference: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    if (request.closed_at !== null || request.delivered_at !== null) throw new Refusal('wrong_state')
    if (request.extended_at !== null) throw new Refusal('forbidden_by_law', [{ pointer: '/reason', detail: 'a clock is extended once' }])
    const now = ctx.clock.now()
    const clock = await recomputeClock(ctx, request, { notice_sent_at: now.toISOString(), reason: explanation })
    if (!clock.extended) {
      const why =
        clock.extension_refused === 'late' ? 'the notice would be late: the first period is over' : 'this right cannot be extended'
      throw new Refusal('forbidden_by_law', [{ pointer: '/reason', detail: why }])
    }
    const changes = { extended_at: now, extension_reason: reason, ...clockColumns(clock) }
    const [extended] = await ctx.db.update(requests).set(changes).where(eq(requests.id, request.id)).returning()
    if (extended === undefined) throw new Refusal('unknown_reference')
    await composeLetter(
      ctx,
      extended,
      'extension',
      extensionNotice(letterCase(ctx, extended), { reason, explanation, was_due_on: request.enforce_by }),
    )
    await ctx.record('request.extended', { case: reference, reason, was: request.enforce_by, now: clock.enforce_by })
    return extended
  },
)
