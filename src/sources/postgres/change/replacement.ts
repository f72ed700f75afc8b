import type { Session } from '../connection.ts'
import type { Column } from '../catalog/catalog.ts'
import type { Database } from '../connection.ts'
import { evaluate, fitsType } from '../check/evaluate.ts'
import type { ColumnLimits, TableLimits } from '../catalog/limits.ts'
import { columnOf, sqlColumn, type Mapped } from '../names.ts'
import { sampleDigests, sampleUuid, uuidSql } from './pseudonym.ts'

/** How a column is given a value that says nothing. */
export type Replacement =
  | { readonly kind: 'constant'; readonly value: string }
  /** Another value in every row, made of its key; `samples` show what they look like. */
  | { readonly kind: 'derived'; sql(digestSql: string): string; readonly samples: readonly string[] }
  /** The first day of the year. */
  | { readonly kind: 'year' }
  | { readonly kind: 'none'; readonly expected: string }

const SAYS_NOTHING = [
  'removed',
  'unknown',
  'other',
  'none',
  'unspecified',
  'not_specified',
  'anonymous',
  'anonymised',
  'anonymized',
  'n/a',
  'na',
]
const OTHER_TEXTS = ['-', 'x', 'xx', 'XX', 'xxx', 'XXX', '0', '00', '000', '0000', '00000', '']
const BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  bool: ['false', 'true'],
  inet: ['0.0.0.0', '::'],
  cidr: ['0.0.0.0/0', '::/0'],
  macaddr: ['00:00:00:00:00:00'],
  macaddr8: ['00:00:00:00:00:00:00:00'],
  json: ['{}', '[]', 'null'],
  jsonb: ['{}', '[]', 'null'],
  bytea: ['\\x', '\\x00'],
  time: ['00:00'],
  timetz: ['00:00+00'],
  interval: ['0'],
  tsvector: [''],
  hstore: [''],
}
const BY_CATEGORY: Readonly<Record<string, readonly string[]>> = { N: ['0', '1', '-1'], A: ['{}'], R: ['empty'] }
const PREFIX = 'removed-'
const MAIL_DOMAIN = '@removed.invalid'
/** Digits with which rows of a table surely differ; where nothing asks that they do, fewer are enough. */
const UNIQUE_DIGITS = 16
const FEWEST_DIGITS = 8
const MOST_DIGITS = 32

/** What `replace: true` makes of a column, or what would have to be declared instead. */
export function replacementOf(db: Database, { collection, table }: Mapped, column: Column): Replacement {
  const { length } = limitsOf(table.limits, column)
  const unique = uniqueColumns(table.limits).has(column.name)
  if (column.type === 'uuid') {
    return { kind: 'derived', sql: uuidSql, samples: sampleDigests(32).map(sampleUuid) }
  }
  if (column.category === 'S' && isAddress(db, collection.id, table.limits, column)) {
    return derivedText(PREFIX, MAIL_DOMAIN, length, unique ? UNIQUE_DIGITS : FEWEST_DIGITS)
  }
  if (unique && column.category === 'S')
    return derivedText((length ?? MOST_DIGITS * 2) < PREFIX.length + UNIQUE_DIGITS ? '' : PREFIX, '', length, UNIQUE_DIGITS)
  if (unique && column.type === 'bytea') {
    return { kind: 'derived', sql: (digest) => `decode(${digest}, 'hex')`, samples: sampleDigests(64).map((hex) => `\\x${hex}`) }
  }
  if (unique) return { kind: 'none', expected: 'a type in which every row can be given another value that says nothing' }
  if (column.type === 'date' || column.type === 'timestamp' || column.type === 'timestamptz') return { kind: 'year' }
  const value = table.says_nothing.get(column.name)
  if (typeof value === 'string') return { kind: 'constant', value }
  return { kind: 'none', expected: `{ value: … }, as we know no ${column.cast} that says nothing and that its constraints allow` }
}

/** The text that every row gets its own value from: its table, column and key. */
export function rowText(db: Database, place: Mapped, alias: string, column: Column): string {
  const key = place.collection.key.map((name) => `${sqlColumn(alias, columnOf(db, place, name))}::text`)
  return `jsonb_build_array('row', '${`${place.table.name}.${column.name}`.replaceAll("'", "''")}', ${key.join(', ')})::text`
}

/** For every column the first value that says nothing and that its own constraints allow; null when none of those we know does. */
export async function chooseReplacements(
  session: Session,
  table: string,
  columns: readonly Column[],
  limits: TableLimits,
): Promise<ReadonlyMap<string, string | null>> {
  const chosen = new Map<string, string | null>()
  for (const column of columns) {
    const limit = limitsOf(limits, column)
    const own = limits.checks.filter((check) => check.columns.length === 1 && check.columns[0] === column.name)
    const known = candidates(column, limit)
    const free = own.length === 0 && !limit.domain
    chosen.set(column.name, free ? (known[0] ?? null) : await firstAllowed(session, table, column, limit, own, known))
  }
  return chosen
}

/** Columns that a unique index reads: those of a generated column stand for it. */
export function uniqueColumns(limits: TableLimits): ReadonlySet<string> {
  const read = limits.unique.flatMap(({ reads }) => reads)
  return new Set(read.flatMap((name) => [name, ...(limits.columns.get(name)?.computed_from ?? [])]))
}

/** What a column has to fit; nothing, for one that appeared after the schema was read. */
export function limitsOf(limits: TableLimits, column: Column): ColumnLimits {
  return limits.columns.get(column.name) ?? { length: null, declared: column.cast, domain: false, labels: null, computed_from: [] }
}

async function firstAllowed(
  session: Session,
  table: string,
  column: Column,
  limit: ColumnLimits,
  checks: TableLimits['checks'],
  known: readonly string[],
): Promise<string | null> {
  for (const value of known) {
    if (limit.domain && (await fitsType(session, { cast: column.cast, declared: limit.declared }, [value])) !== 'holds') continue
    const held = [{ name: column.name, cast: column.cast, values: [value] }]
    let allowed = true
    for (const { expression } of checks) allowed &&= (await evaluate(session, table, held, expression)) === 'holds'
    if (allowed) return value
  }
  return null
}

function candidates(column: Column, { length, labels }: ColumnLimits): readonly string[] {
  if (labels !== null) return SAYS_NOTHING.flatMap((word) => labels.find((label) => label.toLowerCase() === word) ?? [])
  if (column.category !== 'S') return BY_TYPE[column.type] ?? BY_CATEGORY[column.category] ?? []
  const fitting = [...SAYS_NOTHING, ...OTHER_TEXTS].filter((word) => length === null || word.length <= length)
  const shortened = length !== null && length < 'removed'.length ? ['removed'.slice(0, length)] : []
  return [...new Set([...shortened, ...fitting])]
}

/** An address by its name, by how it is searched for, or by a check that asks for an @. */
function isAddress(db: Database, id: string, limits: TableLimits, column: Column): boolean {
  if (/(^|_)e[-_]?mails?(_address)?$|^mail(_address)?$|^e[-_]?mail/i.test(column.name)) return true
  const collection = db.policy.collections.get(id)
  const opened = collection?.opened_by.map(({ identifier, columns }) => [identifier, columns] as const) ?? []
  const used = [...opened, ...Object.entries(collection?.provides ?? {})]
  if (used.some(([identifier, columns]) => db.policy.identifiers.get(identifier)?.compare === 'email' && columns.includes(column.name)))
    return true
  return limits.checks.some(({ columns, expression }) => columns.length === 1 && columns[0] === column.name && expression.includes('@'))
}

function derivedText(prefix: string, suffix: string, length: number | null, fewest: number): Replacement {
  const room = Math.min(MOST_DIGITS, (length ?? Infinity) - prefix.length - suffix.length)
  if (room < fewest) return { kind: 'none', expected: `room for ${prefix.length + suffix.length + fewest} characters` }
  return {
    kind: 'derived',
    sql: (digest) => `'${prefix}' || left(${digest}, ${room}) || '${suffix}'`,
    samples: sampleDigests(room).map((hex) => `${prefix}${hex}${suffix}`),
  }
}
