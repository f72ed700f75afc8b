import type { Condition } from '../../../policy/schema.ts'
import type { Column } from '../catalog/catalog.ts'
import type { Database } from '../connection.ts'
import { columnOf, mapped, sqlColumn, type Mapped } from '../names.ts'
import type { Parameters } from '../parameters.ts'

/** A value of a row, reached from it over refs, as SQL. */
export interface Reached {
  readonly sql: string
  readonly column: Column
}

/** `column`, or `ref.ref.column`: a scalar subquery along declared refs, null where a ref points nowhere. */
export function reach(db: Database, from: Mapped, alias: string, path: string): Reached {
  const [first = '', ...rest] = path.split('.')
  if (rest.length === 0) {
    const column = columnOf(db, from, first)
    return { sql: sqlColumn(alias, column), column }
  }
  const ref = from.collection.refs[first]
  if (ref === undefined) throw new TypeError(`${from.collection.id} has no ref ${first}`)
  const target = mapped(db, ref.collection)
  const inner = `${alias}_${first.toLowerCase().replaceAll(/\W/g, '_')}`.slice(-60)
  const reached = reach(db, target, inner, rest.join('.'))
  const joined = target.collection.key.map((key, index) => {
    const own = columnOf(db, from, ref.columns[index] ?? '')
    return `${sqlColumn(inner, columnOf(db, target, key))} = ${sqlColumn(alias, own)}`
  })
  return { sql: `(select ${reached.sql} from ${target.from} ${inner} where ${joined.join(' and ')})`, column: reached.column }
}

/** Whether the row that `alias` names meets every part of `condition`, as SQL; null where a value is missing. */
export function conditionSql(db: Database, from: Mapped, alias: string, condition: Condition, parameters: Parameters): string {
  const parts = Object.entries(condition).map(([path, expected]) => {
    const { sql, column } = reach(db, from, alias, path)
    if (expected === null) return `${sql} is null`
    if (Array.isArray(expected)) return `${sql} = any(${parameters.bind(expected.map(String), column.cast)})`
    if (typeof expected === 'object') return `${sql} is not null`
    return `${sql} = ${parameters.bind(String(expected), column.cast)}`
  })
  return parts.length === 0 ? 'true' : parts.map((part) => `(${part})`).join(' and ')
}
