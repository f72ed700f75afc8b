import type { Strategy } from '../../policy/schema.ts'
import type { Column } from './catalog.ts'
import { isComparable } from './column-types.ts'
import type { Database } from './connection.ts'
import { columnOf, sqlColumn, sqlName, type Mapped } from './names.ts'
import type { Parameters } from './parameters.ts'

type Changes = Readonly<Record<string, Strategy>>

/** The assignments of an UPDATE. */
export function assignmentsSql(db: Database, place: Mapped, alias: string, set: Changes, parameters: Parameters): string {
  return Object.entries(set)
    .map(([name, strategy]) => {
      const column = columnOf(db, place, name)
      return `${sqlName(column)} = ${targetSql(column, alias, strategy, db.zone, parameters)}`
    })
    .join(', ')
}

/** Whether some column of the row is not yet what `set` makes of it, as SQL: a second run then finds nothing to do. */
export function unsettledSql(db: Database, place: Mapped, alias: string, set: Changes, parameters: Parameters): string {
  const parts = Object.entries(set).map(([name, strategy]) => {
    const column = columnOf(db, place, name)
    const target = targetSql(column, alias, strategy, db.zone, parameters)
    const sql = sqlColumn(alias, column)
    if (strategy === null) return `${sql} is not null`
    return isComparable(column) ? `${sql} is distinct from ${target}` : `${sql}::text is distinct from (${target})::text`
  })
  return parts.length === 0 ? 'false' : `(${parts.join(' or ')})`
}

function targetSql(column: Column, alias: string, strategy: Strategy, zone: string, parameters: Parameters): string {
  if (strategy === null) return 'null'
  if ('value' in strategy) return parameters.bind(String(strategy.value), column.cast)
  if (!('truncate' in strategy)) throw new TypeError(`no such strategy for ${column.name}`)
  const sql = sqlColumn(alias, column)
  const unit = `'${strategy.truncate}'`
  switch (column.type) {
    case 'timestamptz':
      return `date_trunc(${unit}, ${sql}, ${parameters.bind(zone)})`
    case 'date':
      return `date_trunc(${unit}, ${sql}::timestamp)::date`
    default:
      return `date_trunc(${unit}, ${sql})`
  }
}
