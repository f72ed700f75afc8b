import { and, eq } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { retentionRuns } from '../db/schema/retention.ts'
import { Temporal } from '../time.ts'
import type { ActingRule } from './acting-rules.ts'
import { localDate, ringIsDue } from './schedule.ts'

const RING = Temporal.PlainTime.from('02:00')

/** The instant of the next nightly run of a rule: now, when tonight's is still to come at the next ring. */
export async function nextRun(ctx: Context, rule: ActingRule): Promise<Date> {
  const now = ctx.clock.now()
  const today = localDate(now.toISOString(), rule.zone)
  if (ringIsDue(now.toISOString(), rule.zone) === undefined) return ringOn(Temporal.PlainDate.from(today), rule.zone)
  const tonight = and(eq(retentionRuns.rule, rule.id), eq(retentionRuns.local_date, today), eq(retentionRuns.trigger, 'schedule'))
  const [ran] = await ctx.db.select({ id: retentionRuns.id }).from(retentionRuns).where(tonight)
  return ran === undefined ? now : ringOn(Temporal.PlainDate.from(today).add({ days: 1 }), rule.zone)
}

function ringOn(date: Temporal.PlainDate, zone: string): Date {
  return new Date(date.toZonedDateTime({ timeZone: zone, plainTime: RING }).epochMilliseconds)
}
