import { SourceError, type Effect, type Outcome } from '../../source.ts'
import { changeRows } from './change-rows.ts'
import { perform, transaction, withSession, type Database, type Session } from '../connection.ts'
import { whereSql, type Prepared } from './lock-rows.ts'
import { hasMarkers, lockStep, readMarker, writeMarker } from './marker.ts'
import { mapped } from '../names.ts'
import { numbered } from '../parameters.ts'
import { admit } from '../find/predicate.ts'
import { unsettledSql, whoseOf } from './strategy.ts'

type Rows = Readonly<Record<string, number>>

/**
 * Carries the effect out in one transaction, once: whoever comes with the same step and batch gets what the marker says. Where no marker can be
 * left, an effect that was intended before and of which a look finds nothing left to do has been carried out already, with the expected rows.
 */
export async function applyEffect(db: Database, effect: Effect): Promise<Outcome> {
  assertEnforced(db)
  const marked = await hasMarkers(db)
  const changes: Prepared[] = []
  for (const change of effect.changes) {
    const { selection } = change
    const openings = await admit(db, selection.collection, selection.openings)
    // What is written to rows of others depends on the openings, so a value of another type must not come so far.
    const known = selection.whose === 'shared' ? { ...change, selection: { ...selection, openings: openings.openings } } : change
    changes.push({ change: known, openings })
  }
  const done = await transaction(db, '', 'begin', async (session): Promise<Pick<Outcome, 'confirmed_by' | 'rows'>> => {
    await lockStep(session, effect.step)
    const marker = marked ? await readMarker<Rows>(session, effect.step, effect.batch) : undefined
    if (marker !== undefined) return { confirmed_by: 'marker', rows: marker }
    if (!marked && effect.again === true) {
      const left = await countLeft(db, session, changes, effect)
      if (isNothing(left)) return { confirmed_by: 'reread', rows: without(effect.expected ?? {}, left) }
    }
    assertCounted(db)
    const rows = await changeRows(db, session, changes, effect)
    if (marked) await writeMarker(session, effect.step, effect.batch, rows)
    return { confirmed_by: 'effect', rows }
  })
  return { ...done, left: await withSession(db, '', (session) => countLeft(db, session, changes, effect), db.eraser) }
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

/** A fresh look: rows that should be gone, and rows that do not yet hold what is set. */
async function countLeft(
  db: Database,
  session: Session,
  changes: readonly Prepared[],
  { pseudonym_key }: Pick<Effect, 'pseudonym_key'>,
): Promise<Rows> {
  const left: Record<string, number> = {}
  for (const prepared of changes) {
    const { selection, action } = prepared.change
    const place = mapped(db, selection.collection)
    const parameters = numbered()
    const where = [whereSql(db, prepared, parameters)]
    const whose = whoseOf(selection, pseudonym_key)
    if (action.kind === 'set') where.push(unsettledSql(db, place, 't', action.set, parameters, whose))
    const { rows } = await perform(
      db,
      session,
      selection.collection,
      `select count(*) as n from ${place.from} t where ${where.join(' and ')}`,
      parameters.values,
    )
    left[selection.collection] = (left[selection.collection] ?? 0) + Number(rows[0]?.['n'])
  }
  return left
}

function isNothing(rows: Rows): boolean {
  return Object.values(rows).every((number) => number === 0)
}

/** What was expected in each collection that a look has counted, without what is left there. */
function without(expected: Rows, left: Rows): Rows {
  return Object.fromEntries(
    Object.entries(left).map(([collection, number]) => [collection, Math.max(0, (expected[collection] ?? 0) - number)]),
  )
}
