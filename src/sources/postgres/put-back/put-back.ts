import {
  SourceError,
  type CopiedPart,
  type IdentifierValue,
  type PutBack,
  type PutBackConflict,
  type PutBackOutcome,
} from '../../source.ts'
import { assertCounted, assertEnforced } from '../change/apply.ts'
import { readCatalog } from '../catalog/catalog.ts'
import { transaction, withSession, type Database, type Session } from '../connection.ts'
import { circlesOf } from '../change/cycles.ts'
import { hasMarkers, lockStep, readMarker, writeMarker } from '../change/marker.ts'
import { mapped } from '../names.ts'
import { insertCircle, insertPart } from './put-back-insert.ts'
import { restorePart } from './put-back-set.ts'
import { readTouched, Tally } from '../change/touched-rows.ts'

type Rows = Readonly<Record<string, number>>

/** What putting back works with: where statements run, what they have done, and what stands in the way. */
export interface Putting {
  readonly db: Database
  readonly session: Session
  readonly tally: Tally
  readonly pseudonym_key: string | undefined
  readonly conflicts: Conflicts
}

/** More rows in the way than this are not looked for one by one. */
const MOST_CONFLICTS = 500
const MOST_KEYS = 20

/** Conflicts by collection and constraint. */
export class Conflicts {
  readonly #found = new Map<string, PutBackConflict>()
  #rows = 0

  add(collection: string, kind: PutBackConflict['kind'], constraint: string, key?: IdentifierValue): void {
    const place = JSON.stringify([collection, kind, constraint])
    const known = this.#found.get(place) ?? { collection, kind, constraint, rows: 0, keys: [] }
    const keys = key === undefined || known.keys.length >= MOST_KEYS ? known.keys : [...known.keys, key]
    this.#found.set(place, { ...known, rows: known.rows + 1, keys })
    this.#rows += 1
  }

  get none(): boolean {
    return this.#rows === 0
  }

  get full(): boolean {
    return this.#rows >= MOST_CONFLICTS
  }

  list(): readonly PutBackConflict[] {
    return [...this.#found.values()]
  }
}

/** Ends the transaction of a source in which something stands in the way: nothing of it stays. */
class NotPutBack extends SourceError {
  readonly conflicts: readonly PutBackConflict[]

  constructor(db: Database, conflicts: readonly PutBackConflict[]) {
    super(db.declaration.id, '', 'constraint', 'rows could not be put back')
    this.conflicts = conflicts
  }
}

/**
 * Puts back what an effect took: deleted rows first, those that others point at before those that point, tables that point at each other in
 * one statement; then the old values of rows that were set and still hold what was set. One transaction with its marker; a row that is there
 * already, exactly as it was, is fine; anything in the way rolls everything back and is listed.
 */
export async function putBackRows(database: Database, copy: PutBack): Promise<PutBackOutcome> {
  assertEnforced(database)
  const marked = await hasMarkers(database)
  const catalog = await withSession(database, '', (session) => readCatalog(session, database.catalog.schema))
  const db: Database = { ...database, catalog }
  try {
    return await transaction(db, '', 'begin', async (session) => {
      await lockStep(session, copy.step)
      const marker = marked ? await readMarker<Rows>(session, copy.step, 0) : undefined
      if (marker !== undefined) return { confirmed_by: 'marker', rows: marker, conflicts: [] }
      assertCounted(db)
      const rows = await putBackIn(db, session, copy)
      if (marked) await writeMarker(session, copy.step, 0, rows)
      return { confirmed_by: 'effect', rows, conflicts: [] }
    })
  } catch (error) {
    if (!(error instanceof NotPutBack)) throw error
    return { confirmed_by: 'effect', rows: {}, conflicts: error.conflicts }
  }
}

async function putBackIn(db: Database, session: Session, copy: PutBack): Promise<Rows> {
  // Each statement is then checked at its own end, also against constraints that would wait for the commit.
  await session.query('set constraints all immediate')
  const before = await readTouched(session)
  const putting: Putting = { db, session, tally: new Tally(), pseudonym_key: copy.pseudonym_key, conflicts: new Conflicts() }
  const fitting = copy.parts.filter((part) => fits(putting, part))
  const rows: Record<string, number> = {}
  const count = ({ collection }: CopiedPart, done: number): void => void (rows[collection] = (rows[collection] ?? 0) + done)
  const deleted = fitting.filter(({ action }) => action === 'delete')
  for (const circle of circles(db, deleted)) {
    const members = deleted.filter(({ collection }) => circle.includes(tableOf(db, collection)))
    // What points at rows that are not there would fail only because of them.
    if (circle.some((table) => waitsFor(putting, table))) continue
    if (circle.some((table) => pointsInto(db, table, circle))) await insertCircle(putting, members, count)
    else for (const part of members) count(part, await insertPart(putting, part))
  }
  for (const part of fitting.filter(({ action }) => action === 'set')) count(part, await restorePart(putting, part))
  if (!putting.conflicts.none) throw new NotPutBack(db, putting.conflicts.list())
  putting.tally.compare(db, before, await readTouched(session))
  return rows
}

/** Whether the table is still there with the columns that were copied. */
function fits({ db, conflicts }: Putting, { collection, columns }: CopiedPart): boolean {
  const declared = db.policy.collections.get(collection)
  const table = declared?.source === db.declaration.id ? db.catalog.tables.get(declared.table) : undefined
  if (table === undefined) conflicts.add(collection, 'table_changed', '')
  const changed = columns.filter((name) => table !== undefined && table.columns.get(name)?.computed !== false)
  for (const name of changed) conflicts.add(collection, 'table_changed', name)
  return table !== undefined && changed.length === 0
}

/** Tables in groups, each after all that its rows point at; most groups are one table. */
function circles(db: Database, parts: readonly CopiedPart[]): readonly (readonly string[])[] {
  const tables = [...new Set(parts.map(({ collection }) => tableOf(db, collection)))]
  return circlesOf(tables, (table) => parentsOf(db, table).filter((parent) => tables.includes(parent)))
}

function waitsFor({ db, conflicts }: Putting, table: string): boolean {
  const missing = conflicts.list().map(({ collection }) => db.policy.collections.get(collection)?.table)
  const reach = (one: string, seen: ReadonlySet<string>): boolean =>
    parentsOf(db, one).some(
      (parent) => parent !== one && !seen.has(parent) && (missing.includes(parent) || reach(parent, new Set([...seen, one]))),
    )
  return reach(table, new Set())
}

function pointsInto(db: Database, table: string, circle: readonly string[]): boolean {
  return parentsOf(db, table).some((parent) => circle.includes(parent))
}

function parentsOf(db: Database, table: string): readonly string[] {
  return db.catalog.foreign_keys.filter((key) => key.table === table).map(({ references }) => references)
}

function tableOf(db: Database, collection: string): string {
  return mapped(db, collection).table.name
}
