import { describe, expect, test } from 'vitest'
import { writeCalendars } from '../../../scripts/calendars.ts'
import { readFileSync } from 'node:fs'
import { calendarFor, calendarOf, type Region } from '../../../src/policy/calendars/calendar.ts'
import { Temporal } from '../../../src/time.ts'

const day = (text: string) => Temporal.PlainDate.from(text)
const REGIONS: readonly Region[] = ['NL', 'IE', 'DE', 'GB-ENG', 'US-CA']

/** The weekdays of a year that are holidays: weekends roll anyway. */
function workingHolidays(region: Region, year: number): string[] {
  const calendar = calendarFor(region)
  const first = day(`${year}-01-01`)
  return Array.from({ length: first.daysInYear }, (_, index) => first.add({ days: index }))
    .filter((date) => calendar.isHoliday(date) && date.dayOfWeek <= 5)
    .map((date) => date.toString().slice(5))
}

describe('holiday calendars', () => {
  test('the committed file is what scripts/calendars.ts writes', () => {
    expect(readFileSync(new URL('../../../src/policy/calendars/holidays.ts', import.meta.url), 'utf8')).toBe(writeCalendars())
  })

  test('Ireland 2026 and 2027 are the lists of the law', () => {
    const isHoliday = (date: string) => calendarFor('IE').isHoliday(day(date))
    const law = {
      2026: '01-01 02-02 03-17 04-06 05-04 06-01 08-03 10-26 12-25 12-26',
      2027: '01-01 02-01 03-17 03-29 05-03 06-07 08-02 10-25 12-25 12-26',
    }
    for (const [year, days] of Object.entries(law)) {
      const listed = days.split(' ')
      expect(listed.filter((date) => !isHoliday(`${year}-${date}`))).toEqual([])
      expect(workingHolidays('IE', Number(year)).filter((date) => !listed.includes(date))).toEqual([])
    }
    expect(isHoliday('2026-04-03')).toBe(false) // Good Friday is a working day in Ireland
  })

  test('England and Wales have the bank holidays the law lists, and no other weekday in 2026', () => {
    expect(workingHolidays('GB-ENG', 2026)).toEqual(['01-01', '04-03', '04-06', '05-04', '05-25', '08-31', '12-25', '12-28'])
    expect(workingHolidays('GB-ENG', 2024)).toEqual(expect.arrayContaining(['12-25', '12-26']))
  })

  test.each(REGIONS)('%s covers 2024 to 2033, each year with its New Year', (region) => {
    const calendar = calendarFor(region)
    expect([2023, 2024, 2033, 2034].map((year) => calendar.covers(year))).toEqual([false, true, true, false])
    for (let year = 2024; year <= 2033; year++) expect(calendar.isHoliday(day(`${year}-01-01`))).toBe(true)
  })

  test('a year without data has no holidays', () => {
    expect(calendarFor('NL').isHoliday(day('2034-01-01'))).toBe(false)
    expect(calendarOf([]).isHoliday(day('2026-12-25'))).toBe(false)
  })

  test('an own list is taken as it is', () => {
    const own = calendarOf(['2026-05-05'])
    expect([own.isHoliday(day('2026-05-05')), own.isHoliday(day('2026-05-04')), own.covers(2026), own.covers(2027)]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })
})
