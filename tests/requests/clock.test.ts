import { describe, expect, test } from 'vitest'
import { calendarOf } from '../../src/policy/calendars/calendar.ts'
import { dueAt, logFloor } from '../../src/retention/schedule.ts'
import { acknowledgeComplaintBy, breachNoticeBy } from '../../src/requests/authority-clock.ts'
import { type ClockInput, computeClock } from '../../src/requests/clock.ts'

// The lists of law.md §2.9, typed from there.
const IE = calendarOf([
  ...[
    '2026-01-01',
    '2026-02-02',
    '2026-03-17',
    '2026-04-06',
    '2026-05-04',
    '2026-06-01',
    '2026-08-03',
    '2026-10-26',
    '2026-12-25',
    '2026-12-26',
  ],
  ...[
    '2027-01-01',
    '2027-02-01',
    '2027-03-17',
    '2027-03-29',
    '2027-05-03',
    '2027-06-07',
    '2027-08-02',
    '2027-10-25',
    '2027-12-25',
    '2027-12-26',
  ],
])
const ENGLAND = calendarOf([
  ...['2024-12-25', '2024-12-26'],
  ...['2026-01-01', '2026-04-03', '2026-04-06', '2026-05-04', '2026-05-25', '2026-08-31', '2026-12-25', '2026-12-28'],
])

type Vector = Omit<ClockInput, 'zone' | 'regime' | 'calendar' | 'pauses'> & Partial<Pick<ClockInput, 'pauses'>>
const dublin = (input: Vector) => computeClock({ pauses: [], ...input, zone: 'Europe/Dublin', regime: 'gdpr', calendar: IE })
const london = (input: Vector) => computeClock({ pauses: [], ...input, zone: 'Europe/London', regime: 'uk_gdpr', calendar: ENGLAND })
const california = (input: Vector) =>
  computeClock({ pauses: [], ...input, zone: 'America/Los_Angeles', regime: 'ccpa', calendar: calendarOf([]) })

const identity = (asked_at: string, answered_at?: string) => ({ reason: 'identity' as const, asked_at, answered_at })
const clarification = (asked_at: string, answered_at?: string) => ({ reason: 'clarification' as const, asked_at, answered_at })
const extended = (notice_sent_at: string, reason = 'five systems and two languages') => ({ notice_sent_at, reason })

describe('the vectors of law.md §2.11', () => {
  // no time given = 10:00 local
  test.each([
    [
      'E1 month ends Easter Sunday, Monday is a holiday',
      dublin({ received_at: '2026-03-05T10:00:00Z', right: 'access' }),
      '2026-04-07',
      '2026-04-04',
      '2026-04-03',
    ],
    ['E2 no 31 September', dublin({ received_at: '2026-08-31T23:59:00+01:00', right: 'access' }), '2026-09-30', '2026-09-30', '2026-09-30'],
    [
      'E3 month shorter than 30 days',
      dublin({ received_at: '2026-01-31T09:00:00Z', right: 'erasure' }),
      '2026-03-02',
      '2026-02-28',
      '2026-02-27',
    ],
    [
      'E4 the 30 days are later than the month',
      dublin({ received_at: '2026-02-10T08:00:00Z', right: 'access' }),
      '2026-03-10',
      '2026-03-10',
      '2026-03-10',
    ],
    ['E5 leap year', dublin({ received_at: '2028-01-31T12:00:00Z', right: 'access' }), '2028-02-29', '2028-02-29', '2028-02-29'],
    ['E7 zone trap', dublin({ received_at: '2026-06-30T23:30:00Z', right: 'access' }), '2026-08-04', '2026-07-31', '2026-07-31'],
    [
      'E8 across the end of summer time',
      dublin({ received_at: '2026-10-10T18:00:00+01:00', right: 'access' }),
      '2026-11-10',
      '2026-11-09',
      '2026-11-09',
    ],
    [
      'E10 extended by three months from receipt, not one and two',
      dublin({ received_at: '2026-01-31T10:00:00Z', right: 'access', extension: extended('2026-02-20T10:00:00Z') }),
      ...['2026-04-30', '2026-04-28', '2026-04-28'],
    ],
    [
      'E11 extension notice a day late',
      dublin({ received_at: '2026-09-14T10:00:00+01:00', right: 'access', extension: extended('2026-10-15T10:00:00+01:00') }),
      ...['2026-10-14', '2026-10-14', '2026-10-14'],
    ],
    [
      'E12 identity asked and given, ten days',
      dublin({
        received_at: '2026-04-13T10:00:00+01:00',
        right: 'access',
        pauses: [identity('2026-04-14T10:00:00+01:00', '2026-04-24T10:00:00+01:00')],
      }),
      ...['2026-05-25', '2026-05-23', '2026-05-22'],
    ],
    [
      'E13 identity asked too late to pause',
      dublin({
        received_at: '2026-04-13T10:00:00+01:00',
        right: 'access',
        pauses: [identity('2026-05-06T10:00:00+01:00', '2026-05-08T10:00:00+01:00')],
      }),
      ...['2026-05-13', '2026-05-13', '2026-05-13'],
    ],
    [
      'E15 overlapping pauses count once',
      dublin({
        received_at: '2026-07-01T10:00:00+01:00',
        right: 'access',
        pauses: [
          identity('2026-07-02T10:00:00+01:00', '2026-07-09T10:00:00+01:00'),
          clarification('2026-07-06T10:00:00+01:00', '2026-07-10T10:00:00+01:00'),
        ],
      }),
      ...['2026-08-10', '2026-08-08', '2026-08-07'],
    ],
    [
      'E16 arrival at support@ counts, not a week later',
      dublin({ received_at: '2026-06-02T10:00:00+01:00', right: 'access' }),
      '2026-07-02',
      '2026-07-02',
      '2026-07-02',
    ],
    ['U1 Christmas (ICO)', london({ received_at: '2024-11-25T10:00:00Z', right: 'access' }), '2024-12-27', '2024-12-25', '2024-12-24'],
    [
      'U3 three days of clarification (ICO)',
      london({
        received_at: '2027-05-14T10:00:00+01:00',
        right: 'access',
        pauses: [clarification('2027-05-15T10:00:00+01:00', '2027-05-18T10:00:00+01:00')],
      }),
      ...['2027-06-17', '2027-06-16', '2027-06-16'],
    ],
    [
      'U5 clarified on the same day',
      london({
        received_at: '2026-07-01T10:00:00+01:00',
        right: 'access',
        pauses: [clarification('2026-07-02T09:00:00+01:00', '2026-07-02T23:59:00+01:00')],
      }),
      ...['2026-08-03', '2026-07-31', '2026-07-31'],
    ],
    [
      'U6 the clock starts when identity is shown',
      london({
        received_at: '2026-09-01T10:00:00+01:00',
        right: 'access',
        pauses: [identity('2026-09-02T10:00:00+01:00', '2026-09-10T10:00:00+01:00')],
      }),
      ...['2026-10-12', '2026-10-10', '2026-10-09'],
    ],
    ['C1 know', california({ received_at: '2026-09-01T09:00:00-07:00', right: 'know' }), '2026-10-16', '2026-10-01', '2026-10-01'],
    [
      'C3 extended by 45 days',
      california({ received_at: '2026-09-01T10:00:00-07:00', right: 'know', extension: extended('2026-09-28T10:00:00-07:00') }),
      ...['2026-11-30', '2026-11-29', '2026-11-27'],
    ],
    [
      'C4 extension notice on day 46',
      california({ received_at: '2026-09-01T10:00:00-07:00', right: 'know', extension: extended('2026-10-17T10:00:00-07:00') }),
      ...['2026-10-16', '2026-10-01', '2026-10-01'],
    ],
    [
      'C5 verification never pauses',
      california({
        received_at: '2026-05-04T10:00:00-07:00',
        right: 'know',
        pauses: [identity('2026-05-04T11:00:00-07:00', '2026-06-15T10:00:00-07:00')],
      }),
      ...['2026-06-18', '2026-06-03', '2026-06-03'],
    ],
    ['C6 opt-out', california({ received_at: '2026-07-03T16:00:00-07:00', right: 'opt_out' }), '2026-07-24', '2026-07-04', '2026-07-03'],
    ['C7 zone trap', california({ received_at: '2026-09-02T05:30:00Z', right: 'know' }), '2026-10-16', '2026-10-01', '2026-10-01'],
  ])('%s', (_, clock, statutory, enforced, sent) => {
    expect({ stat: clock.statutory_by, enf: clock.enforce_by, send: clock.send_by }).toEqual({ stat: statutory, enf: enforced, send: sent })
  })

  test('E8 the enforced day ends at midnight in Dublin after the clocks went back', () => {
    expect(dublin({ received_at: '2026-10-10T18:00:00+01:00', right: 'access' }).due_at).toBe('2026-11-10T00:00:00Z')
  })

  test('E10 the notice was within its limit, and the case is extended', () => {
    const clock = dublin({ received_at: '2026-01-31T10:00:00Z', right: 'access', extension: extended('2026-02-20T10:00:00Z') })
    expect(clock).toMatchObject({ extended: true, extension_notice_by: '2026-02-28', first_reply_by: '2026-02-28', needs_sign_off: true })
    expect(clock).not.toHaveProperty('extension_refused')
  })

  test('E11 a late extension is void, and the case has been overdue since midnight', () => {
    const clock = dublin({ received_at: '2026-09-14T10:00:00+01:00', right: 'access', extension: extended('2026-10-15T10:00:00+01:00') })
    expect(clock).toMatchObject({ extended: false, extension_refused: 'late', due_at: '2026-10-14T23:00:00Z' })
  })

  test('E12, E15 and U6: a pause never moves the first reply', () => {
    const e12 = dublin({
      received_at: '2026-04-13T10:00:00+01:00',
      right: 'access',
      pauses: [identity('2026-04-14T10:00:00+01:00', '2026-04-24T10:00:00+01:00')],
    })
    const e15 = dublin({
      received_at: '2026-07-01T10:00:00+01:00',
      right: 'access',
      pauses: [
        identity('2026-07-02T10:00:00+01:00', '2026-07-09T10:00:00+01:00'),
        clarification('2026-07-06T10:00:00+01:00', '2026-07-10T10:00:00+01:00'),
      ],
    })
    const u6 = london({
      received_at: '2026-09-01T10:00:00+01:00',
      right: 'access',
      pauses: [identity('2026-09-02T10:00:00+01:00', '2026-09-10T10:00:00+01:00')],
    })
    expect([e12, e15, u6].map((clock) => [clock.first_reply_by, clock.pause_days])).toEqual([
      ['2026-05-13', 10],
      ['2026-07-31', 8],
      ['2026-10-01', 0],
    ])
  })

  test('E14 identity never shown: the case stays open, and "cannot identify" is owed by 13 May', () => {
    const clock = dublin({ received_at: '2026-04-13T10:00:00+01:00', right: 'access', pauses: [identity('2026-04-14T10:00:00+01:00')] })
    expect(clock).toMatchObject({ paused: true, pause_days: 0, enforce_by: '2026-05-13', first_reply_by: '2026-05-13' })
    expect(clock.explanation).toContain('by Wed 13 May a reply must say what is still missing and where to complain')
  })

  test('U8 a complaint is acknowledged within 30 days', () => {
    expect(acknowledgeComplaintBy('2026-07-01T10:00:00+01:00', 'Europe/London')).toBe('2026-07-31')
  })

  test('C1 receipt is confirmed within ten weekdays, Labor Day counted; an opt-out (C6) needs no confirmation and is obeyed the next day', () => {
    expect(california({ received_at: '2026-09-01T09:00:00-07:00', right: 'know' })).toMatchObject({
      ack_by: '2026-09-15',
      received_on: '2026-09-01',
    })
    const c6 = california({ received_at: '2026-07-03T16:00:00-07:00', right: 'opt_out' })
    expect(c6).toMatchObject({ effect_by: '2026-07-04' })
    expect(c6).not.toHaveProperty('ack_by')
  })

  test('C3 and C4: extended beyond the promise needs a sign-off; a void one says so and is not extended', () => {
    const c3 = california({ received_at: '2026-09-01T10:00:00-07:00', right: 'know', extension: extended('2026-09-28T10:00:00-07:00') })
    const c4 = california({ received_at: '2026-09-01T10:00:00-07:00', right: 'know', extension: extended('2026-10-17T10:00:00-07:00') })
    expect(c3).toMatchObject({ extended: true, needs_sign_off: true })
    expect(c4).toMatchObject({ extended: false, extension_refused: 'late', needs_sign_off: false })
  })

  test('C5 verification changes no date and no count', () => {
    const pauses = [identity('2026-05-04T11:00:00-07:00', '2026-06-15T10:00:00-07:00')]
    expect(california({ received_at: '2026-05-04T10:00:00-07:00', right: 'know', pauses })).toMatchObject({ paused: false, pause_days: 0 })
  })

  test('C7 half past ten in the evening in Los Angeles is still 1 September', () => {
    expect(california({ received_at: '2026-09-02T05:30:00Z', right: 'know' }).received_on).toBe('2026-09-01')
  })

  test('M1 residence unknown: the earliest date of all candidates', () => {
    const clock = dublin({ received_at: '2026-02-10T12:00:00Z', right: 'access', candidates: ['ccpa', 'gdpr'] })
    expect(clock).toMatchObject({
      regime: 'gdpr',
      received_on: '2026-02-10',
      enforce_by: '2026-03-10',
      send_by: '2026-03-10',
      statutory_by: '2026-03-10',
      ack_by: '2026-02-24',
    })
    expect(california({ received_at: '2026-02-10T12:00:00Z', right: 'know' }).statutory_by).toBe('2026-03-27')
  })

  test.each([
    ['account, 90 days after it was closed', '2026-03-01', 'P90D', '2026-05-30'],
    ['telemetry, identifiable for 12 months', '2024-02-29', 'P12M', '2025-02-28'],
    ['telemetry, raw for 24 months', '2024-02-29', 'P24M', '2026-02-28'],
    ['crash report, 6 months', '2026-08-31', 'P6M', '2027-02-28'],
    ['support, 3 years after the last contact', '2023-08-31', 'P3Y', '2026-08-31'],
    ['request log at the provider, 30 days', '2026-01-31', 'P30D', '2026-03-02'],
  ])('T1 %s', (_, start, period, due) => {
    expect(dueAt(`${start}T12:00:00Z`, period, 'Europe/Dublin').toZonedDateTimeISO('Europe/Dublin').toPlainDate().toString()).toBe(due)
  })

  test('T2 the §7101 log is not deletable within 24 months of the answer', () => {
    const floor = logFloor('2026-05-10T10:00:00+01:00', 'Europe/Dublin')
    expect(floor.toZonedDateTimeISO('Europe/Dublin').toPlainDate().toString()).toBe('2028-05-10')
  })

  test('T3 72 hours run through Christmas', () => {
    expect(breachNoticeBy('2026-12-24T15:20:00Z')).toBe('2026-12-27T15:20:00Z')
  })
})
