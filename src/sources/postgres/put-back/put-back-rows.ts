import type { CopiedPart, IdentifierValue, PutBackConflict } from '../../source.ts'
import type { Column } from '../catalog/catalog.ts'
import type { Database } from '../connection.ts'
import { sourceError } from '../errors.ts'
import { columnOf, mapped, sqlColumn, sqlName, type Mapped } from '../names.ts'
import type { Putting } from './put-back.ts'

export type CopiedRow = readonly (string | null)[]

/** Copied rows of one table, a few of them, as statements take them: a list of texts a column. */
export interface Batch {
  readonly place: Mapped
  readonly columns: readonly Column[]
  readonly rows: readonly CopiedRow[]
}

/** Few enough that wide rows fit into memory, enough that the server is not asked for each. */
const ROWS_AT_ONCE = 200

/** The rows of a part in batches. */
export async function* batchesOf(db: Database, part: CopiedPart): AsyncGenerator<Batch> {
  const place = mapped(db, part.collection)
  const columns = part.columns.map((name) => columnOf(db, place, name))
  let rows: CopiedRow[] = []
  for await (const row of part.rows()) {
    rows.push(row)
    if (rows.length < ROWS_AT_ONCE) continue
    yield { place, columns, rows }
    rows = []
  }
  if (rows.length > 0) yield { place, columns, rows }
}

/** The name of a row's number beside columns of any name. */
export const NUMBER = '"habeas row"'

/** The batch as a relation `o` whose columns have the names and types of the table, beside the number of each row from 1. */
export function relationSql({ columns }: Batch, first = 1): string {
  const lists = columns.map((_, index) => `$${first + index}::text[]`).join(', ')
  const names = columns.map((_, index) => `c${index}`).join(', ')
  const typed = columns.map((column, index) => `u.c${index}::${column.cast} as ${sqlName(column)}`).join(', ')
  return `(select ${typed}, u.${NUMBER} from unnest(${lists}) with ordinality u(${names}, ${NUMBER})) o`
}

export function valuesOf({ columns, rows }: Batch): (string | null)[][] {
  return columns.map((_, index) => rows.map((row) => row[index] ?? null))
}

/** `t` and `o` have the same primary key. */
export function sameKeySql(batch: Batch): string {
  return keyColumns(batch)
    .map((column) => `${sqlColumn('t', column)} = ${sqlColumn('o', column)}`)
    .join(' and ')
}

/** The column holds in `t` what it holds in `o`, as the database writes it: also where a type knows no equality, or a looser one. */
export function sameTextSql(column: Column): string {
  return `${sqlColumn('t', column)}::text is not distinct from ${sqlColumn('o', column)}::text`
}

export function keyOf(batch: Batch, row: CopiedRow): IdentifierValue {
  return keyColumns(batch).map((column) => row[batch.columns.indexOf(column)] ?? '')
}

function keyColumns({ place, columns }: Batch): readonly Column[] {
  return columns.filter(({ name }) => place.collection.key.includes(name))
}

/** Runs statements of which nothing stays when one fails; the failure, when it is one of the data, else undefined. */
export async function attempt({ db, session }: Putting, batch: Batch, work: () => Promise<void>): Promise<Failure | undefined> {
  await session.query('savepoint put_back')
  try {
    await work()
    await session.query('release savepoint put_back')
    return undefined
  } catch (error) {
    const failure = failureOf(error)
    if (failure === undefined) throw sourceError(db.declaration.id, batch.place.collection.id, error)
    await session.query('rollback to savepoint put_back')
    return failure
  }
}

/** Finds the rows that stand behind a failure by trying each alone, and adds them as conflicts; where none fails alone, the failure itself. */
export async function explain(
  putting: Putting,
  batches: readonly Batch[],
  failure: Failure,
  tryAlone: (row: Batch) => Promise<void>,
  counts: (failure: Failure) => boolean = () => true,
): Promise<void> {
  const { conflicts } = putting
  let found = false
  for (const batch of batches) {
    for (const row of batch.rows) {
      if (conflicts.full) return
      const one = { ...batch, rows: [row] }
      const alone = await attempt(putting, one, () => tryAlone(one))
      if (alone === undefined || !counts(alone)) continue
      found = true
      conflicts.add(batch.place.collection.id, alone.kind, alone.constraint, keyOf(batch, row))
    }
  }
  if (found) return
  const where = batches.find(({ place }) => place.table.name === failure.table) ?? batches[0]
  if (where !== undefined) conflicts.add(where.place.collection.id, failure.kind, failure.constraint)
}

/** What a statement failed on, by names of the database only. */
export interface Failure {
  readonly kind: PutBackConflict['kind']
  readonly constraint: string
  readonly table: string
}

const KINDS: Readonly<Record<string, PutBackConflict['kind']>> = {
  '23505': 'taken',
  '23P01': 'taken',
  '23503': 'parent_gone',
  '23502': 'table_changed',
  '42703': 'table_changed',
  '42P01': 'table_changed',
  '42804': 'table_changed',
  '428C9': 'table_changed',
  '42846': 'table_changed',
}

/** What the server says about the data: never its message or detail, which echo values. */
function failureOf(error: unknown): Failure | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { code, constraint, table, column }: { code?: unknown; constraint?: unknown; table?: unknown; column?: unknown } = error
  if (typeof code !== 'string') return undefined
  const kind = KINDS[code] ?? (/^(22|23|44|P0)/.test(code) ? 'refused' : undefined)
  if (kind === undefined) return undefined
  const name = typeof constraint === 'string' ? constraint : typeof column === 'string' ? column : ''
  return { kind, constraint: name, table: typeof table === 'string' ? table : '' }
}
