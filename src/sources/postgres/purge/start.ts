import type { Rule } from '../../../policy/schema.ts'
import { Temporal } from '../../../time.ts'
import { SourceError } from '../../source.ts'
import { reach, type Reached } from '../find/condition.ts'
import type { Database } from '../connection.ts'
import type { Mapped } from '../names.ts'
import type { Parameters } from '../parameters.ts'

/** Where and when a rule counts. */
export interface Counting {
  readonly rule: Rule & { readonly id: string }
  readonly zone: string
  readonly fiscal_year_ends: string
}

/** Times of a rule as SQL over the row that `alias` names. */
export interface Times {
  /** The instant at which the period starts; null while it has not. */
  readonly started: string
  /** The instant at which the row falls due; null when it never does. */
  readonly due: string
  /** What rows are sorted by: the same order as `started`, and an index where there is one. */
  readonly order: string
  /** A column that alone decides the start, when there is one. */
  readonly column: Reached | undefined
}

const LAST_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
/** More days than this are as good as for ever, and would leave PostgreSQL's calendar. */
const MOST_DAYS = 1_000_000

/** Start and due instants, added in the zone of the controller with the month-end clamp that PostgreSQL and the law share. */
export function timesSql(db: Database, place: Mapped, alias: string, counting: Counting, parameters: Parameters): Times {
  const { starts, period, id } = counting.rule
  if (starts === undefined || period === undefined) {
    throw new SourceError(db.declaration.id, place.collection.id, 'schema', `rule ${id} names no start or no period, so nothing can be due`)
  }
  const zone = parameters.bind(counting.zone)
  const reached = starts.of.map((path) => reach(db, place, alias, path))
  const [first] = reached
  if (first === undefined) throw new TypeError(`rule ${id} starts nowhere`)
  const single = reached.length === 1
  const pick = starts.pick === 'earliest' ? 'least' : 'greatest'
  const started = single ? instant(first, zone) : `${pick}(${reached.map((one) => instant(one, zone)).join(', ')})`
  const local = single ? localTime(first, zone) : `(${started} at time zone ${zone})`
  const from = starts.pick === 'end_of_fiscal_year' ? fiscalYearEnd(local, counting.fiscal_year_ends) : local
  const length =
    typeof period === 'string'
      ? parameters.bind(period, 'interval')
      : daysOf(reach(db, place, alias, period.days_from).sql, period.at_least)
  const plain = single && !(starts.of[0] ?? '').includes('.')
  return {
    started,
    due: `((${from} + ${length}) at time zone ${zone})`,
    order: single ? first.sql : started,
    column: plain ? first : undefined,
  }
}

/**
 * Whether the row is due, as SQL. Where one column decides, two wider limits stand beside the exact question: an index leaves out what is
 * certainly not due, and what certainly is due need not be asked. Clamp and clock changes move an instant by less than four days.
 */
export function isDueSql(times: Times, { rule, zone }: Counting, now: string, parameters: Parameters): string {
  const { column, due } = times
  const exact = `${due} <= ${parameters.bind(now, 'timestamptz')}`
  if (column === undefined) return exact
  const limit = (at: Temporal.ZonedDateTime): string => {
    if (column.column.type === 'timestamptz') return parameters.bind(at.toInstant().toString(), 'timestamptz')
    return parameters.bind(at.toPlainDateTime().toString(), 'timestamp')
  }
  const today = Temporal.Instant.from(now).toZonedDateTimeISO(zone)
  if (typeof rule.period !== 'string') return `${column.sql} <= ${limit(today.add({ days: 5 }))} and ${exact}`
  const cutoff = today.subtract(rule.period)
  const certain = cutoff.subtract({ years: rule.starts?.pick === 'end_of_fiscal_year' ? 1 : 0, days: 5 })
  return `${column.sql} <= ${limit(cutoff.add({ days: 5 }))} and (${column.sql} <= ${limit(certain)} or ${exact})`
}

function instant({ sql, column }: Reached, zone: string): string {
  if (column.type === 'timestamptz') return sql
  return column.type === 'date' ? `(${sql}::timestamp at time zone ${zone})` : `(${sql} at time zone ${zone})`
}

/** The time that a clock in the zone shows, as SQL of type timestamp. */
export function localTime({ sql, column }: Reached, zone: string): string {
  if (column.type === 'timestamptz') return `(${sql} at time zone ${zone})`
  return column.type === 'date' ? `${sql}::timestamp` : sql
}

/** A negative number of days is a mistake in the data, or somebody's word for "for ever": such a row is never due. */
function daysOf(sql: string, atLeast: number): string {
  return `make_interval(days => case when ${sql} >= 0 then greatest(least(${sql}, ${MOST_DAYS}), ${Math.trunc(atLeast)})::int end)`
}

/** The first instant after the last day of the financial year: shifted so that the year begins in January, cut, and shifted back. */
function fiscalYearEnd(local: string, lastDay: string): string {
  const [month = 12, day = 31] = lastDay.split('-').map(Number)
  // A year that ends with its month has whole months before it; 02-28 and 02-29 both mean the end of February.
  const shift = day >= (LAST_DAYS[month - 1] ?? 31) ? `${month} months` : `${month - 1} months ${day} days`
  return `(date_trunc('year', ${local} - interval '${shift}') + interval '1 year' + interval '${shift}')`
}
