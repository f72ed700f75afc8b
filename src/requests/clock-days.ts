import type { Calendar } from '../policy/calendars/calendar.ts'
import { Temporal } from '../time.ts'

/** A calendar date without time: clocks count dates, never hours. */
export type Day = Temporal.PlainDate

/** The date on which an instant (ISO 8601 with offset) falls in a zone. */
export function localDay(instant: string, zone: string): Day {
  return Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate()
}

/** The instant at which a date ends in a zone: 24:00, which is the start of the next day. */
export function endOfDay(day: Day, zone: string): Temporal.Instant {
  return day.add({ days: 1 }).toZonedDateTime(zone).toInstant()
}

/** The last date of zone `to` that has ended when `day` ends in zone `from`: a deadline carried over is never later. */
export function carryOver(day: Day, from: string, to: string): Day {
  return endOfDay(day, from).toZonedDateTimeISO(to).toPlainDate().subtract({ days: 1 })
}

function isWorkingDay(day: Day, calendar: Calendar): boolean {
  return day.dayOfWeek <= 5 && !calendar.isHoliday(day)
}

/** The day itself if it is a working day, else the next one (Reg. 1182/71 Art. 3(4)). */
export function rollForward(day: Day, calendar: Calendar): Day {
  let rolled = day
  while (!isWorkingDay(rolled, calendar)) rolled = rolled.add({ days: 1 })
  return rolled
}

/** The day itself if it is a working day, else the last one before it. */
export function lastWorkingDay(day: Day, calendar: Calendar): Day {
  let last = day
  while (!isWorkingDay(last, calendar)) last = last.subtract({ days: 1 })
  return last
}

/** The n-th working day after a day, which itself does not count. */
export function addWorkingDays(day: Day, count: number, calendar: Calendar): Day {
  let reached = day
  for (let left = count; left > 0; left -= 1) reached = rollForward(reached.add({ days: 1 }), calendar)
  return reached
}

/** The n-th weekday (Monday to Friday, holidays included) after a day: the cautious reading of a Californian business day. */
export function addWeekdays(day: Day, count: number): Day {
  return addWorkingDays(day, count, { isHoliday: () => false, covers: () => true })
}

export function earliest(first: Day, ...others: readonly Day[]): Day {
  return others.reduce((best, day) => (Temporal.PlainDate.compare(day, best) < 0 ? day : best), first)
}

export function latest(first: Day, ...others: readonly Day[]): Day {
  return others.reduce((best, day) => (Temporal.PlainDate.compare(day, best) > 0 ? day : best), first)
}

export function isAfter(a: Day, b: Day): boolean {
  return Temporal.PlainDate.compare(a, b) > 0
}

/** The number of days that lie in at least one of the half-open spans [from, to); a span that ends before it starts is empty. */
export function countUnion(spans: readonly { readonly from: Day; readonly to: Day }[]): number {
  let counted = 0
  let reached: Day | undefined
  for (const { from, to } of spans.toSorted((a, b) => Temporal.PlainDate.compare(a.from, b.from))) {
    const start = reached === undefined ? from : latest(from, reached)
    if (!isAfter(to, start)) continue
    counted += start.until(to, { largestUnit: 'days' }).days
    reached = to
  }
  return counted
}
