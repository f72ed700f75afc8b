import { assert, array, constantFrom, integer, option, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { calendarFor } from '../../src/policy/calendars/calendar.ts'
import { type Clock, computeClock } from '../../src/requests/clock.ts'
import { Temporal } from '../../src/time.ts'

// A second clock, written from law.md §2 without the first: dates are counted as day numbers, month by month, day by day.
const DAY = 86_400_000
const number = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) / DAY
const text = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10)
const weekday = (day: number): number => new Date(day * DAY).getUTCDay()

function localDay(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)
  return Date.parse(`${parts}T00:00:00Z`) / DAY
}

function monthsLater(day: number, months: number): number {
  const date = new Date(day * DAY)
  let year = date.getUTCFullYear()
  let month = date.getUTCMonth() + 1
  for (let step = 0; step < months; step++) {
    month += 1
    if (month === 13) [year, month] = [year + 1, 1]
  }
  const lengths = [31, (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return number(year, month, Math.min(date.getUTCDate(), lengths[month - 1] ?? 0))
}

interface History {
  readonly received: number
  readonly zone: string
  readonly regime: 'gdpr' | 'ccpa'
  readonly right: 'access' | 'erasure'
  readonly pauses: readonly { readonly reason: 'identity' | 'clarification'; readonly asked: number; readonly answered: number | null }[]
  readonly notice: number | null
  readonly reason: string
}

const IRELAND = calendarFor('IE')
const isFree = (day: number): boolean => weekday(day) === 0 || weekday(day) === 6 || IRELAND.isHoliday(Temporal.PlainDate.from(text(day)))

function lateAfter(received: number): number {
  let day = received
  for (let working = 0; working < 3;) {
    day += 1
    if (!isFree(day)) working += 1
  }
  return day
}

function stoppedDays(history: History, received: number): number {
  const stopped = new Set<number>()
  if (history.regime === 'ccpa') return 0
  for (const { reason, asked, answered } of history.pauses) {
    const from = localDay(asked, history.zone)
    if (answered === null || from > lateAfter(received) || (reason === 'clarification' && history.right !== 'access')) continue
    for (let day = from; day < localDay(answered, history.zone); day++) stopped.add(day)
  }
  return stopped.size
}

function expected(history: History): Partial<Clock> {
  const received = localDay(history.received, history.zone)
  const stopped = stoppedDays(history, received)
  const month = monthsLater(received, 1)
  const california = history.regime === 'ccpa'
  const limit = california ? received + 44 : month + stopped
  const noticed = history.notice === null ? null : localDay(history.notice, history.zone)
  const extended = noticed !== null && noticed <= limit && history.reason !== ''
  let enforce = california ? received + 30 : Math.min(month, received + 30) + stopped
  let law = california ? received + 45 : month + stopped
  if (extended && california) [enforce, law] = [received + 89, received + 90]
  if (extended && !california) {
    enforce = Math.min(monthsLater(received, 3), monthsLater(month, 2)) + stopped
    law = monthsLater(received, 3) + stopped
  }
  if (!california) while (isFree(law)) law += 1
  let send = enforce
  while (isFree(send)) send -= 1
  return {
    received_on: text(received),
    first_reply_by: text(Math.min(month, received + 30)),
    enforce_by: text(enforce),
    statutory_by: text(law),
    send_by: text(send),
    pause_days: stopped,
    extended,
    needs_sign_off: enforce > received + 30,
  }
}

const start = Date.UTC(2024, 0, 1)
const end = Date.UTC(2033, 5, 1)
const histories = record({
  received: integer({ min: start, max: end }),
  zone: constantFrom('Europe/Dublin', 'Europe/Amsterdam', 'America/Los_Angeles', 'Pacific/Auckland', 'UTC'),
  regime: constantFrom('gdpr' as const, 'gdpr' as const, 'ccpa' as const),
  right: constantFrom('access' as const, 'erasure' as const),
  pauses: array(
    record({
      reason: constantFrom('identity' as const, 'clarification' as const),
      wait: integer({ min: 0, max: 9 * DAY }),
      answer: option(integer({ min: 0, max: 20 * DAY })),
    }),
    { maxLength: 4 },
  ),
  notice: option(integer({ min: 0, max: 60 * DAY })),
  reason: constantFrom('', 'many systems', 'many systems'),
}).map(({ received, pauses, notice, ...rest }): History => ({
  ...rest,
  received,
  pauses: pauses.map(({ reason, wait, answer }) => ({
    reason,
    asked: received + wait,
    answered: answer === null ? null : received + wait + answer,
  })),
  notice: notice === null ? null : received + notice,
}))

function actual(history: History): Clock {
  const iso = (at: number): string => new Date(at).toISOString()
  return computeClock({
    received_at: iso(history.received),
    zone: history.zone,
    regime: history.regime,
    right: history.right,
    pauses: history.pauses.map(({ reason, asked, answered }) => ({
      reason,
      asked_at: iso(asked),
      answered_at: answered === null ? undefined : iso(answered),
    })),
    extension: history.notice === null ? undefined : { notice_sent_at: iso(history.notice), reason: history.reason },
    calendar: IRELAND,
  })
}

test('any history of a case has the dates that a clerk with a wall calendar would count', () => {
  const tally = { extended: 0, paused: 0 }
  assert(
    property(histories, (history) => {
      const clock = actual(history)
      expect(clock).toMatchObject(expected(history))
      const due = Date.parse(clock.due_at)
      expect([text(localDay(due - 1, history.zone)), text(localDay(due, history.zone) - 1)]).toEqual([clock.enforce_by, clock.enforce_by])
      if (clock.extended) tally.extended += 1
      if (clock.pause_days > 0) tally.paused += 1
    }),
    { numRuns: 500, seed: 20261120 },
  )
  // The histories do reach the branches that matter.
  expect(tally.extended).toBeGreaterThan(50)
  expect(tally.paused).toBeGreaterThan(50)
})
