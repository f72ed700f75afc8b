import { SourceError, type Change, type Copying, type IdentifierValue } from '../../source.ts'
import { perform, type Database, type Session } from '../connection.ts'
import { mapped } from '../names.ts'
import { numbered, type Parameters } from '../parameters.ts'
import { keysSql } from '../find/predicate.ts'
import { assignmentsSql, whoseOf } from './strategy.ts'
import type { Tally } from './touched-rows.ts'

/** The part of a transaction that statements need: where they run, what they say they have done, and who keeps copies. */
export interface Work {
  readonly db: Database
  readonly session: Session
  readonly tally: Tally
  readonly copying: Copying | undefined
  readonly pseudonym_key: string | undefined
}

/** Deletes or sets the rows of `where`, and gives their number. */
export async function write(
  { db, session, tally, pseudonym_key }: Work,
  { selection, action }: Change,
  where: string,
  parameters: Parameters,
): Promise<number> {
  const place = mapped(db, selection.collection)
  const whose = whoseOf(selection, pseudonym_key)
  const text =
    action.kind === 'delete'
      ? `delete from ${place.from} t where ${where}`
      : `update ${place.from} t set ${assignmentsSql(db, place, 't', action.set, parameters, whose)} where ${where}`
  const { rowCount } = await perform(db, session, selection.collection, text, parameters.values)
  tally.add(place.table, action.kind === 'delete' ? 'deleted' : 'updated', rowCount)
  return rowCount
}

/** The same for rows that are locked, by their keys; a SourceError when one of them is not changed. */
export async function writeLocked(work: Work, change: Change, keys: readonly IdentifierValue[]): Promise<void> {
  if (keys.length === 0) return
  const parameters = numbered()
  const where = keysSql(work.db, mapped(work.db, change.selection.collection), 't', keys, parameters)
  if ((await write(work, change, where, parameters)) < keys.length) throw changed(work.db, change)
}

export function changed(db: Database, { selection }: Change): SourceError {
  const sentence = 'fewer rows were changed than were found just before, so everything was rolled back'
  return new SourceError(db.declaration.id, selection.collection, 'changed', sentence)
}
