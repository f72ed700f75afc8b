import { randomUUIDv7 } from 'node:crypto'
import { z } from 'zod'
import { pauses } from '../../db/schema/requests.ts'
import { Refusal } from '../../errors.ts'
import { messageNotice } from '../../letters/message-notice.ts'
import { verb } from '../../verb.ts'
import { composeLetter } from '../compose-letter.ts'
import { lockRequest } from '../find.ts'
import { letterCase } from '../letter-case.ts'
import { endPauses, withNewClock } from '../pauses.ts'
import type { RequestRow } from '../transition.ts'

export const pauseInput = z.strictObject({
  reason: z.enum(['identity', 'clarification']),
  question: z.string().trim().min(10).max(2_000).optional(),
})

const QUESTIONS = {
  identity:
    'We cannot yet be sure that it is you who asks. Please write to us on this page how we can make sure, without sending copies of documents.',
  clarification:
    'We hold a lot of data. Please write to us on this page which data or which use of it you mean. If you mean all of it, say so.',
}

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
    await composeLetter(ctx, paused, 'question', messageNotice(letterCase(ctx, paused), { text: question ?? QUESTIONS[reason] }))
    await ctx.record('request.paused', { case: reference, reason })
    return paused
  },
)

/** Records that the person has answered by another way than the status page: the days of the pause are added as law.md §2 counts them. */
export const resumeRequest = verb(
  { name: 'resumeRequest', permission: 'cases.decide', audit: 'request.resumed' },
  async (ctx, { reference }: { reference: string }): Promise<RequestRow> => {
    const resumed = await endPauses(ctx, await lockRequest(ctx, reference))
    if (resumed === undefined) throw new Refusal('wrong_state')
    return resumed
  },
)
