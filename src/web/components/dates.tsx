import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

/** The IANA zone in which a page shows its instants; set once by the layout. */
export const ZoneContext = createContext('UTC')

const DAY_MS = 86_400_000
const PLAIN_DATE = /^\d{4}-\d{2}-\d{2}$/

function parts(at: string, zone: string, options: Intl.DateTimeFormatOptions): Record<string, string> {
  const format = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: PLAIN_DATE.test(at) ? 'UTC' : zone })
  return Object.fromEntries(format.formatToParts(Date.parse(at)).map((part) => [part.type, part.value]))
}

/** "Friday 4 April 2026" for a plain date or an instant; the text itself when it is not a date. */
function dayText(at: string, zone: string): string {
  if (Number.isNaN(Date.parse(at))) return at
  const p = parts(at, zone, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
  return `${p['weekday']} ${p['day']} ${p['month']} ${p['year']}`
}

/** "4 Apr 2026, 14:05" for an instant; the text itself when it is not a date. */
function momentText(at: string, zone: string): string {
  if (Number.isNaN(Date.parse(at))) return at
  const p = parts(at, zone, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return `${p['day']} ${p['month']} ${p['year']}, ${p['hour']}:${p['minute']}`
}

/** A date in words that machines can read too. */
export function Day({ at }: { at: string }) {
  const zone = useContext(ZoneContext)
  return <time datetime={at}>{dayText(at, zone)}</time>
}

/** An instant, short, in the zone of the page. */
export function Moment({ at }: { at: string }) {
  const zone = useContext(ZoneContext)
  return (
    <time datetime={at} title={`${dayText(at, zone)} (${zone})`}>
      {momentText(at, zone)}
    </time>
  )
}

/** Whole days until `due` (0: it ends within a day), negative from the first moment after it. */
export function daysLeft(due: string, now: string): number {
  return Math.floor((Date.parse(due) - Date.parse(now)) / DAY_MS)
}

/** The last day of a period that ends at an instant: a due date that "ends at midnight" belongs to the day before. */
export function LastDay({ until }: { until: string }) {
  const last = PLAIN_DATE.test(until) || Number.isNaN(Date.parse(until)) ? until : new Date(Date.parse(until) - 1).toISOString()
  return <Day at={last} />
}
