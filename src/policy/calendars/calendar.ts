import type { Temporal } from '../../time.ts'
import { HOLIDAYS } from './holidays.ts'

/** The public holidays of one place; for a year it does not cover, no day is a holiday, which only makes dates earlier (law.md §2.9). */
export interface Calendar {
  isHoliday(date: Temporal.PlainDate): boolean
  /** False for a year without data: the caller tells the operator. */
  covers(year: number): boolean
}

/** A place whose holidays are known: a country, or country and part of it (ISO 3166). */
export type Region = keyof typeof HOLIDAYS

/** The calendar of a region, 2024 to 2033. */
export function calendarFor(region: Region): Calendar {
  return calendarOf(Object.entries(HOLIDAYS[region]).flatMap(([year, days]) => days.split(' ').map((day) => `${year}-${day}`)))
}

/** A calendar made of the given dates (YYYY-MM-DD), covering the years that occur in them: for an operator's own list. */
export function calendarOf(dates: readonly string[]): Calendar {
  const days = new Set(dates)
  const years = new Set(dates.map((date) => Number(date.slice(0, 4))))
  return { isHoliday: (date) => days.has(date.toString()), covers: (year) => years.has(year) }
}
