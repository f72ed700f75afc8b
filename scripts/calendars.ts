/**
 * Writes src/policy/calendars/holidays.ts from date-holidays: `node scripts/calendars.ts`.
 * The library stays a development dependency (38 MB); what the service needs of it are some 600 dates.
 */
import Holidays from 'date-holidays'
import { writeFileSync } from 'node:fs'

const FIRST_YEAR = 2024
const LAST_YEAR = 2033

const REGIONS = [
  { code: 'NL', country: 'NL', state: '', note: 'Netherlands' },
  { code: 'IE', country: 'IE', state: '', note: 'Ireland' },
  { code: 'DE', country: 'DE', state: '', note: 'Germany: the days that are holidays in every Land' },
  { code: 'GB-ENG', country: 'GB', state: 'ENG', note: 'England and Wales' },
  { code: 'US-CA', country: 'US', state: 'CA', note: 'California: state holidays and the federal days in lieu' },
] as const

/** The source text of holidays.ts as the installed date-holidays gives it. */
export function writeCalendars(): string {
  const regions = REGIONS.map(({ code, country, state, note }) => {
    const holidays = state === '' ? new Holidays(country) : new Holidays(country, state)
    const years = Array.from({ length: LAST_YEAR - FIRST_YEAR + 1 }, (_, index) => {
      const year = FIRST_YEAR + index
      return `    ${year}: '${publicDays(holidays, year).join(' ')}',`
    })
    const key = code.includes('-') ? `'${code}'` : code
    return [`  // ${note}`, `  ${key}: {`, ...years, '  },'].join('\n')
  })
  return [
    '/** The public holidays of each region, month-day by year. Written by scripts/calendars.ts; source and licence in NOTICE.md. */',
    'export const HOLIDAYS = {',
    ...regions,
    '} as const',
    '',
  ].join('\n')
}

function publicDays(holidays: Holidays, year: number): string[] {
  const days = holidays.getHolidays(year).filter((holiday) => holiday.type === 'public' && holiday.date.startsWith(`${year}-`))
  return [...new Set(days.map((holiday) => holiday.date.slice(5, 10)))].toSorted()
}

if (import.meta.main) writeFileSync(new URL('../src/policy/calendars/holidays.ts', import.meta.url), writeCalendars())
