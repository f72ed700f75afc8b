import type { IdentifierValue } from '../source.ts'
import type { ColumnShape } from '../source.ts'
import type { Column } from './catalog.ts'
import type { Session } from './connection.ts'

const WHOLE = new Set(['int2', 'int4', 'int8'])
const INSTANTS = new Set(['timestamptz', 'timestamp', 'date'])
const WITHOUT_EQUALITY = new Set(['json', 'xml', 'point', 'box', 'lseg', 'path', 'polygon', 'circle', 'line'])

/** Values of this column are text, so that a cell can be read as a formula and a letter's case can differ. */
export function isText(column: Column): boolean {
  return column.category === 'S'
}

export function isInstant(column: Column): boolean {
  return INSTANTS.has(column.type)
}

export function isWhole(column: Column): boolean {
  return WHOLE.has(column.type)
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
  return column.type === 'json' || column.type === 'jsonb' ? 'any' : 'string'
}

/** Text that PostgreSQL can hold at all and that says something: no NUL, no lone surrogate, not empty, not only blanks. */
function isSaying(part: string): boolean {
  return part.trim() !== '' && !part.includes('\0') && part.isWellFormed()
}

/** Certainly a value of the column's type; anything else is asked of the server. */
function isPlain(column: Column, part: string): boolean {
  if (isText(column)) return true
  if (column.type === 'int8') return /^-?\d{1,18}$/.test(part)
  if (column.type === 'int4') return /^-?\d{1,9}$/.test(part)
  if (column.type === 'int2') return /^-?\d{1,4}$/.test(part)
  return column.type === 'uuid' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(part)
}

/** Those of `values` that the columns can hold: a value of another type matches no row, and must not make the others fail. */
export async function admitted(
  session: Session,
  columns: readonly Column[],
  values: readonly IdentifierValue[],
): Promise<IdentifierValue[]> {
  let rest = values.filter((value) => value.length === columns.length && value.every(isSaying))
  for (const [index, column] of columns.entries()) {
    const doubtful = [...new Set(rest.map((value) => value[index] ?? '').filter((part) => !isPlain(column, part)))]
    if (doubtful.length === 0) continue
    const fitting = new Set(await fittingOf(session, column, doubtful))
    rest = rest.filter((value) => isPlain(column, value[index] ?? '') || fitting.has(value[index] ?? ''))
  }
  return rest
}

/** Halves the list until every part that cannot be cast stands alone: one statement when all fit. */
async function fittingOf(session: Session, column: Column, parts: readonly string[]): Promise<readonly string[]> {
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
