import { SourceError, type Change, type Effect, type Outcome } from '../source.ts'
import { perform, query, transaction, type Database, type Session } from './connection.ts'
import { hasMarkers, lockStep, readMarker, writeMarker } from './marker.ts'
import { mapped } from './names.ts'
import { inOrder } from './order.ts'
import { numbered, type Parameters } from './parameters.ts'
import { admit, matchingSql, type Admitted } from './predicate.ts'
import { assignmentsSql, unsettledSql } from './strategy.ts'
import { readTouched, Tally } from './touched-rows.ts'

/** A change whose values are known to fit, so that its statements cannot fail on them. */
interface Prepared {
  readonly change: Change
  readonly openings: Admitted
}

type Rows = Readonly<Record<string, number>>

/** Carries the effect out in one transaction, once: whoever comes with the same step and batch gets what the marker says. */
export async function applyEffect(db: Database, effect: Effect): Promise<Outcome> {
  assertEnforced(db)
  const marked = await hasMarkers(db)
  const changes: Prepared[] = []
  for (const change of inOrder(db, effect.changes)) {
    changes.push({ change, openings: await admit(db, change.selection.collection, change.selection.openings) })
  }
  const done = await transaction(db, '', 'begin', async (session): Promise<Pick<Outcome, 'confirmed_by' | 'rows'>> => {
    await lockStep(session, effect.step)
    const marker = marked ? await readMarker<Rows>(session, effect.step, effect.batch) : undefined
    if (marker !== undefined) return { confirmed_by: 'marker', rows: marker }
    const rows = await changeAll(db, session, changes)
    if (marked) await writeMarker(session, effect.step, effect.batch, rows)
    return { confirmed_by: 'effect', rows }
  })
  return { ...done, left: await countLeft(db, changes) }
}

/** What an intent without outcome led to, by its marker; waits for a transaction of the same step that is still under way. */
export async function settleEffect(db: Database, step: string, batch: number): Promise<Rows | undefined> {
  const present = await query(db, '', `select to_regclass('habeas.habeas_effects') is not null as present`)
  if (present[0]?.['present'] !== true) return undefined
  const marker = await transaction(db, '', 'begin', async (session) => {
    await lockStep(session, step)
    return readMarker<Rows>(session, step, batch)
  })
  return marker
}

/** A source in observe mode is looked at, never changed, whoever asks. */
export function assertEnforced(db: Database): void {
  if (db.declaration.mode === 'enforce') return
  throw new SourceError(db.declaration.id, '', 'denied', 'the policy only lets us observe this source (mode: observe)')
}

/** A marker that cannot be compared with what the server counted is no proof; so is a transaction without counters. */
export function assertCounted(db: Database): void {
  if (db.catalog.counts_rows) return
  throw new SourceError(db.declaration.id, '', 'schema', 'the setting track_counts is off, so an effect could not be checked')
}

async function changeAll(db: Database, session: Session, changes: readonly Prepared[]): Promise<Rows> {
  assertCounted(db)
  for (const prepared of changes) await assertWithinLimit(db, session, prepared)
  const before = await readTouched(session)
  const tally = new Tally()
  const rows: Record<string, number> = {}
  for (const prepared of changes) {
    const { selection, action, limit } = prepared.change
    if (action.kind === 'set' && Object.keys(action.set).length === 0) continue
    const { text, values } = statement(db, prepared)
    const { rowCount } = await perform(db, session, selection.collection, text, values)
    if (rowCount > limit) throw tooMany(db, prepared.change)
    tally.add(mapped(db, selection.collection).table, action.kind === 'delete' ? 'deleted' : 'updated', rowCount)
    rows[selection.collection] = (rows[selection.collection] ?? 0) + rowCount
  }
  tally.compare(db, before, await readTouched(session))
  return rows
}

function statement(
  db: Database,
  { change: { selection, action, only_where }, openings }: Prepared,
): { text: string; values: Parameters['values'] } {
  const place = mapped(db, selection.collection)
  const parameters = numbered()
  const where = matchingSql(db, selection, openings, only_where, parameters)
  if (action.kind === 'delete') return { text: `delete from ${place.from} t where ${where}`, values: parameters.values }
  return {
    text: `update ${place.from} t set ${assignmentsSql(db, place, 't', action.set, parameters)} where ${where}`,
    values: parameters.values,
  }
}

async function assertWithinLimit(db: Database, session: Session, { change: planned, openings }: Prepared): Promise<void> {
  const parameters = numbered()
  const { collection } = planned.selection
  const where = matchingSql(db, planned.selection, openings, planned.only_where, parameters)
  const counted = `select count(*) as n from (select from ${mapped(db, collection).from} t where ${where} limit ${Math.trunc(planned.limit) + 1}) counted`
  const { rows } = await perform(db, session, collection, counted, parameters.values)
  if (Number(rows[0]?.['n']) > planned.limit) throw tooMany(db, planned)
}

/** A fresh look after the commit: rows that should be gone, and rows that do not yet hold what was set. */
async function countLeft(db: Database, changes: readonly Prepared[]): Promise<Rows> {
  const left: Record<string, number> = {}
  for (const {
    change: { selection, action, only_where },
    openings,
  } of changes) {
    const place = mapped(db, selection.collection)
    const parameters = numbered()
    const where = [matchingSql(db, selection, openings, only_where, parameters)]
    if (action.kind === 'set') where.push(unsettledSql(db, place, 't', action.set, parameters))
    const rows = await query(
      db,
      selection.collection,
      `select count(*) as n from ${place.from} t where ${where.join(' and ')}`,
      parameters.values,
    )
    left[selection.collection] = (left[selection.collection] ?? 0) + Number(rows[0]?.['n'])
  }
  return left
}

function tooMany(db: Database, { selection, limit }: Change): SourceError {
  return new SourceError(db.declaration.id, selection.collection, 'too_many', `more than ${limit} rows would be changed, so nothing was`)
}
