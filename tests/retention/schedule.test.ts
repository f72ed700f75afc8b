import { assert, constantFrom, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dueAt, endOfFiscalYear, isDue, localDate, logFloor, ringIsDue, scanBound } from '../../src/retention/schedule.ts'
import { Temporal } from '../../src/time.ts'

const ZONE = 'Europe/Amsterdam'
/** An instant by its wall time in Amsterdam. */
const local = (text: string) => Temporal.PlainDateTime.from(text).toZonedDateTime(ZONE).toInstant()
const wall = (instant: Temporal.Instant, zone = ZONE) => instant.toZonedDateTimeISO(zone).toPlainDateTime().toString()

describe('a row goes at its second, not before', () => {
  test.each([
    ['28 August + 6 months', '2026-08-28T10:00:00', 'P6M', '2027-02-28T10:00:00'],
    ['29 August + 6 months', '2026-08-29T10:00:00', 'P6M', '2027-02-28T10:00:00'],
    ['30 August + 6 months', '2026-08-30T10:00:00', 'P6M', '2027-02-28T10:00:00'],
    ['31 August + 6 months', '2026-08-31T10:00:00', 'P6M', '2027-02-28T10:00:00'],
    ['31 August + 6 months, before a leap day', '2027-08-31T10:00:00', 'P6M', '2028-02-29T10:00:00'],
    ['29 February + 12 months', '2024-02-29T10:00:00', 'P12M', '2025-02-28T10:00:00'],
    ['29 February + 4 years', '2024-02-29T10:00:00', 'P4Y', '2028-02-29T10:00:00'],
    ['28 February + 12 months stays the 28th in a leap year', '2027-02-28T10:00:00', 'P12M', '2028-02-28T10:00:00'],
    ['90 days after a deletion request', '2026-01-01T10:00:00', 'P90D', '2026-04-01T10:00:00'],
    ['3 years and 2 weeks', '2024-01-31T10:00:00', 'P3Y2W', '2027-02-14T10:00:00'],
    ['months before days: 31 January + 1 month + 1 day', '2026-01-31T10:00:00', 'P1M1D', '2026-03-01T10:00:00'],
  ])('%s', (_, start, period, due) => {
    expect(wall(dueAt(local(start), period, ZONE))).toBe(due)
    expect(isDue(local(start), period, ZONE, local(due).subtract({ seconds: 1 }))).toBe(false)
    expect(isDue(local(start), period, ZONE, local(due))).toBe(true)
    expect(isDue(local(start), period, ZONE, local(due).add({ seconds: 1 }))).toBe(true)
  })

  // The expected instants are those PostgreSQL gives for (start at time zone z + period) at time zone z.
  test.each([
    ['a day that has 23 hours is still one day', '2026-03-28T12:00:00+01:00', 'P1D', '2026-03-29T10:00:00Z'],
    ['a day that has 25 hours is still one day', '2026-10-24T12:00:00+02:00', 'P1D', '2026-10-25T11:00:00Z'],
    ['half past two does not exist on 29 March: half past three', '2026-02-28T02:30:00+01:00', 'P29D', '2026-03-29T01:30:00Z'],
    ['half past two comes twice on 25 October: the second', '2026-04-25T02:30:00+02:00', 'P6M', '2026-10-25T01:30:00Z'],
  ])('%s', (_, start, period, due) => {
    const instant = Temporal.Instant.from(due)
    expect(dueAt(start, period, ZONE).toString()).toBe(due)
    expect(isDue(start, period, ZONE, instant.subtract({ seconds: 1 }))).toBe(false)
    expect(isDue(start, period, ZONE, instant)).toBe(true)
  })

  test('the day is that of the zone: one instant, two dates, two months ends', () => {
    const start = '2026-08-30T22:30:00Z'
    expect(wall(dueAt(start, 'P1M', ZONE))).toBe('2026-09-30T00:30:00') // 31 August in Amsterdam
    expect(wall(dueAt(start, 'P1M', 'America/Los_Angeles'), 'America/Los_Angeles')).toBe('2026-09-30T15:30:00') // 30 August in Los Angeles
  })

  test.each(['PT720H', 'P1DT1H', 'P1DT0H', '-P1D', 'P', '90 days', ''])('the period "%s" is refused', (period) => {
    expect(() => dueAt('2026-01-01T00:00:00Z', period, ZONE)).toThrow(RangeError)
  })

  test('the record of an answer outlives 24 months to the second', () => {
    expect(wall(logFloor(local('2026-05-10T10:00:00'), ZONE))).toBe('2028-05-10T10:00:00')
  })
})

describe('the end of the financial year', () => {
  test.each([
    ['an invoice of the last day belongs to the year', '2019-12-31', '12-31', '2020-01-01T00:00:00'],
    ['an invoice of the first day belongs to the next', '2020-01-01', '12-31', '2021-01-01T00:00:00'],
    ['a year that ends in June, last day', '2026-06-30', '06-30', '2026-07-01T00:00:00'],
    ['a year that ends in June, first day', '2026-07-01', '06-30', '2027-07-01T00:00:00'],
    ['a year that ends with February, in a leap year', '2028-02-29', '02-29', '2028-03-01T00:00:00'],
    ['a year that ends with February, in an ordinary year', '2027-02-28', '02-29', '2027-03-01T00:00:00'],
  ])('%s', (_, date, lastDay, end) => {
    expect(wall(endOfFiscalYear(date, lastDay, ZONE))).toBe(end)
  })

  test('an invoice written at midnight in Amsterdam belongs to the year of Amsterdam', () => {
    expect(wall(endOfFiscalYear('2019-12-31T22:59:59Z', '12-31', ZONE))).toBe('2020-01-01T00:00:00')
    expect(wall(endOfFiscalYear('2019-12-31T23:00:00Z', '12-31', ZONE))).toBe('2021-01-01T00:00:00')
  })

  test('seven years from there: kept in the last second of the seventh year, gone with the eighth', () => {
    const start = endOfFiscalYear('2019-03-10', '12-31', ZONE)
    expect(isDue(start, 'P7Y', ZONE, local('2026-12-31T23:59:59'))).toBe(false)
    expect(isDue(start, 'P7Y', ZONE, local('2027-01-01T00:00:00'))).toBe(true)
  })
})

describe('the bound of a scan', () => {
  test('31 August is inside it on 28 February, when its six months end', () => {
    const start = local('2026-08-31T10:00:00')
    const now = local('2027-02-28T10:00:00')
    expect(isDue(start, 'P6M', ZONE, now)).toBe(true)
    expect(Temporal.Instant.compare(start, scanBound(now, 'P6M', ZONE))).toBeLessThan(0)
  })

  test('no due row lies outside it, and it is not wider than five days', () => {
    const year2000 = 946_684_800
    assert(
      property(
        integer({ min: year2000, max: year2000 + 40 * 31_557_600 }),
        constantFrom('P1D', 'P30D', 'P90D', 'P1M', 'P6M', 'P12M', 'P24M', 'P3Y', 'P7Y', 'P1Y1M3D', 'P2W'),
        constantFrom(ZONE, 'America/Los_Angeles', 'Pacific/Apia', 'Africa/Cairo', 'Australia/Lord_Howe', 'UTC'),
        (seconds, period, zone) => {
          const start = Temporal.Instant.fromEpochMilliseconds(seconds * 1000)
          const bound = scanBound(dueAt(start, period, zone), period, zone)
          expect(bound.epochMilliseconds).toBeGreaterThanOrEqual(start.epochMilliseconds)
          expect(bound.epochMilliseconds - start.epochMilliseconds).toBeLessThanOrEqual(5 * 86_400_000 + 3_600_000)
        },
      ),
      { numRuns: 500, seed: 20261120 },
    )
  })
})

describe('the nightly ring', () => {
  test.each([
    ['a second before two', '2026-11-20T01:59:59+01:00', undefined],
    ['at two', '2026-11-20T02:00:00+01:00', '2026-11-20'],
    ['late in the evening', '2026-11-20T23:59:59+01:00', '2026-11-20'],
    ['after midnight the next night has not begun', '2026-11-21T00:00:00+01:00', undefined],
    ['the night without two o’clock: just before the clock jumps', '2026-03-29T01:59:59+01:00', undefined],
    ['the night without two o’clock: at three', '2026-03-29T03:00:00+02:00', '2026-03-29'],
    ['the night with two o’clock twice: before the first', '2026-10-25T01:59:59+02:00', undefined],
    ['the night with two o’clock twice: at the first', '2026-10-25T02:00:00+02:00', '2026-10-25'],
    ['the night with two o’clock twice: at the second, the same date', '2026-10-25T02:00:00+01:00', '2026-10-25'],
  ])('%s', (_, now, date) => {
    expect(ringIsDue(now, ZONE)).toBe(date)
  })

  test('another hour, another zone', () => {
    expect(ringIsDue('2026-11-20T04:29:59Z', 'UTC', '04:30')).toBeUndefined()
    expect(ringIsDue('2026-11-20T04:30:00Z', 'UTC', '04:30')).toBe('2026-11-20')
    expect(ringIsDue('2026-11-20T02:00:00Z', 'America/Los_Angeles')).toBe('2026-11-19')
  })

  test('the local date changes at local midnight', () => {
    expect(localDate('2026-06-30T21:59:59Z', ZONE)).toBe('2026-06-30')
    expect(localDate('2026-06-30T22:00:00Z', ZONE)).toBe('2026-07-01')
  })
})
