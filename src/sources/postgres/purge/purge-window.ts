import type { PurgeBatch } from '../../source.ts'
import { perform, type Database, type Session } from '../connection.ts'
import { dueRowsSql, isoSql, type DueRows, type Purging } from './due.ts'
import { numbered, type Parameters } from '../parameters.ts'
import { assignmentsSql } from '../change/strategy.ts'
import type { Tally } from '../change/touched-rows.ts'

/** A stretch of the start column: `size` due rows, or fewer when no more are due. */
interface Window {
  readonly from: string
  readonly to: string
  readonly range: readonly [string, string]
}

type Windowed = { readonly rows: number; readonly range: readonly [string, string] | null } | 'not by window'

/** Somebody who holds a row for longer than this makes us go around it. */
const WINDOW_LOCK_WAIT = '200ms'

/** Rows that go alone, in the order of one column of their own, need no locking beforehand: one statement over a stretch of that column does. */
export function canBeWindowed({ request: { rule } }: Purging): boolean {
  const simple = rule.action === 'delete' || rule.action === 'strip'
  return simple && rule.with.length === 0 && rule.starts?.of.length === 1 && !rule.starts.of.join().includes('.')
}

/** Works off the next stretch; `not by window` when too many rows start at the same instant to keep to the size. */
export async function workOffWindow(db: Database, session: Session, batch: PurgeBatch, purging: Purging, tally: Tally): Promise<Windowed> {
  const window = await findWindow(db, session, batch, purging)
  if (window === undefined || window === 'not by window') return window ?? { rows: 0, range: null }
  await session.query(`set local lock_timeout = '${WINDOW_LOCK_WAIT}'`)
  const { place, request } = purging
  const parameters = numbered()
  const due = dueRowsSql(db, purging, parameters)
  const start = columnSql(due)
  const where = `${start} between ${valueSql(due, window.from, parameters)} and ${valueSql(due, window.to, parameters)} and ${goingSql(due)}`
  const remove = request.rule.action === 'delete'
  const text = remove
    ? `delete from ${place.from} t where ${where}`
    : `update ${place.from} t set ${assignmentsSql(db, place, 't', request.rule.set, parameters)} where ${where}`
  const { rowCount } = await perform(db, session, place.collection.id, text, parameters.values)
  tally.add(place.table, remove ? 'deleted' : 'updated', rowCount)
  return { rows: rowCount, range: rowCount === 0 ? null : window.range }
}

async function findWindow(
  db: Database,
  session: Session,
  batch: PurgeBatch,
  purging: Purging,
): Promise<Window | 'not by window' | undefined> {
  const { place } = purging
  const size = Math.max(1, Math.trunc(batch.size))
  const parameters = numbered()
  const due = dueRowsSql(db, purging, parameters)
  const start = columnSql(due)
  const after = batch.after === undefined ? '' : `and ${due.times.started} >= ${parameters.bind(batch.after, 'timestamptz')}`
  // Many rows can start at the same instant, a day for example, and a window takes all of them.
  const most = Math.ceil(size / 4)
  const { rows } = await perform(
    db,
    session,
    place.collection.id,
    `with stretch as materialized (
      select ${start} as at, ${due.times.started} as started from ${place.from} t where ${goingSql(due)} ${after} order by ${start} limit ${size})
    select count(*) as n, min(at)::text as "from", max(at)::text as "to", ${isoSql('min(started)')} as first, ${isoSql('max(started)')} as last,
      (select count(*) from (select from ${place.from} t where ${start} = (select max(at) from stretch) limit ${most + 1}) together) as together
    from stretch`,
    parameters.values,
  )
  const found = rows[0] ?? {}
  if (Number(found['n']) === 0) return undefined
  if (Number(found['n']) === size && Number(found['together']) > most) return 'not by window'
  return { from: String(found['from']), to: String(found['to']), range: [String(found['first']), String(found['last'])] }
}

function goingSql({ where, held }: DueRows): string {
  return held === 'false' ? where : `${where} and (${held}) is not true`
}

function columnSql({ times }: DueRows): string {
  if (times.column === undefined) throw new TypeError('a window needs a start column of its own')
  return times.column.sql
}

function valueSql({ times }: DueRows, value: string, parameters: Parameters): string {
  return parameters.bind(value, times.column?.column.cast ?? 'timestamptz')
}
