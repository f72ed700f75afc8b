import type { Database, Session } from './connection.ts'
import { query, transaction } from './connection.ts'

const TABLE = 'habeas.habeas_effects'

/** Whether effects leave a marker at this source: there is a table for them, or our role may make one. */
export async function hasMarkers(db: Database): Promise<boolean> {
  const [row] = await query(
    db,
    '',
    `select coalesce(has_table_privilege(to_regclass('${TABLE}'), 'select') and has_table_privilege(to_regclass('${TABLE}'), 'insert'), false) as usable,
      to_regclass('${TABLE}') is not null as present,
      case when to_regnamespace('habeas') is null then has_database_privilege(current_database(), 'create')
        else has_schema_privilege('habeas', 'create') end as creatable`,
  )
  if (row?.['usable'] === true) return true
  if (row?.['present'] === true || row?.['creatable'] !== true) return false
  await transaction(db, '', 'begin', async (session) => {
    // Two services starting at once would both try to create it.
    await session.query(`select pg_advisory_xact_lock(hashtextextended('${TABLE}', 0))`)
    await session.query('create schema if not exists habeas')
    await session.query(
      `create table if not exists ${TABLE} (step text not null, batch int not null, rows jsonb not null, at timestamptz not null default now(), primary key (step, batch))`,
    )
  })
  return true
}

/** Waits for whoever carries out the same step now; the lock ends with the transaction. */
export async function lockStep(session: Session, step: string): Promise<void> {
  await session.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`habeas ${step}`])
}

/** What the marker of a batch says was done; undefined when there is none. */
// oxlint-disable-next-line no-unnecessary-type-parameters -- only we write markers, and whoever reads one knows what it wrote
export async function readMarker<R>(session: Session, step: string, batch: number): Promise<R | undefined> {
  const found = await session.query<{ rows: R }>(`select rows from ${TABLE} where step = $1 and batch = $2`, [step, batch])
  return found.rows[0]?.rows
}

/** Says in the same transaction what was done; a second marker for the same batch makes the transaction fail. */
export async function writeMarker(session: Session, step: string, batch: number, rows: unknown): Promise<void> {
  await session.query(`insert into ${TABLE} (step, batch, rows) values ($1, $2, $3)`, [step, batch, JSON.stringify(rows)])
}
