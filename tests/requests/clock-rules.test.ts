import { describe, expect, test } from 'vitest'
import { calendarFor, calendarOf } from '../../src/policy/calendars/calendar.ts'
import { type ClockInput, clockZone, computeClock } from '../../src/requests/clock.ts'

const IE = calendarFor('IE')
/** An access request that arrived in Dublin on Wednesday 1 July 2026 at 10:00, unless told otherwise. */
const clockOf = (changes: Partial<ClockInput>) =>
  computeClock({
    received_at: '2026-07-01T10:00:00+01:00',
    zone: 'Europe/Dublin',
    regime: 'gdpr',
    right: 'access',
    pauses: [],
    calendar: IE,
    ...changes,
  })
const pause = (reason: 'identity' | 'clarification', asked: string, answered?: string) => ({
  reason,
  asked_at: `${asked}T12:00:00Z`,
  answered_at: answered === undefined ? undefined : `${answered}T12:00:00Z`,
})
const notice = (notice_sent_at: string, reason = 'eleven systems') => ({ extension: { notice_sent_at, reason } })

describe('pauses', () => {
  test('identity asked on the third working day pauses, on the fourth it does not; weekends are not working days', () => {
    const third = clockOf({ pauses: [pause('identity', '2026-07-06', '2026-07-10')] }) // Thu, Fri, Mon
    const fourth = clockOf({ pauses: [pause('identity', '2026-07-07', '2026-07-10')] })
    expect([third.pause_days, third.enforce_by]).toEqual([4, '2026-08-04'])
    expect([fourth.pause_days, fourth.enforce_by]).toEqual([0, '2026-07-31'])
  })

  test('a holiday is not one of the three working days', () => {
    const easter = { received_at: '2026-04-02T10:00:00+01:00' } // Thursday; Good Friday works in Ireland, Easter Monday does not
    expect(clockOf({ ...easter, pauses: [pause('identity', '2026-04-08', '2026-04-09')] }).pause_days).toBe(1)
    expect(clockOf({ ...easter, pauses: [pause('identity', '2026-04-09', '2026-04-10')] }).pause_days).toBe(0)
  })

  test('answered on the day it was asked is no day, a minute after midnight is one', () => {
    const asked_at = '2026-07-02T09:00:00+01:00'
    const answered = (answered_at: string) => clockOf({ pauses: [{ reason: 'identity', asked_at, answered_at }] }).pause_days
    expect(answered('2026-07-02T23:59:59+01:00')).toBe(0)
    expect(answered('2026-07-03T00:00:00+01:00')).toBe(1)
  })

  test('two pauses that touch are added, one inside the other counts once, an answer before its question not at all', () => {
    const touching = [pause('identity', '2026-07-02', '2026-07-05'), pause('clarification', '2026-07-05', '2026-07-08')]
    const nested = [pause('identity', '2026-07-02', '2026-07-12'), pause('clarification', '2026-07-03', '2026-07-05')]
    expect(clockOf({ pauses: touching }).pause_days).toBe(6)
    expect(clockOf({ pauses: nested }).pause_days).toBe(10)
    expect(clockOf({ pauses: nested.toReversed() }).pause_days).toBe(10)
    expect(clockOf({ pauses: [pause('identity', '2026-07-03', '2026-07-02')] }).pause_days).toBe(0)
  })

  test('only an access request pauses for clarification, every ordinary right for identity', () => {
    const both = (right: ClockInput['right']) => [
      clockOf({ right, pauses: [pause('clarification', '2026-07-02', '2026-07-06')] }).pause_days,
      clockOf({ right, pauses: [pause('identity', '2026-07-02', '2026-07-06')] }).pause_days,
    ]
    expect(both('access')).toEqual([4, 4])
    expect(both('erasure')).toEqual([0, 4])
    expect(both('portability')).toEqual([0, 4])
  })

  test.each<[string, Partial<ClockInput>]>([
    ['California', { regime: 'ccpa', right: 'know' }],
    ['no known statute', { regime: 'other' }],
    ['an objection to marketing', { right: 'objection', scope: 'marketing' }],
    ['a withdrawn consent', { right: 'consent_withdrawal' }],
    ['an opt-out', { right: 'opt_out' }],
    ['a limit', { right: 'limit', regime: 'ccpa' }],
  ])('%s is never paused, not even by an open question', (_, changes) => {
    const plain = clockOf(changes)
    const asked = clockOf({ ...changes, pauses: [pause('identity', '2026-07-02', '2026-07-22'), pause('identity', '2026-07-03')] })
    expect(asked).toMatchObject({ enforce_by: plain.enforce_by, statutory_by: plain.statutory_by, pause_days: 0, paused: false })
  })

  test('any other objection can be paused', () => {
    expect(clockOf({ right: 'objection', scope: 'other', pauses: [pause('identity', '2026-07-02', '2026-07-06')] }).pause_days).toBe(4)
  })

  test('United Kingdom: the three days do not apply, and days of clarification before identity was shown do not count twice', () => {
    const uk = { regime: 'uk_gdpr' as const, zone: 'Europe/London', calendar: calendarFor('GB-ENG') }
    const late = clockOf({ ...uk, pauses: [pause('clarification', '2026-07-20', '2026-07-23')] })
    expect([late.pause_days, late.enforce_by]).toEqual([3, '2026-08-03'])
    // Identity shown on the 8th restarts the clock there; of the clarification (6th to 10th) two days are left.
    const both = clockOf({
      ...uk,
      pauses: [pause('identity', '2026-07-02', '2026-07-08'), pause('clarification', '2026-07-06', '2026-07-10')],
    })
    expect([both.pause_days, both.enforce_by, both.first_reply_by]).toEqual([2, '2026-08-09', '2026-07-31'])
  })
})

describe('extension', () => {
  test('a notice in the last second of the month counts, a second later it is void', () => {
    const inTime = clockOf(notice('2026-08-01T23:59:59+01:00'))
    const late = clockOf(notice('2026-08-02T00:00:00+01:00'))
    expect(inTime).toMatchObject({
      extended: true,
      enforce_by: '2026-10-01',
      statutory_by: '2026-10-01',
      extension_notice_by: '2026-08-01',
    })
    expect(late).toMatchObject({ extended: false, extension_refused: 'late', enforce_by: '2026-07-31' })
  })

  test('a notice without a reason is void', () => {
    expect(clockOf(notice('2026-07-20T10:00:00+01:00', ' \n'))).toMatchObject({
      extended: false,
      extension_refused: 'unreasoned',
      enforce_by: '2026-07-31',
    })
  })

  test('a pause moves the limit of the notice and the extended date', () => {
    const pauses = [pause('identity', '2026-07-02', '2026-07-12')]
    expect(clockOf({ pauses, ...notice('2026-08-11T23:59:59+01:00') })).toMatchObject({
      extended: true,
      enforce_by: '2026-10-11',
      statutory_by: '2026-10-12',
    })
    expect(clockOf({ pauses, ...notice('2026-08-12T00:00:00+01:00') })).toMatchObject({ extended: false, enforce_by: '2026-08-10' })
  })

  test('California: a notice counts within 45 days, the day of receipt being the first', () => {
    const know = { regime: 'ccpa' as const, right: 'know' as const, zone: 'America/Los_Angeles', received_at: '2026-09-01T10:00:00-07:00' }
    expect(clockOf({ ...know, ...notice('2026-10-15T23:59:59-07:00') })).toMatchObject({ extended: true, enforce_by: '2026-11-29' })
    expect(clockOf({ ...know, ...notice('2026-10-16T00:00:00-07:00') })).toMatchObject({
      extension_refused: 'late',
      enforce_by: '2026-10-01',
    })
  })

  test.each<[string, Partial<ClockInput>]>([
    ['an opt-out', { regime: 'ccpa', right: 'opt_out' }],
    ['an objection to marketing', { right: 'objection', scope: 'marketing' }],
    ['a case without a known statute', { regime: 'other' }],
  ])('%s cannot be extended', (_, changes) => {
    const clock = clockOf({ ...changes, ...notice('2026-07-02T10:00:00+01:00') })
    expect(clock).toMatchObject({ extended: false, extension_refused: 'not_extendable', enforce_by: clockOf(changes).enforce_by })
    expect(clock).not.toHaveProperty('extension_notice_by')
  })
})

describe('what is obeyed at once', () => {
  test('an objection to marketing is obeyed by the next day; the answer has its month', () => {
    expect(clockOf({ right: 'objection', scope: 'marketing' })).toMatchObject({ effect_by: '2026-07-02', enforce_by: '2026-07-31' })
    expect(clockOf({ right: 'objection', scope: 'other' })).not.toHaveProperty('effect_by')
  })

  test('an opt-out of a Saturday is due on Sunday and to be sent on Saturday, not on the Friday before it came', () => {
    const saturday = {
      regime: 'ccpa' as const,
      right: 'opt_out' as const,
      received_at: '2026-07-11T12:00:00Z',
      zone: 'America/Los_Angeles',
    }
    expect(clockOf(saturday)).toMatchObject({
      received_on: '2026-07-11',
      enforce_by: '2026-07-12',
      send_by: '2026-07-11',
      first_reply_by: '2026-07-12',
    })
  })
})

describe('residence unknown', () => {
  test('one candidate that was not extended in time holds the case to its date', () => {
    const clock = clockOf({ candidates: ['ccpa', 'gdpr'], ...notice('2026-08-10T10:00:00+01:00') })
    expect(clock).toMatchObject({ extended: false, extension_refused: 'late', enforce_by: '2026-07-31' })
  })

  test('extended for all of them, the earliest extended date counts', () => {
    const clock = clockOf({ candidates: ['ccpa', 'gdpr'], ...notice('2026-07-20T10:00:00+01:00') })
    expect(clock).toMatchObject({ extended: true, regime: 'ccpa', enforce_by: '2026-09-28' })
  })

  test('a day that is still yesterday in California counts from yesterday', () => {
    const clock = clockOf({ candidates: ['ccpa', 'gdpr'], received_at: '2026-07-02T03:00:00Z' }) // 1 July in Los Angeles
    expect(clock).toMatchObject({ received_on: '2026-07-02', enforce_by: '2026-07-31', ack_by: '2026-07-15' })
  })

  test('a deadline of California, shown in Dublin, ends no later than in California', () => {
    const clock = clockOf({ candidates: ['ccpa'], received_at: '2026-07-01T19:00:00Z' })
    expect(clock).toMatchObject({ enforce_by: '2026-07-31', due_at: '2026-07-31T23:00:00Z' }) // 31 July ends in Los Angeles at 07:00 UTC
  })
})

describe('the rest', () => {
  test('a shorter promise of the policy binds every regime', () => {
    expect(clockOf({ first_answer_days: 14 })).toMatchObject({
      first_reply_by: '2026-07-15',
      enforce_by: '2026-07-15',
      statutory_by: '2026-08-04',
    })
    expect(clockOf({ first_answer_days: 14, regime: 'ccpa', right: 'know' }).enforce_by).toBe('2026-07-15')
  })

  test('a longer promise never outlives the law', () => {
    expect(clockOf({ first_answer_days: 60 }).enforce_by).toBe('2026-08-01')
    expect(clockOf({ first_answer_days: 60, regime: 'ccpa', right: 'know' }).enforce_by).toBe('2026-08-14')
  })

  test('no known statute: the strictest dates, confirmed, and no margin', () => {
    expect(clockOf({ regime: 'other' })).toMatchObject({ enforce_by: '2026-07-31', statutory_by: '2026-07-31', ack_by: '2026-07-15' })
  })

  test('a year without holidays in the calendar rolls over weekends only', () => {
    const clock = clockOf({ calendar: calendarOf([]), received_at: '2026-03-05T10:00:00Z' })
    expect(clock.statutory_by).toBe('2026-04-06') // Easter Monday, unknown to this calendar
  })

  test('each regime has its zone', () => {
    expect((['gdpr', 'uk_gdpr', 'ccpa', 'other'] as const).map((regime) => clockZone(regime, 'Europe/Amsterdam'))).toEqual([
      'Europe/Amsterdam',
      'Europe/London',
      'America/Los_Angeles',
      'Europe/Amsterdam',
    ])
  })
})

describe('the explanation', () => {
  test('E3 reads as one would say it', () => {
    expect(clockOf({ received_at: '2026-01-31T09:00:00Z', right: 'erasure' }).explanation.join('; ')).toBe(
      'Received Sat 31 Jan 2026; one month ends Sat 28 Feb; the 30 days promised end only Mon 2 Mar; ' +
        'due Sat 28 Feb, not a working day, so send by Fri 27 Feb; the law itself would allow until Mon 2 Mar, which is never planned on',
    )
  })

  test('a pause, a late question and a granted extension into the next year are all told', () => {
    const told = clockOf({
      received_at: '2026-10-12T10:00:00+01:00',
      pauses: [pause('identity', '2026-10-13', '2026-10-14'), pause('identity', '2026-11-02', '2026-11-04')],
      ...notice('2026-11-05T10:00:00Z'),
    }).explanation
    expect(told).toEqual([
      'Received Mon 12 Oct 2026',
      'identity asked Tue 13 Oct, given Wed 14 Oct',
      'identity asked Mon 2 Nov, given Wed 4 Nov: asked more than 3 working days after receipt, so nothing is paused',
      'one month ends Thu 12 Nov',
      'the 30 days promised end earlier, Wed 11 Nov',
      '1 day in all does not count',
      'extended by two months, for a reason given in time',
      'send by Wed 13 Jan 2027',
      "this is later than the 30 days promised and needs the DPO's sign-off",
    ])
  })

  test('California, with its confirmation and its own margin', () => {
    const told = clockOf({
      regime: 'ccpa',
      right: 'know',
      zone: 'America/Los_Angeles',
      received_at: '2026-09-01T09:00:00-07:00',
    }).explanation
    expect(told).toEqual([
      'Received Tue 1 Sep 2026',
      'receipt is to be confirmed by Tue 15 Sep (10 weekdays)',
      '45 days end Thu 15 Oct, the day of receipt counted',
      'the 30 days promised end earlier, Thu 1 Oct',
      'send by Thu 1 Oct',
      'the law itself would allow until Fri 16 Oct, which is never planned on',
    ])
  })

  test('a void extension says why', () => {
    expect(clockOf(notice('2026-08-03T10:00:00+01:00')).explanation).toContain('the extension is void: its notice was sent after Sat 1 Aug')
  })
})
