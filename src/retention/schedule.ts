import { Temporal } from '../time.ts'

/** A moment: an instant, or its ISO 8601 text with offset. */
type Moment = Temporal.Instant | string

/**
 * The instant at which a row is due: its start in the zone plus an ISO 8601 period of days, weeks, months or years, clamped to the month's end (31 Aug + P6M is
 * 28 Feb). A local time that comes twice is the second, one that is skipped moves forward: what PostgreSQL makes of `(start at time zone z + period) at time zone z`.
 * Throws a RangeError for a period that is negative or has hours.
 */
export function dueAt(start: Moment, period: string, zone: string): Temporal.Instant {
  return inZone(start, zone).toPlainDateTime().add(parsePeriod(period)).toZonedDateTime(zone, { disambiguation: 'later' }).toInstant()
}

/** True from the instant on at which a row that started at `start` is due. */
export function isDue(start: Moment, period: string, zone: string, now: Moment): boolean {
  return Temporal.Instant.compare(dueAt(start, period, zone), Temporal.Instant.from(now)) <= 0
}

/** The instant at which the financial year that contains a date (YYYY-MM-DD, or an instant read in the zone) ends: 24:00 local of its last day, given as MM-DD. */
export function endOfFiscalYear(date: Moment, lastDay: string, zone: string): Temporal.Instant {
  const day =
    typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date) ? Temporal.PlainDate.from(date) : inZone(date, zone).toPlainDate()
  const last = Temporal.PlainMonthDay.from(lastDay)
  const thisYear = last.toPlainDate({ year: day.year }) // 02-29 means the end of February in every year
  const end = Temporal.PlainDate.compare(day, thisYear) <= 0 ? thisYear : last.toPlainDate({ year: day.year + 1 })
  return end.add({ days: 1 }).toZonedDateTime(zone).toInstant()
}

/** An instant after which no row can have started that is due at `now`: bounds a scan only, each row is decided by `isDue`. */
export function scanBound(now: Moment, period: string, zone: string): Temporal.Instant {
  const { years, months, weeks, days } = parsePeriod(period)
  // Adding months may clamp away three days (31 Aug → 28 Feb), and a zone may skip a whole day (Samoa, 30 December 2011).
  const slack = 4
  const bound = inZone(now, zone).toPlainDateTime().subtract({ weeks, days }).subtract({ years, months }).add({ days: slack })
  return bound.toZonedDateTime(zone, { disambiguation: 'later' }).toInstant()
}

/** The calendar date (YYYY-MM-DD) at an instant in a zone. */
export function localDate(now: Moment, zone: string): string {
  return inZone(now, zone).toPlainDate().toString()
}

/** The local date whose nightly run may start, or undefined before `at` (HH:MM) local; on a night that skips `at`, from the first moment after it. */
export function ringIsDue(now: Moment, zone: string, at = '02:00'): string | undefined {
  const today = inZone(now, zone).toPlainDate()
  const ring = today.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(at) })
  return Temporal.Instant.compare(now, ring.toInstant()) < 0 ? undefined : today.toString()
}

/** The instant before which the record of an answered request may not be deleted: 24 months after the answer (11 CCR §7101). */
export function logFloor(answeredAt: Moment, zone: string): Temporal.Instant {
  return dueAt(answeredAt, 'P24M', zone)
}

function inZone(moment: Moment, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.from(moment).toZonedDateTimeISO(zone)
}

function parsePeriod(period: string): Temporal.Duration {
  const duration = Temporal.Duration.from(period)
  const hasTime = /T/i.test(period)
  if (duration.sign < 0 || hasTime)
    throw new RangeError(`Cannot keep data for "${period}": expected days, weeks, months or years, such as P90D`)
  return duration
}
