import { regimesFor } from '../policy/rights.ts'
import type { Category, Recipient } from '../policy/schema.ts'
import { Temporal } from '../time.ts'

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']

/** `2026-04-04` as `Saturday 4 April 2026`. */
export function dayInWords(day: string): string {
  const date = Temporal.PlainDate.from(day)
  return `${DAYS[date.dayOfWeek - 1]} ${date.day} ${MONTHS[date.month - 1]} ${date.year}`
}

/** An instant (ISO 8601) as a day and a time in this zone, such as `Saturday 4 April 2026 at 14:05 (Europe/Amsterdam)`. */
export function instantInWords(instant: string, zone: string): string {
  const local = Temporal.Instant.from(instant).toZonedDateTimeISO(zone)
  return `${dayInWords(local.toPlainDate().toString())} at ${local.toPlainTime().toString({ smallestUnit: 'minute' })} (${zone})`
}

/** `P36M` as `36 months`, `P1Y6M` as `1 year and 6 months`. */
export function periodInWords(period: string): string {
  const { years, months, weeks, days } = Temporal.Duration.from(period)
  const parts = [counted(years, 'year'), counted(months, 'month'), counted(weeks, 'week'), counted(days, 'day')]
  return inWords(parts.filter((part) => part !== ''))
}

/** The day that is this period after another. */
export function dayAfter(day: string, period: string): string {
  return Temporal.PlainDate.from(day).add(period).toString()
}

/** `a`, `a and b`, `a, b and c`. */
export function inWords(items: readonly string[]): string {
  const last = items.at(-1) ?? ''
  return items.length <= 1 ? last : `${items.slice(0, -1).join(', ')} and ${last}`
}

/** `1 row`, `2 rows`. */
export function counted(count: number, thing: string): string {
  return count === 0 ? '' : `${count.toLocaleString('en-GB')} ${thing}${count === 1 ? '' : 's'}`
}

/** The English name of an ISO 3166 country. */
export function countryInWords(code: string): string {
  return new Intl.DisplayNames(['en-GB'], { type: 'region' }).of(code.toUpperCase()) ?? code
}

/** Whether data that goes there leaves the area in which the controller's own law protects it (Art. 44 GDPR). */
export function isThirdCountry(country: string, controllerCountry: string): boolean {
  const area = (code: string) => regimesFor('access', code).regime
  return country !== controllerCountry && (area(country) === 'other' || area(country) !== area(controllerCountry))
}

/** The lawful bases of Art. 6(1) GDPR. */
export const BASIS_WORDS: Readonly<Record<Category['basis'], string>> = {
  consent: 'your consent (Art. 6(1)(a) GDPR)',
  contract: 'a contract with you (Art. 6(1)(b) GDPR)',
  legal_obligation: 'a legal obligation (Art. 6(1)(c) GDPR)',
  vital_interests: 'vital interests (Art. 6(1)(d) GDPR)',
  public_task: 'a task in the public interest (Art. 6(1)(e) GDPR)',
  legitimate_interest: 'a legitimate interest (Art. 6(1)(f) GDPR)',
}

/** What a recipient is to us and to the person. */
export const ROLE_WORDS: Readonly<Record<Recipient['role'], string>> = {
  processor: 'works for us, on our instructions',
  independent_controller: 'decides itself what it does with the data',
  joint_controller: 'decides together with us',
  chosen_by_you: 'connected by you',
}
