import { SourceError, type DataSource } from '../../source.ts'
import { query, transaction, type Database, type Session } from '../connection.ts'

/** Where markers are kept: a schema of our own, in which the role that erases may read and add. */
export const MARKERS = { schema: 'habeas', table: 'habeas.habeas_effects' } as const

/** What makes the table of the markers, where it is missing. */
export const MARKERS_DDL = [
  `create schema if not exists ${MARKERS.schema}`,
  `create table if not exists ${MARKERS.table} (step text not null, batch int not null, rows jsonb not null, at timestamptz not null default now(), primary key (step, batch))`,
] as const

/** Asks the catalog: to_regclass() fails for a role that may not use the schema, and so would a look by name. */
const STATE = `
  select coalesce(bool_or(has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')), false) as usable,
    count(c.oid) > 0 as present,
    case when count(n.oid) = 0 then has_database_privilege(current_database(), 'create')
      else bool_or(has_schema_privilege(n.oid, 'create')) end as creatable
  from pg_namespace n left join pg_class c on c.relnamespace = n.oid and c.relname = 'habeas_effects'
  where n.nspname = '${MARKERS.schema}'`

/** Whether effects leave a marker at this source: there is a table for them, or our role may make one. */
export async function hasMarkers(db: Database): Promise<boolean> {
  const [row] = await query(db, '', STATE, [], db.eraser)
  if (row?.['usable'] === true) return true
  if (row?.['present'] === true || row?.['creatable'] !== true) return false
  await transaction(db, '', 'begin', async (session) => {
    // Two services starting at once would both try to create it.
    await session.query(`select pg_advisory_xact_lock(hashtextextended('${MARKERS.table}', 0))`)
    for (const statement of MARKERS_DDL) await session.query(statement)
  })
  return true
}

/** What an intent without outcome led to, by its marker; `unknown` where none are kept. Waits for a transaction of the same step that is still under way. */
export async function settleByMarker(db: Database, step: string, batch: number): ReturnType<DataSource['settle']> {
  const [row] = await query(db, '', STATE, [], db.eraser)
  if (row?.['present'] !== true) return 'unknown'
  if (row['usable'] !== true) {
    throw new SourceError(db.declaration.id, '', 'denied', `its role may not read ${MARKERS.table}, so nobody can tell what was done`)
  }
  return transaction(db, '', 'begin', async (session) => {
    await lockStep(session, step)
    return (await readMarker<Readonly<Record<string, number>>>(session, step, batch)) ?? 'nothing'
  })
}

/** Waits for whoever carries out the same step now; the lock ends with the transaction. */
export async function lockStep(session: Session, step: string): Promise<void> {
  await session.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`habeas ${step}`])
}

/** What the marker of a batch says was done; undefined when there is none. */
// oxlint-disable-next-line no-unnecessary-type-parameters -- only we write markers, and whoever reads one knows what it wrote
export async function readMarker<R>(session: Session, step: string, batch: number): Promise<R | undefined> {
  const found = await session.query<{ rows: R }>(`select rows from ${MARKERS.table} where step = $1 and batch = $2`, [step, batch])
  return found.rows[0]?.rows
}

/** Says in the same transaction what was done; a second marker for the same batch makes the transaction fail. */
export async function writeMarker(session: Session, step: string, batch: number, rows: unknown): Promise<void> {
  await session.query(`insert into ${MARKERS.table} (step, batch, rows) values ($1, $2, $3)`, [step, batch, JSON.stringify(rows)])
}
