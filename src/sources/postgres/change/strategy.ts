import type { Strategy } from '../../../policy/schema.ts'
import { REMOVED } from '../../redaction.ts'
import { SourceError, type Opening, type Selection } from '../../source.ts'
import type { Column } from '../catalog/catalog.ts'
import { isComparable, isText } from '../catalog/column-types.ts'
import type { Database } from '../connection.ts'
import { columnOf, sqlColumn, sqlName, type Mapped } from '../names.ts'
import type { Parameters } from '../parameters.ts'
import { digestOf, pseudonymSql, pseudonymUuidSql, type Digest } from './pseudonym.ts'
import { impersonalSql } from '../disclose/redact.ts'
import { limitsOf, replacementOf, rowText } from './replacement.ts'
import { theirsSql } from './strategy-shared.ts'
import { hasElementsSql, withoutElementsSql, withoutPathsSql } from './strategy-json.ts'
import { fittingSql, halfPostcodeSql, networkSql, networkTextSql } from './strategy-text.ts'

type Changes = Readonly<Record<string, Strategy>>

/** Whose rows are changed: what the person is known by, and the key of the case for pseudonyms. */
export interface Whose {
  readonly openings: readonly Opening[]
  /** 64 hex digits. */
  readonly pseudonym_key?: string | undefined
  /** The rows are also somebody else's: only places that hold a value of these openings change. Their values are known to fit. */
  readonly shared?: boolean
}

/** Whose rows a selection is about, as the targets of its columns need it. */
export function whoseOf({ openings, whose }: Selection, pseudonym_key: string | undefined): Whose {
  return { openings, pseudonym_key, shared: whose === 'shared' }
}

/** A retention rule changes rows of many people at once, whoever they are. */
const NOBODY: Whose = { openings: [] }

/** The assignments of an UPDATE. */
export function assignmentsSql(db: Database, place: Mapped, alias: string, set: Changes, parameters: Parameters, whose = NOBODY): string {
  const target = targets(db, place, alias, parameters, whose)
  return Object.entries(set)
    .map(([name, strategy]) => {
      const column = columnOf(db, place, name)
      const theirs = theirsSql(db, place, alias, [column, strategy], parameters, whose)
      if (theirs === 'true') return `${sqlName(column)} = ${target(column, strategy)}`
      return `${sqlName(column)} = case when ${theirs} then ${target(column, strategy)} else ${sqlColumn(alias, column)} end`
    })
    .join(', ')
}

/**
 * Whether some column of the row is not yet what `set` makes of it, as SQL: a second run then finds nothing to do, as every strategy leaves
 * alone what it has made.
 */
export function unsettledSql(db: Database, place: Mapped, alias: string, set: Changes, parameters: Parameters, whose = NOBODY): string {
  const target = targets(db, place, alias, parameters, whose)
  const differs = (column: Column, strategy: Strategy): string => {
    const sql = sqlColumn(alias, column)
    if (strategy === null) return `${sql} is not null`
    // Asked of the elements themselves: what could not be taken out must not count as settled.
    if ('remove' in strategy) return hasElementsSql(sql, column, knownAs(whose, strategy.remove), parameters)
    // Where the database calls different texts equal, what is to go could stay.
    if (isText(column) && !('value' in strategy))
      return `${sql}::text collate "C" is distinct from (${target(column, strategy)}) collate "C"`
    return isComparable(column)
      ? `${sql} is distinct from ${target(column, strategy)}`
      : `${sql}::text is distinct from (${target(column, strategy)})::text`
  }
  const parts = Object.entries(set).map(([name, strategy]) => {
    const column = columnOf(db, place, name)
    const theirs = theirsSql(db, place, alias, [column, strategy], parameters, whose)
    return theirs === 'true' ? differs(column, strategy) : `(${theirs} and ${differs(column, strategy)})`
  })
  return parts.length === 0 ? 'false' : `(${parts.join(' or ')})`
}

type Target = (column: Column, strategy: Strategy) => string

/** What the targets of one statement share. */
interface Statement {
  readonly db: Database
  readonly place: Mapped
  readonly alias: string
  readonly parameters: Parameters
  /** Its key travels once, and only when something needs it. */
  readonly digest: () => Digest
}

function targets(db: Database, place: Mapped, alias: string, parameters: Parameters, whose: Whose): Target {
  let made: Digest | undefined
  const digest = (): Digest => (made ??= digestOf(whose.pseudonym_key, parameters))
  const statement: Statement = { db, place, alias, parameters, digest }
  return (column, strategy) => {
    const sql = sqlColumn(alias, column)
    if (strategy === null) return 'null'
    if ('value' in strategy) return boundSql(statement, column, String(strategy.value))
    if ('truncate' in strategy) return truncatedSql(statement, column, strategy.truncate)
    if ('replace' in strategy) return replacedSql(statement, column)
    if ('drop' in strategy) return withoutPathsSql(sql, column, strategy.drop, parameters)
    if ('remove' in strategy) return withoutElementsSql(sql, column, knownAs(whose, strategy.remove), parameters)
    const { length } = limitsOf(place.table.limits, column)
    if ('redact' in strategy) return fittingSql(impersonalSql(db, `${sql}::text`, whose.openings, parameters), length, `'${REMOVED}'`)
    if (whose.pseudonym_key === undefined) throw unfit(statement, column, 'a pseudonym needs the key of a case')
    return column.type === 'uuid' ? pseudonymUuidSql(sql, digest()) : pseudonymSql(`${sql}::text`, digest(), length)
  }
}

function knownAs({ openings }: Whose, kind: string): readonly Opening[] {
  return openings.filter(({ identifier }) => identifier === kind)
}

/** As the column itself would keep it, or it would never be found settled; where that would cut a text short, by its type alone. */
function boundSql({ place, parameters }: Statement, column: Column, value: string): string {
  const { declared } = limitsOf(place.table.limits, column)
  const bound = parameters.bind(value, column.cast)
  const cuts = [column.category, column.element?.category].some((category) => category === 'S' || category === 'V')
  return cuts || declared === column.cast ? bound : `${bound}::${declared}`
}

function truncatedSql(
  { db, place, alias, parameters }: Statement,
  column: Column,
  unit: 'day' | 'month' | 'year' | 'ip' | 'postcode',
): string {
  const sql = sqlColumn(alias, column)
  if (unit === 'postcode') return halfPostcodeSql(`${sql}::text`)
  if (unit === 'ip') {
    if (column.type === 'inet' || column.type === 'cidr') return networkSql(sql, column.type)
    const { length } = limitsOf(place.table.limits, column)
    return networkTextSql(`${sql}::text`, column.not_null ? `'${'removed'.slice(0, length ?? undefined)}'` : 'null::text')
  }
  switch (column.type) {
    case 'timestamptz':
      return `date_trunc('${unit}', ${sql}, ${parameters.bind(db.zone)})`
    case 'date':
      return `date_trunc('${unit}', ${sql}::timestamp)::date`
    default:
      return `date_trunc('${unit}', ${sql})`
  }
}

function replacedSql(statement: Statement, column: Column): string {
  const { db, place, alias, digest } = statement
  const sql = sqlColumn(alias, column)
  const replacement = replacementOf(db, place, column)
  if (replacement.kind === 'none') throw unfit(statement, column, `expected ${replacement.expected}`)
  if (replacement.kind === 'year') return truncatedSql(statement, column, 'year')
  const value =
    replacement.kind === 'constant'
      ? boundSql(statement, column, replacement.value)
      : replacement.sql(digest()(rowText(db, place, alias, column)))
  return `case when ${sql} is null then null else ${value} end`
}

function unfit({ db, place }: Statement, column: Column, sentence: string): SourceError {
  return new SourceError(db.declaration.id, place.collection.id, 'schema', `${place.table.name}.${column.name}: ${sentence}`)
}
