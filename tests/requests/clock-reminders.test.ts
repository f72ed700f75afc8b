import { describe, expect, test } from 'vitest'
import { calendarFor } from '../../src/policy/calendars/calendar.ts'
import { computeClock } from '../../src/requests/clock.ts'
import { daysLeft, remindersFor } from '../../src/requests/clock-reminders.ts'

const amsterdam = (received_at: string, right: 'access' | 'opt_out' = 'access') =>
  computeClock({ received_at, zone: 'Europe/Amsterdam', regime: 'gdpr', right, pauses: [], calendar: calendarFor('NL') })

describe('reminders', () => {
  test('14, 7, 3 and 1 days before the sending day at nine local, across the end of summer time, and when it is overdue', () => {
    const clock = amsterdam('2026-10-05T10:00:00+02:00') // 30 days end Wed 4 Nov
    expect(clock.send_by).toBe('2026-11-04')
    expect(remindersFor(clock)).toEqual([
      { kind: 'T-14', at: '2026-10-21T07:00:00Z' },
      { kind: 'T-7', at: '2026-10-28T08:00:00Z' },
      { kind: 'T-3', at: '2026-11-01T08:00:00Z' },
      { kind: 'T-1', at: '2026-11-03T08:00:00Z' },
      { kind: 'overdue', at: '2026-11-04T23:00:00Z' },
    ])
  })

  test('they count from the sending day, not from the Sunday on which the case is due', () => {
    const clock = amsterdam('2026-10-02T10:00:00+02:00') // 30 days end Sun 1 Nov
    expect([clock.send_by, clock.enforce_by]).toEqual(['2026-10-30', '2026-11-01'])
    expect(remindersFor(clock).map((reminder) => reminder.at)).toEqual([
      '2026-10-16T07:00:00Z',
      '2026-10-23T07:00:00Z',
      '2026-10-27T08:00:00Z',
      '2026-10-29T08:00:00Z',
      '2026-11-01T23:00:00Z',
    ])
  })

  test('a short clock has none before it began', () => {
    expect(remindersFor(amsterdam('2026-10-05T10:00:00+02:00', 'opt_out'))).toEqual([{ kind: 'overdue', at: '2026-10-06T22:00:00Z' }])
  })
})

describe('days left', () => {
  const clock = amsterdam('2026-10-05T10:00:00+02:00')
  test.each([
    ['just received', '2026-10-05T08:00:00Z', 30],
    ['the last second of the day before', '2026-11-03T22:59:59Z', 1],
    ['the first second of the last day', '2026-11-03T23:00:00Z', 0],
    ['the last second of the last day', '2026-11-04T22:59:59Z', 0],
    ['overdue by a second', '2026-11-04T23:00:00Z', -1],
  ])('%s', (_, now, left) => {
    expect(daysLeft(clock, now)).toBe(left)
  })
})
