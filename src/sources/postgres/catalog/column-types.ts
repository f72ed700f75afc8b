import { isIP } from 'node:net'

import type { IdentifierValue } from '../../source.ts'
import type { ColumnShape } from '../../source.ts'
import type { Column } from './catalog.ts'
import type { Session } from '../connection.ts'

const WHOLE: Readonly<Record<string, bigint>> = { int2: 2n ** 15n, int4: 2n ** 31n, int8: 2n ** 63n }
const INSTANTS = new Set(['timestamptz', 'timestamp', 'date'])
const WITHOUT_EQUALITY = new Set(['json', 'xml', 'point', 'box', 'lseg', 'path', 'polygon', 'circle', 'line'])

/** Values of this column are text, so that a cell can be read as a formula and a letter's case can differ. */
export function isText(column: Pick<Column, 'type' | 'category'>): boolean {
  return column.category === 'S'
}

export function isInstant(column: Pick<Column, 'type' | 'category'>): boolean {
  return INSTANTS.has(column.type)
}

export function isWhole(column: Column): boolean {
  return column.type in WHOLE
}

export function isJson({ type }: Pick<Column, 'type'>): boolean {
  return type === 'json' || type === 'jsonb'
}

/** Rows can be found by comparing this column with `=`. */
export function isComparable(column: Column): boolean {
  return !WITHOUT_EQUALITY.has(column.type) && column.category !== 'A'
}

/** The Frictionless Table Schema type of a column. */
export function shapeOf(column: Column): ColumnShape['type'] {
  if (isWhole(column)) return 'integer'
  if (column.category === 'N' && column.type !== 'money') return 'number'
  if (column.category === 'B') return 'boolean'
  if (column.type === 'date') return 'date'
  if (isInstant(column)) return 'datetime'
  if (column.category === 'A') return 'array'
  // A JSON column may hold anything, so calling it an object would make validators refuse rows.
  return isJson(column) ? 'any' : 'string'
}

/** Text that PostgreSQL can hold at all and that says something: no NUL, no lone surrogate, not empty, not only what nobody sees. */
export function isSaying(part: string): boolean {
  return /[^\p{Z}\p{Cc}\p{Cf}\u{115F}\u{1160}\u{3164}\u{FFA0}]/u.test(part) && !part.includes('\0') && part.isWellFormed()
}

/** As PostgreSQL writes them: `042`, `+42` and ` 42` are read as 42, but an identifier in another writing is another identifier. */
const INTEGER = /^(0|-?[1-9]\d{0,18})$/
const NUMBER = /^-?(0|[1-9]\d{0,999})(\.\d{1,999})?$/
const FLOAT = /^-?(\d{1,400}(\.\d{1,400})?(e[+-]\d{1,3})?|NaN|Infinity)$/
/** Letters' case is all that may differ: it never tells two of them apart, and systems write it either way. */
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
/** Without words such as `today`, which mean another day tomorrow. */
const DAY = /^\d{4,6}-\d\d-\d\d$/
const INSTANT = /^\d{4,6}-\d\d-\d\d[ T]\d\d:\d\d/

/** Whether the text is a value of the column's type in its usual writing; undefined when only the server can tell. */
export function isOfType(column: Pick<Column, 'type' | 'category'>, part: string): boolean | undefined {
  if (isText(column)) return true
  const limit = WHOLE[column.type]
  if (limit !== undefined) return INTEGER.test(part) && BigInt(part) < limit && BigInt(part) >= -limit
  if (column.type === 'uuid') return UUID.test(part)
  if (column.category === 'B') return part === 'true' || part === 'false'
  if (column.type === 'numeric') return NUMBER.test(part)
  if (column.type === 'inet') return isIP(part) > 0 || undefined
  if (column.type === 'float4' || column.type === 'float8') return FLOAT.test(part) ? undefined : false
  return isInstant(column) && !(column.type === 'date' ? DAY : INSTANT).test(part) ? false : undefined
}

/** Those of `parts` that the server can cast to the type of the column. */
export type Ask = (column: Column, parts: readonly string[]) => Promise<readonly string[]>

/** Those of `values` that the columns can hold: a value of another type matches no row, and must not make the others fail. */
export async function admitted(ask: Ask, columns: readonly Column[], values: readonly IdentifierValue[]): Promise<IdentifierValue[]> {
  let rest = values.filter(
    (value) =>
      value.length === columns.length &&
      value.every(isSaying) &&
      columns.every((column, index) => isOfType(column, value[index] ?? '') !== false),
  )
  for (const [index, column] of columns.entries()) {
    const doubtful = [...new Set(rest.map((value) => value[index] ?? '').filter((part) => isOfType(column, part) === undefined))]
    if (doubtful.length === 0) continue
    const fitting = new Set(await ask(column, doubtful))
    rest = rest.filter((value) => isOfType(column, value[index] ?? '') === true || fitting.has(value[index] ?? ''))
  }
  return rest
}

/** Halves the list until every part that cannot be cast stands alone: one statement when all fit. An enum can say what it holds. */
export async function fittingOf(session: Session, column: Column, parts: readonly string[]): Promise<readonly string[]> {
  if (column.category === 'E') {
    const labels = await session.query(`select unnest(enum_range(null::${column.cast}))::text as label`)
    const known = new Set(labels.rows.map(({ label }) => label))
    return parts.filter((part) => known.has(part))
  }
  const fits = await session.query(`select count(part::${column.cast}) from unnest($1::text[]) part`, [parts]).then(
    () => true,
    (error: unknown) => {
      if (isDataError(error)) return false
      throw error
    },
  )
  if (fits) return parts
  if (parts.length === 1) return []
  const middle = Math.ceil(parts.length / 2)
  return [...(await fittingOf(session, column, parts.slice(0, middle))), ...(await fittingOf(session, column, parts.slice(middle)))]
}

/** SQLSTATE class 22: the value, not the statement, is wrong. */
function isDataError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' && error.code.startsWith('22')
}
