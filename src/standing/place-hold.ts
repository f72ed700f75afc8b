import { randomUUIDv7 } from 'node:crypto'
import { z } from 'zod'
import { holds } from '../db/schema/standing.ts'
import { Refusal } from '../errors.ts'
import { Temporal } from '../time.ts'
import { verb } from '../verb.ts'
import { closeGate } from './gate.ts'
import { holdScope, readScope, scopePlace } from './hold-scope.ts'
import { viewHold, type HoldView } from './hold-view.ts'

export const newHold = z.strictObject({
  matter: z
    .string()
    .min(1)
    .max(200)
    .describe('what the dispute or investigation is called; shown to the person in a reply, so without names'),
  reason: z.string().min(1).max(2000),
  scope: holdScope,
  review_at: z.union([z.iso.date(), z.iso.datetime({ offset: true })]).describe('at most six months ahead'),
})

/** The hold, which binds at once and on one word, also purge batches that are not yet committed (Art. 17(3)(e) GDPR). */
export const placeHold = verb(
  { name: 'placeHold', permission: 'holds.place', audit: 'hold.placed' },
  async (ctx, input: z.output<typeof newHold>): Promise<HoldView> => {
    const now = ctx.clock.now()
    const review = readReview(input.review_at, now, ctx.policy.main.zone)
    const { kept, shown } = readScope(ctx.policy, input.scope)
    const id = randomUUIDv7()
    const keyId = await ctx.keys.create('standing')
    await closeGate(ctx)
    const [row] = await ctx.db
      .insert(holds)
      .values({
        id,
        matter: input.matter,
        reason: input.reason,
        key_id: keyId,
        scope: await ctx.keys.seal(keyId, scopePlace(id), JSON.stringify(kept)),
        scope_shown: shown,
        review_at: review,
        placed_by: ctx.actor.kind === 'operator' ? ctx.actor.id : SYSTEM,
        placed_at: now,
      })
      .returning()
    if (row === undefined) throw new Error('the hold was not written')
    await ctx.record('hold.placed', { hold: id, scope: Object.keys(shown), review_at: review.toISOString() })
    return viewHold(row)
  },
)

/** Who has placed a hold that came from the command line. */
const SYSTEM = '00000000-0000-0000-0000-000000000000'

/** The instant of review: within six months by the calendar (31 Aug + 6 months is 28 Feb), a date at its beginning in the controller's zone. */
function readReview(text: string, now: Date, zone: string): Date {
  const today = Temporal.Instant.from(now.toISOString()).toZonedDateTimeISO(zone)
  const review = text.includes('T') ? Temporal.Instant.from(text) : Temporal.PlainDate.from(text).toZonedDateTime(zone).toInstant()
  const late = Temporal.Instant.compare(review, today.add({ months: 6 }).toInstant()) > 0
  const past = Temporal.Instant.compare(review, today.toInstant()) <= 0
  if (late || past) throw new Refusal('invalid_input', [{ pointer: '/review_at', detail: 'Expected a time within the coming six months.' }])
  return new Date(review.epochMilliseconds)
}
