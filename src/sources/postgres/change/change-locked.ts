import { escapeIdentifier } from 'pg'
import { SourceError, type Change, type IdentifierValue } from '../../source.ts'
import type { ForeignKey } from '../catalog/catalog-links.ts'
import { perform, type Database } from '../connection.ts'
import { nullableColumns } from './cycles.ts'
import { keyText, lockRows, type Prepared } from './lock-rows.ts'
import { columnOf, mapped, sqlColumn, sqlName } from '../names.ts'
import { numbered } from '../parameters.ts'
import { keysSql } from '../find/predicate.ts'
import type { Stage } from './order.ts'
import { writeLocked, type Work } from './write-rows.ts'

interface Locked {
  readonly change: Change
  /** Rows that no earlier change of the same kind takes. */
  readonly keys: readonly IdentifierValue[]
}

type Rows = Readonly<Record<string, number>>

/**
 * Locks the rows of every change first, then changes them by their keys: sets, loosens what points in a circle, deletes. A row that several
 * changes concern counts once.
 */
export async function changeLocked(work: Work, stage: Stage<Prepared>): Promise<Rows> {
  if (stage.stuck.length > 0) throw cannotGo(work.db, stage)
  const { sets, going, rows } = await lockAll(work, stage)
  if (stage.deferred.length > 0) await deferChecks(work, stage.deferred)
  for (const { change, keys } of sets) await writeLocked(work, change, keys)
  for (const key of stage.unlinked) for (const locked of going) await unlink(work, key, locked)
  for (const locked of inOneStatement(work.db, going)) await writeLocked(work, locked.change, locked.keys)
  return rows
}

async function lockAll(work: Work, stage: Stage<Prepared>): Promise<{ sets: Locked[]; going: Locked[]; rows: Rows }> {
  const sets: Locked[] = []
  const going: Locked[] = []
  const taken = new Map<string, Set<string>>()
  const touched = new Map<string, Set<string>>()
  for (const prepared of stage.items) {
    const { change } = prepared
    const { collection, table } = mapped(work.db, change.selection.collection)
    const gone = known(taken, [table.name, ...collection.key].join())
    const keys = await lockRows(work, prepared, gone)
    for (const key of keys) known(touched, collection.id).add(keyText(key))
    if (change.action.kind === 'set') {
      sets.push({ change, keys })
      continue
    }
    going.push({ change, keys: keys.filter((key) => !gone.has(keyText(key))) })
    for (const key of keys) gone.add(keyText(key))
  }
  return { sets, going, rows: Object.fromEntries([...touched].map(([id, keys]) => [id, keys.size])) }
}

/** Rows of one table can point at each other, so they go in one statement; those of two collections of one table count for the first. */
function inOneStatement(db: Database, going: readonly Locked[]): Locked[] {
  const merged = new Map<string, Locked>()
  for (const { change, keys } of going) {
    const { collection, table } = mapped(db, change.selection.collection)
    const same = [table.name, ...collection.key].join()
    const before = merged.get(same)
    merged.set(same, before === undefined ? { change, keys } : { change: before.change, keys: [...before.keys, ...keys] })
  }
  return [...merged.values()]
}

async function deferChecks({ db, session }: Work, keys: readonly ForeignKey[]): Promise<void> {
  const names = keys.map(({ name }) => `${escapeIdentifier(db.catalog.schema)}.${escapeIdentifier(name)}`)
  await perform(db, session, '', `set constraints ${names.join(', ')} deferred`, [])
}

/** Makes a foreign key null in rows that are about to go; the server's counters see it, so the tally must too. */
async function unlink({ db, session, tally }: Work, key: ForeignKey, { change, keys }: Locked): Promise<void> {
  const place = mapped(db, change.selection.collection)
  if (place.table.name !== key.table || keys.length === 0) return
  const columns = nullableColumns(db, key).map((name) => columnOf(db, place, name))
  const parameters = numbered()
  const pointing = columns.map((column) => `${sqlColumn('t', column)} is not null`).join(' or ')
  const text = `update ${place.from} t set ${columns.map((column) => `${sqlName(column)} = null`).join(', ')}
    where ${keysSql(db, place, 't', keys, parameters)} and (${pointing})`
  const { rowCount } = await perform(db, session, place.collection.id, text, parameters.values)
  tally.add(place.table, 'updated', rowCount)
}

function cannotGo(db: Database, { items, stuck }: Stage<Prepared>): SourceError {
  const collection = items.at(-1)?.change.selection.collection ?? ''
  const named = stuck.map(({ table, name }) => `table ${table}, constraint ${name}`).join('; ')
  const sentence = `its rows and those that they point at hold each other by keys that can be neither null nor deferred: ${named}`
  return new SourceError(db.declaration.id, collection, 'constraint', sentence)
}

function known(sets: Map<string, Set<string>>, name: string): Set<string> {
  const set = sets.get(name) ?? new Set<string>()
  sets.set(name, set)
  return set
}
