import { SourceError, type Change, type Copying, type IdentifierValue } from '../../source.ts'
import { perform, type Database, type Row, type Session } from '../connection.ts'
import { columnOf, mapped, sqlColumn } from '../names.ts'
import { numbered, type Parameters } from '../parameters.ts'
import { keysSql, matchingSql, type Admitted } from '../find/predicate.ts'

/** A change whose values are known to fit, so that its statements cannot fail on them. */
export interface Prepared {
  readonly change: Change
  readonly openings: Admitted
}

/** Where rows are locked: the transaction, and who keeps copies of them. */
interface Place {
  readonly db: Database
  readonly session: Session
  readonly copying: Copying | undefined
}

/** Few enough that wide rows fit into memory, enough that the server is not asked for each. */
const ROWS_AT_ONCE = 200
const CURSOR = 'habeas_locked'

/** The rows that a change is about, as SQL. */
export function whereSql(db: Database, { change, openings }: Prepared, parameters: Parameters): string {
  const where = matchingSql(db, change.selection, openings, change.only_where, parameters)
  if (change.only_keys === undefined) return where
  return `${where} and ${keysSql(db, mapped(db, change.selection.collection), 't', change.only_keys, parameters)}`
}

/** Whether the rows of a change are kept elsewhere before they go. */
export function isCopied({ copying }: Pick<Place, 'copying'>, { change }: Prepared): boolean {
  return copying?.collections.includes(change.selection.collection) === true
}

/**
 * Locks the rows of a change and gives their keys; a SourceError when they are more than its limit. Where copies are kept, the locked rows are
 * handed over on the way, a few at a time: nobody else can change them until they have gone. `known` are keys handed over before.
 */
export async function lockRows(place: Place, prepared: Prepared, known: ReadonlySet<string>): Promise<readonly IdentifierValue[]> {
  const keys: IdentifierValue[] = []
  const { change } = prepared
  const collection = mapped(place.db, change.selection.collection).collection
  const copied = isCopied(place, prepared) ? copiedColumns(place.db, change) : []
  const rows = lockedRows(place, prepared, [...collection.key, ...copied])
  if (copied.length === 0) {
    for await (const row of rows) keys.push(keyOf(row, collection.key.length))
    return keys
  }
  let finished = false
  const handOver = async function* (): AsyncIterable<readonly (string | null)[]> {
    for await (const row of rows) {
      const key = keyOf(row, collection.key.length)
      keys.push(key)
      if (!known.has(keyText(key))) yield row.slice(collection.key.length)
    }
    finished = true
  }
  const { copying, db } = place
  try {
    await copying?.write({ collection: collection.id, action: change.action.kind, columns: copied, rows: handOver() })
  } catch (error) {
    throw error instanceof SourceError ? error : notCopied(db, collection.id)
  }
  if (!finished) throw notCopied(db, collection.id)
  return keys
}

/** A key as one text, to be compared. */
export function keyText(key: IdentifierValue): string {
  return JSON.stringify(key)
}

export function tooMany(db: Database, { selection, limit }: Change): SourceError {
  return new SourceError(db.declaration.id, selection.collection, 'too_many', `more than ${limit} rows would be changed, so nothing was`)
}

/** Everything of a row that goes, without what the database computes itself; of a row that stays its key and what is set. */
function copiedColumns(db: Database, { selection, action }: Change): string[] {
  const { table, collection } = mapped(db, selection.collection)
  if (action.kind === 'set') return [...new Set([...collection.key, ...Object.keys(action.set)])]
  return [...table.columns.values()].filter(({ computed }) => !computed).map(({ name }) => name)
}

async function* lockedRows(
  { db, session }: Place,
  prepared: Prepared,
  columns: readonly string[],
): AsyncGenerator<readonly (string | null)[]> {
  const { selection, limit } = prepared.change
  const place = mapped(db, selection.collection)
  const parameters = numbered()
  const list = columns.map((name, index) => `${sqlColumn('t', columnOf(db, place, name))}::text as c${index}`)
  const where = whereSql(db, prepared, parameters)
  const text = `select ${list.join(', ')} from ${place.from} t where ${where} limit ${Math.trunc(limit) + 1} for update of t`
  await perform(db, session, selection.collection, `declare ${CURSOR} no scroll cursor for ${text}`, parameters.values)
  let locked = 0
  for (;;) {
    const { rows } = await perform(db, session, selection.collection, `fetch ${ROWS_AT_ONCE} from ${CURSOR}`, [])
    locked += rows.length
    if (locked > limit) throw tooMany(db, prepared.change)
    for (const row of rows) yield list.map((_, index) => textOrNull(row, index))
    if (rows.length < ROWS_AT_ONCE) break
  }
  await perform(db, session, selection.collection, `close ${CURSOR}`, [])
}

function textOrNull(row: Row, index: number): string | null {
  const value = row[`c${index}`]
  return typeof value === 'string' ? value : null
}

function keyOf(row: readonly (string | null)[], length: number): IdentifierValue {
  return row.slice(0, length).map(String)
}

function notCopied(db: Database, collection: string): SourceError {
  return new SourceError(db.declaration.id, collection, 'other', 'its recovery copy could not be written, so nothing was changed')
}
