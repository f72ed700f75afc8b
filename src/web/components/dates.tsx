import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

/** The IANA zone in which a page shows its instants; set once by the layout. */
export const ZoneContext = createContext('UTC')

const DAY_MS = 86_400_000
const PLAIN_DATE = /^\d{4}-\d{2}-\d{2}$/

const DAY_PARTS = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const
const MOMENT_PARTS = { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const

// Making a formatter costs a hundred times what using it does, and a page of the queue has hundreds of dates.
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${options.month}`
  const known = formatters.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone })
  formatters.set(key, known)
  return known
}

function parts(at: string, zone: string, options: Intl.DateTimeFormatOptions): Record<string, string> {
  const format = formatter(PLAIN_DATE.test(at) ? 'UTC' : zone, options)
  return Object.fromEntries(format.formatToParts(Date.parse(at)).map((part) => [part.type, part.value]))
}

/** "Friday 4 April 2026" for a plain date or an instant; the text itself when it is not a date. */
function dayText(at: string, zone: string): string {
  if (Number.isNaN(Date.parse(at))) return at
  const p = parts(at, zone, DAY_PARTS)
  return `${p['weekday']} ${p['day']} ${p['month']} ${p['year']}`
}

/** "4 Apr 2026, 14:05" for an instant; the text itself when it is not a date. */
function momentText(at: string, zone: string): string {
  if (Number.isNaN(Date.parse(at))) return at
  const p = parts(at, zone, MOMENT_PARTS)
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
