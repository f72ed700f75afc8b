import { and, inArray, lt } from 'drizzle-orm'
import { actingAs, type Context } from '../../context.ts'
import { requests } from '../../db/schema/requests.ts'
import { cannotIdentify } from '../../letters/cannot-identify.ts'
import { proofFor } from '../../policy/rights.ts'
import type { Right } from '../../policy/schema.ts'
import { Temporal } from '../../time.ts'
import { verb } from '../../verb.ts'
import { composeLetter } from '../compose-letter.ts'
import { letterCase } from '../letter-case.ts'
import { transitionIf } from '../transition.ts'

/** Ends requests that nobody has proven by their first reply date: one neutral letter (Art. 12(4) GDPR), and a later proof reopens them. */
export async function expireUnproven(ctx: Context): Promise<number> {
  const system = actingAs(ctx, { kind: 'system', name: 'sweep' })
  const waiting = await ctx.db
    .select()
    .from(requests)
    .where(and(inArray(requests.state, ['received', 'verifying']), lt(requests.first_reply_by, farthestToday(ctx))))
  let expired = 0
  for (const request of waiting) {
    if (proofFor(request.right as Right, request.scope) === 'none') continue
    const today = Temporal.Instant.fromEpochMilliseconds(ctx.clock.now().getTime())
      .toZonedDateTimeISO(request.zone)
      .toPlainDate()
      .toString()
    if (today >= request.first_reply_by) expired += await expire(system, { request })
  }
  return expired
}

const expire = verb(
  { name: 'expireRequest', permission: 'system', audit: ['request.expired', 'letter.composed'], quiet: true },
  async (ctx, { request }: { request: typeof requests.$inferSelect }): Promise<number> => {
    const row = await transitionIf(ctx, request.id, 'expired', {}, ['received', 'verifying'])
    if (row === undefined) return 0
    await ctx.record('request.expired', { case: row.reference })
    await composeLetter(ctx, row, 'cannot_identify', cannotIdentify(letterCase(ctx, row)))
    return 1
  },
)

/** A date that no zone on earth has passed: what is due later is due nowhere. */
function farthestToday(ctx: Context): string {
  return Temporal.Instant.fromEpochMilliseconds(ctx.clock.now().getTime())
    .toZonedDateTimeISO('UTC')
    .add({ days: 2 })
    .toPlainDate()
    .toString()
}
