import { isDeepStrictEqual } from 'node:util'

import { SourceError, type Change, type Copying, type Effect, type IdentifierValue } from '../source.ts'
import { perform, type Database, type Session } from './connection.ts'
import { isCopied, keyText, lockRows, tooMany, whereSql, type Prepared } from './lock-rows.ts'
import { mapped } from './names.ts'
import { numbered, type Parameters } from './parameters.ts'
import { keysSql } from './predicate.ts'
import { assignmentsSql } from './strategy.ts'
import { readTouched, Tally } from './touched-rows.ts'

type Rows = Readonly<Record<string, number>>

/** The part of a transaction that statements need: where they run, and what they say they have done. */
interface Work {
  readonly db: Database
  readonly session: Session
  readonly tally: Tally
  readonly copying: Copying | undefined
}

/**
 * Carries the changes out in their order, all or none, and gives the rows by collection. Nothing is written before every change is within its
 * limit. Where a table is changed more than once, each change keeps the rows it had at the beginning: what one sets may be what the next is
 * found by.
 */
export async function changeRows(
  db: Database,
  session: Session,
  changes: readonly Prepared[],
  { copying }: Pick<Effect, 'copying'>,
): Promise<Rows> {
  const planned = merged(changes.filter(({ change: { action } }) => action.kind === 'delete' || Object.keys(action.set).length > 0))
  const counted = new Map<Prepared, number>()
  for (const prepared of planned) counted.set(prepared, await countWithin(db, session, prepared))
  const before = await readTouched(session)
  const work: Work = { db, session, tally: new Tally(), copying }
  const rows: Record<string, number> = {}
  for (const group of byTable(db, planned)) {
    const alone = group.length === 1 || group.every(({ change }) => change.action.kind === 'delete')
    const copied = group.some((prepared) => isCopied(work, prepared))
    const done = alone && !copied ? await changeFound(work, group, counted) : await changeLocked(work, group)
    for (const [collection, number] of Object.entries(done)) rows[collection] = (rows[collection] ?? 0) + number
  }
  work.tally.compare(db, before, await readTouched(session))
  return rows
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

/** Changes of one table after one another, as their order leaves them. */
function byTable(db: Database, changes: readonly Prepared[]): Prepared[][] {
  const groups = new Map<string, Prepared[]>()
  for (const prepared of changes) {
    const { name } = mapped(db, prepared.change.selection.collection).table
    groups.set(name, [...(groups.get(name) ?? []), prepared])
  }
  return [...groups.values()]
}

async function changeFound(work: Work, group: readonly Prepared[], counted: ReadonlyMap<Prepared, number>): Promise<Rows> {
  const rows: Record<string, number> = {}
  for (const prepared of group) {
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

/** Locks the rows of every change first, then changes them by their keys; a row that several changes concern counts once. */
async function changeLocked(work: Work, group: readonly Prepared[]): Promise<Rows> {
  const locked: { readonly change: Change; readonly keys: readonly IdentifierValue[] }[] = []
  const gone = new Set<string>()
  for (const prepared of group) {
    const { change } = prepared
    const keys = await lockRows(work, prepared, gone)
    locked.push({ change, keys })
    if (change.action.kind === 'delete') for (const key of keys) gone.add(keyText(key))
  }
  const touched = new Map<string, Set<string>>()
  const taken = new Set<string>()
  for (const { change, keys } of locked) {
    const known = touched.get(change.selection.collection) ?? new Set<string>()
    touched.set(change.selection.collection, known)
    const there = keys.filter((key) => !taken.has(keyText(key)))
    for (const key of keys) known.add(keyText(key))
    if (change.action.kind === 'delete') for (const key of keys) taken.add(keyText(key))
    if (there.length === 0) continue
    const parameters = numbered()
    const where = keysSql(work.db, mapped(work.db, change.selection.collection), 't', there, parameters)
    if ((await write(work, change, where, parameters)) < there.length) throw changed(work.db, change)
  }
  return Object.fromEntries([...touched].map(([collection, keys]) => [collection, keys.size]))
}

async function write({ db, session, tally }: Work, { selection, action }: Change, where: string, parameters: Parameters): Promise<number> {
  const place = mapped(db, selection.collection)
  const text =
    action.kind === 'delete'
      ? `delete from ${place.from} t where ${where}`
      : `update ${place.from} t set ${assignmentsSql(db, place, 't', action.set, parameters)} where ${where}`
  const { rowCount } = await perform(db, session, selection.collection, text, parameters.values)
  tally.add(place.table, action.kind === 'delete' ? 'deleted' : 'updated', rowCount)
  return rowCount
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

function changed(db: Database, { selection }: Change): SourceError {
  const sentence = 'fewer rows were changed than were found just before, so everything was rolled back'
  return new SourceError(db.declaration.id, selection.collection, 'changed', sentence)
}
