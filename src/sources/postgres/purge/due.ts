import { SourceError, type DueCount, type PurgeRequest, type Selection } from '../../source.ts'
import { conditionSql } from '../find/condition.ts'
import { query, type Database } from '../connection.ts'
import { columnOf, mapped, sqlColumn, type Mapped } from '../names.ts'
import { numbered, type Parameters } from '../parameters.ts'
import { admit, openedSql, selectionSql, type Admitted } from '../find/predicate.ts'
import { isDueSql, timesSql, type Counting, type Times } from './start.ts'
import { unsettledSql } from '../change/strategy.ts'

/** An instant as text with microseconds, in UTC, so that a range that was read can be compared with again. */
export function isoSql(sql: string): string {
  return `to_char(${sql} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
}

/** A rule with everything its statements need: its table, and whose rows must stay. */
export interface Purging {
  readonly request: PurgeRequest
  readonly place: Mapped
  readonly held: ReadonlyMap<string, Admitted>
}

/** Which rows of the rule's table are due, as SQL over the row `t`. */
export interface DueRows {
  readonly times: Times
  readonly where: string
  /** True for a row that must stay, itself or for the sake of a row that would go with it; else false or null. */
  readonly held: string
}

/** Looks up the rule's table and leaves out of the protected values what no column can hold. */
export async function preparePurge(db: Database, request: PurgeRequest): Promise<Purging> {
  const { rule } = request
  if (rule.collection === undefined) throw new SourceError(db.declaration.id, '', 'schema', `rule ${rule.id} names no collection`)
  const held = new Map<string, Admitted>()
  for (const collection of [rule.collection, ...rule.with.map((dependent) => dependent.collection)]) {
    held.set(collection, await admit(db, collection, request.protected.get(collection) ?? []))
  }
  return { request, place: mapped(db, rule.collection), held }
}

/** The condition under which a row is due now; a row whose columns already are what the rule makes of them has nothing left to do. */
export function dueRowsSql(db: Database, { request, place, held }: Purging, parameters: Parameters): DueRows {
  const { rule, now } = request
  const times = timesSql(db, place, 't', request, parameters)
  const where = [isDueSql(times, request, now, parameters)]
  if (Object.keys(rule.when).length > 0) where.push(conditionSql(db, place, 't', rule.when, parameters))
  if (rule.action !== 'delete') where.push(unsettledSql(db, place, 't', rule.set, parameters))
  return { times, where: where.join(' and '), held: heldSql(db, request, place, held, parameters) }
}

/** How many rows of the rule's table are due now, and how many of those must stay; `due` leaves the held ones out. */
export async function countDueRows(db: Database, request: PurgeRequest): Promise<DueCount> {
  const purging = await preparePurge(db, request)
  const parameters = numbered()
  const rows = dueRowsSql(db, purging, parameters)
  const { from, collection } = purging.place
  const [row] = await query(
    db,
    collection.id,
    `select count(*) filter (where not held) as due, count(*) filter (where held) as held, (select count(*) from ${from}) as table_rows,
      ${isoSql('min(started) filter (where not held)')} as oldest
    from (select ${rows.times.started} as started, (${rows.held}) is true as held from ${from} t where ${rows.where}) due`,
    parameters.values,
  )
  const oldest = row?.['oldest']
  return {
    due: Number(row?.['due']),
    held: Number(row?.['held']),
    table_rows: Number(row?.['table_rows']),
    oldest: typeof oldest === 'string' ? oldest : null,
  }
}

/** The last instant at which one of the selected rows goes by the rule: its own rows, or rows that go with those they point at. */
export async function lastDueAt(db: Database, selection: Selection, counting: Counting): Promise<string | null> {
  const known = await admit(db, selection.collection, selection.openings)
  const place = mapped(db, counting.rule.collection ?? selection.collection)
  const parameters = numbered()
  const times = timesSql(db, place, 't', counting, parameters)
  const own = place.collection.id === selection.collection
  const from = own ? `${place.from} t` : `${place.from} t join ${pointing(db, counting, place, selection.collection)}`
  const where = [
    selectionSql(db, selection, own ? 't' : 'd', known, parameters),
    conditionSql(db, place, 't', counting.rule.when, parameters),
  ]
  const text = `select ${isoSql(`max(${times.due})`)} as last from ${from} where ${where.join(' and ')}`
  const last = (await query(db, selection.collection, text, parameters.values))[0]?.['last']
  return typeof last === 'string' ? last : null
}

/** `table d on d.ref = t.key` for a collection whose rows go with the rule's. */
function pointing(db: Database, { rule }: Counting, place: Mapped, collection: string): string {
  const dependent = rule.with.find((one) => one.collection === collection)
  if (dependent === undefined)
    throw new SourceError(db.declaration.id, collection, 'schema', `rule ${rule.id} does not reach this collection`)
  return `${mapped(db, collection).from} d on ${refSql(db, place, 't', mapped(db, collection), 'd', dependent.ref)}`
}

/** Whether the row `child` points at the row `parent` by that ref, as SQL. */
export function refSql(db: Database, parent: Mapped, parentAlias: string, child: Mapped, childAlias: string, ref: string): string {
  const columns = child.collection.refs[ref]?.columns ?? []
  if (columns.length !== parent.collection.key.length || columns.length === 0) {
    throw new SourceError(db.declaration.id, child.collection.id, 'schema', `ref ${ref} does not fit the key of ${parent.collection.id}`)
  }
  return parent.collection.key
    .map(
      (key, index) =>
        `${sqlColumn(childAlias, columnOf(db, child, columns[index] ?? ''))} = ${sqlColumn(parentAlias, columnOf(db, parent, key))}`,
    )
    .join(' and ')
}

function heldSql(db: Database, { rule }: PurgeRequest, place: Mapped, held: ReadonlyMap<string, Admitted>, parameters: Parameters): string {
  const parts: string[] = []
  const own = held.get(place.collection.id)
  if (own !== undefined && own.openings.length > 0) parts.push(openedSql(db, place, 't', own, parameters))
  for (const dependent of rule.with) {
    const openings = held.get(dependent.collection)
    if (openings === undefined || openings.openings.length === 0) continue
    const child = mapped(db, dependent.collection)
    const points = refSql(db, place, 't', child, 'd', dependent.ref)
    parts.push(`exists (select from ${child.from} d where ${points} and ${openedSql(db, child, 'd', openings, parameters)})`)
  }
  return parts.length === 0 ? 'false' : parts.join(' or ')
}
