import { Temporal } from '../time.ts'
import type { Clock } from './clock.ts'

/** Something the person who works on a case is told: days before `send_by`, or that the due instant has passed. */
export interface Reminder {
  readonly kind: 'T-14' | 'T-7' | 'T-3' | 'T-1' | 'overdue'
  /** ISO 8601, UTC */
  readonly at: string
}

const DAYS_BEFORE = [14, 7, 3, 1] as const
const HOUR = Temporal.PlainTime.from('09:00')

/** The reminders of a case in order: 14, 7, 3 and 1 days before `send_by` at 09:00 local, and overdue at `due_at`; none on or before the day of receipt. */
export function remindersFor(clock: Pick<Clock, 'zone' | 'received_on' | 'send_by' | 'due_at'>): Reminder[] {
  const ahead = DAYS_BEFORE.flatMap((days): Reminder[] => {
    const day = Temporal.PlainDate.from(clock.send_by).subtract({ days })
    if (Temporal.PlainDate.compare(day, clock.received_on) <= 0) return []
    return [{ kind: `T-${days}`, at: day.toZonedDateTime({ timeZone: clock.zone, plainTime: HOUR }).toInstant().toString() }]
  })
  return [...ahead, { kind: 'overdue', at: clock.due_at }]
}

/** Whole calendar days from `now` (ISO 8601) to `enforce_by` in the clock's zone: 0 on the last day, negative when overdue. */
export function daysLeft(clock: Pick<Clock, 'zone' | 'enforce_by'>, now: string): number {
  const today = Temporal.Instant.from(now).toZonedDateTimeISO(clock.zone).toPlainDate()
  return today.until(clock.enforce_by, { largestUnit: 'days' }).days
}
