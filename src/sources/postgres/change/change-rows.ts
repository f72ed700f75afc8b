import { isDeepStrictEqual } from 'node:util'

import { SourceError, type Effect } from '../../source.ts'
import { changeLocked } from './change-locked.ts'
import { assertForeseen } from './changed-links.ts'
import { perform, type Database, type Session } from '../connection.ts'
import { sourceError } from '../errors.ts'
import { isCopied, tooMany, whereSql, type Prepared } from './lock-rows.ts'
import { mapped } from '../names.ts'
import { stagesOf, type Stage } from './order.ts'
import { numbered } from '../parameters.ts'
import { readTouched, Tally } from './touched-rows.ts'
import { changed, write, type Work } from './write-rows.ts'

type Rows = Readonly<Record<string, number>>

/**
 * Carries the changes out in their order, all or none, and gives the rows by collection. Nothing is written before every change is within its
 * limit. Where a table is changed more than once, each change keeps the rows it had at the beginning: what one sets may be what the next is
 * found by.
 */
export async function changeRows(
  db: Database,
  session: Session,
  changes: readonly Prepared[],
  { copying, limit, pseudonym_key }: Pick<Effect, 'copying' | 'limit' | 'pseudonym_key'>,
): Promise<Rows> {
  const meant = changes.filter(({ change: { action } }) => action.kind === 'delete' || Object.keys(action.set).length > 0)
  const stages = stagesOf(db, meant, ({ change }) => change).map((stage) => ({ ...stage, items: merged(stage.items) }))
  const counted = new Map<Prepared, number>()
  for (const prepared of stages.flatMap(({ items }) => items)) counted.set(prepared, await countWithin(db, session, prepared))
  assertWithin(db, [...counted.values()], limit)
  const before = await readTouched(session)
  const work: Work = { db, session, tally: new Tally(), copying, pseudonym_key }
  const rows: Record<string, number> = {}
  for (const stage of stages) {
    const done = mustBeLocked(work, stage) ? await changeLocked(work, stage) : await changeFound(work, stage.items, counted)
    for (const [collection, number] of Object.entries(done)) rows[collection] = (rows[collection] ?? 0) + number
  }
  await checkDeferred(db, session)
  work.tally.compare(db, before, await readTouched(session))
  await assertForeseen(db, session, work.tally.tables)
  return rows
}

/** What was to be checked at the end is checked here, so that a failure can name the collection of the table that the server names. */
async function checkDeferred(db: Database, session: Session): Promise<void> {
  await session.query('set constraints all immediate').catch((error: unknown) => {
    const table = typeof error === 'object' && error !== null && 'table' in error ? error.table : undefined
    const collection = [...db.policy.collections.values()].find((one) => one.source === db.declaration.id && one.table === table)
    throw sourceError(db.declaration.id, collection?.id ?? '', error)
  })
}

/** Rows are found by what the others of their stage change, point at each other, or are handed over before they go. */
function mustBeLocked(work: Work, { items, together }: Stage<Prepared>): boolean {
  const alone = items.length === 1 || items.every(({ change }) => change.action.kind === 'delete')
  return together || !alone || items.some((prepared) => isCopied(work, prepared))
}

function assertWithin(db: Database, counts: readonly number[], limit: number | undefined): void {
  if (limit === undefined || counts.reduce((sum, count) => sum + count, 0) <= limit) return
  throw new SourceError(db.declaration.id, '', 'too_many', `more than ${limit} rows of this source would be changed, so nothing was`)
}

/** Settings of the same rows, one after the other, are one setting: they would have to find the rows by what the first has changed. */
function merged(changes: readonly Prepared[]): Prepared[] {
  const result: Prepared[] = []
  for (const next of changes) {
    const last = result.at(-1)
    const one = last === undefined ? undefined : mergedPair(last, next)
    if (one === undefined) result.push(next)
    else result[result.length - 1] = one
  }
  return result
}

function mergedPair(first: Prepared, second: Prepared): Prepared | undefined {
  const [a, b] = [first.change, second.change]
  if (a.action.kind !== 'set' || b.action.kind !== 'set') return undefined
  const { set } = a.action
  if (Object.keys(b.action.set).some((name) => name in set)) return undefined
  if (!isDeepStrictEqual(a.only_keys, b.only_keys)) return undefined
  if (!isDeepStrictEqual(a.selection, b.selection) || !isDeepStrictEqual(a.only_where ?? {}, b.only_where ?? {})) return undefined
  const action = { kind: 'set', set: { ...set, ...b.action.set } } as const
  return { change: { ...a, action, limit: Math.min(a.limit, b.limit) }, openings: first.openings }
}

async function changeFound(work: Work, items: readonly Prepared[], counted: ReadonlyMap<Prepared, number>): Promise<Rows> {
  const rows: Record<string, number> = {}
  for (const prepared of items) {
    const { change } = prepared
    const parameters = numbered()
    const rowCount = await write(work, change, whereSql(work.db, prepared, parameters), parameters)
    if (rowCount > change.limit) throw tooMany(work.db, change)
    // Rows that somebody else has deleted meanwhile are gone as wanted; a change that was not made is none.
    const fewer = rowCount < (counted.get(prepared) ?? 0)
    if (fewer && (change.action.kind === 'set' || (await countWithin(work.db, work.session, prepared)) > 0)) throw changed(work.db, change)
    rows[change.selection.collection] = (rows[change.selection.collection] ?? 0) + rowCount
  }
  return rows
}

/** How many rows a change is about; a SourceError when they are more than its limit. */
async function countWithin(db: Database, session: Session, prepared: Prepared): Promise<number> {
  const { selection, limit } = prepared.change
  const parameters = numbered()
  const where = whereSql(db, prepared, parameters)
  const text = `select count(*) as n from (select from ${mapped(db, selection.collection).from} t where ${where} limit ${Math.trunc(limit) + 1}) counted`
  const { rows } = await perform(db, session, selection.collection, text, parameters.values)
  const count = Number(rows[0]?.['n'])
  if (count > limit) throw tooMany(db, prepared.change)
  return count
}
