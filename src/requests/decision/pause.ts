import { randomUUIDv7 } from 'node:crypto'
import { and, eq, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { pauses, requests } from '../../db/schema/requests.ts'
import { Refusal } from '../../errors.ts'
import { messageNotice } from '../../letters/message-notice.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { clockColumns, recomputeClock } from '../case-clock.ts'
import { composeLetter } from '../compose-letter.ts'
import { lockRequest } from '../find.ts'
import { letterCase } from '../letter-case.ts'
import type { RequestRow } from '../transition.ts'

export const pauseInput = z.strictObject({ reason: z.enum(['identity', 'clarification']), question: z.string().trim().min(10).max(2_000) })

/** Asks the person something without which the case cannot go on; whether the clock stops is the clock's own judgement (law.md §2.5, §2.6). */
export const pauseRequest = verb(
  { name: 'pauseRequest', permission: 'cases.decide', audit: ['request.paused', 'letter.composed'] },
  async (ctx, { reference, reason, question }: z.output<typeof pauseInput> & { reference: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    if (request.closed_at !== null || request.delivered_at !== null || request.paused) throw new Refusal('wrong_state')
    await ctx.db.insert(pauses).values({ id: randomUUIDv7(), request_id: request.id, reason, asked_at: ctx.clock.now() })
    const paused = await withNewClock(ctx, request)
    if (!paused.paused) {
      const detail = 'the clock of this right and regime does not stop for this question; send it as a message'
      throw new Refusal('forbidden_by_law', [{ pointer: '/reason', detail }])
    }
    await composeLetter(ctx, paused, 'question', messageNotice(letterCase(ctx, paused), { text: question }))
    await ctx.record('request.paused', { case: reference, reason })
    return paused
  },
)

/** Records that the person has answered: the days of the pause are added as law.md §2 counts them. */
export const resumeRequest = verb(
  { name: 'resumeRequest', permission: 'cases.decide', audit: 'request.resumed' },
  async (ctx, { reference }: { reference: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    const open = and(eq(pauses.request_id, request.id), isNull(pauses.answered_at))
    const ended = await ctx.db.update(pauses).set({ answered_at: ctx.clock.now() }).where(open).returning()
    if (ended.length === 0) throw new Refusal('wrong_state')
    const resumed = await withNewClock(ctx, request)
    await ctx.record('request.resumed', { case: reference, enforce_by: resumed.enforce_by })
    return resumed
  },
)

async function withNewClock(ctx: VerbContext, request: RequestRow): Promise<RequestRow> {
  const clock = await recomputeClock(ctx, request)
  const [row] = await ctx.db.update(requests).set(clockColumns(clock)).where(eq(requests.id, request.id)).returning()
  if (row === undefined) throw new Refusal('unknown_reference')
  return row
}
