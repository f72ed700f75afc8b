import { SourceError, type PurgeBatch, type PurgeOutcome } from '../../source.ts'
import { addToAggregate } from './aggregate.ts'
import { assertCounted, assertEnforced } from '../change/apply.ts'
import { assertForeseen } from '../change/changed-links.ts'
import { perform, transaction, type Database, type Session } from '../connection.ts'
import { preparePurge, refSql, type Purging } from './due.ts'
import { lockDue, lockedSql, type Locked } from './lock-due.ts'
import { hasMarkers, lockStep, readMarker, writeMarker } from '../change/marker.ts'
import { mapped } from '../names.ts'
import { canBeWindowed, workOffWindow } from './purge-window.ts'
import { numbered } from '../parameters.ts'
import { assignmentsSql, unsettledSql } from '../change/strategy.ts'
import { readTouched, Tally } from '../change/touched-rows.ts'

type Done = Omit<PurgeOutcome, 'confirmed_by'>

const NOTHING: Done = { rows: 0, with: {}, range: null }

/**
 * Works off one batch of a rule in one transaction, oldest rows first: lets go of at most `size` rows that are due, not held, and not locked
 * by somebody else, with all that goes with them. A batch whose marker exists is not repeated; no rows means that nothing is left to do.
 */
export async function purgeBatch(db: Database, batch: PurgeBatch): Promise<PurgeOutcome> {
  assertEnforced(db)
  if (batch.rule.mode === 'observe')
    throw new SourceError(db.declaration.id, batch.rule.collection ?? '', 'denied', `rule ${batch.rule.id} only observes`)
  const purging = await preparePurge(db, batch)
  const marked = await hasMarkers(db)
  const once = (byWindow: boolean): Promise<PurgeOutcome> =>
    transaction(db, purging.place.collection.id, 'begin', async (session) => {
      await lockStep(session, batch.step)
      const marker = marked ? await readMarker<Done>(session, batch.step, batch.batch) : undefined
      if (marker !== undefined) return { confirmed_by: 'marker', ...marker }
      const done = await workOff(db, session, batch, purging, byWindow)
      if (marked && done.rows > 0) await writeMarker(session, batch.step, batch.batch, done)
      return { confirmed_by: 'effect', ...done }
    })
  if (!canBeWindowed(purging)) return once(false)
  return once(true).catch((error: unknown) => {
    // Somebody holds one of the rows: the same batch again, around it.
    if (error instanceof SourceError && error.cause_kind === 'timeout') return once(false)
    throw error
  })
}

async function workOff(db: Database, session: Session, batch: PurgeBatch, purging: Purging, byWindow: boolean): Promise<Done> {
  assertCounted(db)
  const before = await readTouched(session)
  const tally = new Tally()
  const windowed = byWindow ? await workOffWindow(db, session, batch, purging, tally) : 'not by window'
  const done = windowed === 'not by window' ? await workOffLocked(db, session, batch, purging, tally) : { ...windowed, with: {} }
  if (done.rows === 0) return done
  tally.compare(db, before, await readTouched(session))
  await assertForeseen(db, session, tally.tables)
  return done
}

async function workOffLocked(db: Database, session: Session, batch: PurgeBatch, purging: Purging, tally: Tally): Promise<Done> {
  const locked = await lockDue(db, session, batch, purging)
  if (locked.rows === 0) return NOTHING
  if (batch.rule.action === 'anonymise') await addToAggregate(db, session, purging, locked, tally)
  const gone = await letDependentsGo(db, session, purging, locked, tally)
  await letRowsGo(db, session, purging, locked, tally)
  return { rows: locked.rows, with: gone, range: locked.range }
}

async function letRowsGo(db: Database, session: Session, { request, place }: Purging, locked: Locked, tally: Tally): Promise<void> {
  const parameters = numbered()
  const where = lockedSql(locked, 't', parameters)
  const text =
    request.rule.action === 'delete'
      ? `delete from ${place.from} t where ${where}`
      : `update ${place.from} t set ${assignmentsSql(db, place, 't', request.rule.set, parameters)} where ${where}`
  await perform(db, session, place.collection.id, text, parameters.values)
  // Each locked row goes exactly once; the server's counters must agree.
  tally.add(place.table, request.rule.action === 'delete' ? 'deleted' : 'updated', locked.rows)
}

async function letDependentsGo(
  db: Database,
  session: Session,
  { request, place }: Purging,
  locked: Locked,
  tally: Tally,
): Promise<Record<string, number>> {
  const gone: Record<string, number> = {}
  for (const dependent of request.rule.with) {
    if (dependent.action === 'strip' && Object.keys(dependent.set).length === 0) continue
    const child = mapped(db, dependent.collection)
    const parameters = numbered()
    const rest = [lockedSql(locked, 't', parameters), refSql(db, place, 't', child, 'd', dependent.ref)]
    let text = `delete from ${child.from} d using ${place.from} t where`
    if (dependent.action === 'strip') {
      rest.push(unsettledSql(db, child, 'd', dependent.set, parameters))
      text = `update ${child.from} d set ${assignmentsSql(db, child, 'd', dependent.set, parameters)} from ${place.from} t where`
    }
    const { rowCount } = await perform(db, session, dependent.collection, `${text} ${rest.join(' and ')}`, parameters.values)
    tally.add(child.table, dependent.action === 'delete' ? 'deleted' : 'updated', rowCount)
    gone[dependent.collection] = (gone[dependent.collection] ?? 0) + rowCount
  }
  return gone
}
