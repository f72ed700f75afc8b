import { haveSameColumns, personKeys } from '../person-keys.ts'
import type { IdentifierValue, Opening, Selection } from '../source.ts'
import type { Column } from './catalog.ts'
import { admitted, isText } from './column-types.ts'
import { conditionSql } from './condition.ts'
import { withSession, type Database } from './connection.ts'
import { columnOf, mapped, sqlColumn, type Mapped } from './names.ts'
import type { Parameters } from './parameters.ts'

/** Openings whose values the columns can hold; those without a value left are gone. Only such openings may become a predicate. */
export interface Admitted {
  readonly openings: readonly Opening[]
  readonly admitted: true
}

/** Leaves out what can match no row, before any transaction: a value of another type would make the whole statement fail. */
export function admit(db: Database, collection: string, openings: readonly Opening[]): Promise<Admitted> {
  const place = mapped(db, collection)
  return withSession(db, collection, async (session) => {
    const kept: Opening[] = []
    for (const opening of openings) {
      const columns = opening.columns.map((name) => columnOf(db, place, name))
      const values = columns.length === 0 ? [] : await admitted(session, columns, opening.values)
      if (values.length > 0) kept.push({ ...opening, values })
    }
    return { openings: kept, admitted: true }
  })
}

/** Rows that one of the openings opens, as SQL; no opening is no row, never all of them. */
export function openedSql(db: Database, place: Mapped, alias: string, known: Admitted, parameters: Parameters): string {
  const opening = only(known, ({ meaning }) => meaning !== 'person').openings
  return anyIn(opening.map((one) => openingSql(db, place, alias, one, parameters)))
}

/** Rows that one of the openings opens, as SQL, without those that an own opening opens though they are somebody else's too. */
export function claimedSql(db: Database, place: Mapped, alias: string, known: Admitted, parameters: Parameters): string {
  const nobodyElses = nobodyElsesSql(db, place, alias, known, parameters)
  if (nobodyElses === 'true') return openedSql(db, place, alias, known, parameters)
  const own = openedSql(
    db,
    place,
    alias,
    only(known, ({ meaning }) => meaning === 'own'),
    parameters,
  )
  const rest = only(known, ({ meaning }) => meaning !== 'own' && meaning !== 'person').openings
  return anyIn([`(${own} and ${nobodyElses})`, ...rest.map((opening) => openingSql(db, place, alias, opening, parameters))])
}

/** Whether a row that an own opening opens holds no key of another person, as SQL: each key is missing or one of the known ones. */
export function nobodyElsesSql(db: Database, place: Mapped, alias: string, known: Admitted, parameters: Parameters): string {
  const own = only(known, ({ meaning }) => meaning === 'own').openings
  const keys = personKeys(db.policy, place.collection).filter((key) => own.some((opening) => !haveSameColumns(opening, key)))
  const parts = keys.map((key) => {
    const missing = key.columns.map((name) => missingSql(alias, columnOf(db, place, name)))
    const theirs = known.openings.filter(
      (opening) => (opening.meaning === 'own' || opening.meaning === 'person') && haveSameColumns(opening, key),
    )
    // As a test of a truth value it only filters: an index on a key that is often null must not decide where to search.
    return `${anyIn([...missing, ...theirs.map((opening) => openingSql(db, place, alias, opening, parameters))])} is not false`
  })
  return parts.length === 0 ? 'true' : parts.join(' and ')
}

/** The rows of a selection, as SQL. What is only passed through is nobody's row to disclose or change, so a bridge selects nothing. */
export function selectionSql(db: Database, selection: Selection, alias: string, known: Admitted, parameters: Parameters): string {
  const place = mapped(db, selection.collection)
  const selected = only(known, ({ meaning }) => meaning !== 'bridge')
  return `${claimedSql(db, place, alias, selected, parameters)} and ${sideSql(db, place, alias, selection.side, parameters)}`
}

/** The rows of a selection whose columns hold these very values, byte by byte. */
export function matchingSql(
  db: Database,
  selection: Selection,
  known: Admitted,
  matching: Readonly<Record<string, string>> | undefined,
  parameters: Parameters,
): string {
  const place = mapped(db, selection.collection)
  const held = Object.entries(matching ?? {}).map(
    ([name, value]) => `${sqlColumn('t', columnOf(db, place, name))}::text collate "C" = ${parameters.bind(value)}`,
  )
  return [selectionSql(db, selection, 't', known, parameters), ...held].join(' and ')
}

/** The rows with these primary keys, as SQL. */
export function keysSql(db: Database, place: Mapped, alias: string, keys: readonly IdentifierValue[], parameters: Parameters): string {
  const { key: columns } = place.collection
  return openingSql(db, place, alias, { identifier: 'key', columns, values: keys, compare: 'exact', meaning: 'own' }, parameters)
}

/** Those of the openings that `keep` keeps. */
export function only({ openings }: Admitted, keep: (opening: Opening) => boolean): Admitted {
  return { openings: openings.filter(keep), admitted: true }
}

/** Rows of the side asked for; a row for which the condition cannot be answered is ours. */
export function sideSql(db: Database, place: Mapped, alias: string, side: Selection['side'], parameters: Parameters): string {
  const condition = place.collection.organisation_controls
  if (condition === undefined || Object.keys(condition).length === 0) return side === 'ours' ? 'true' : 'false'
  return `(${conditionSql(db, place, alias, condition, parameters)}) is ${side === 'ours' ? 'not true' : 'true'}`
}

function anyIn(parts: readonly string[]): string {
  return parts.length === 0 ? 'false' : `(${parts.join(' or ')})`
}

function missingSql(alias: string, column: Column): string {
  const sql = sqlColumn(alias, column)
  return isText(column) ? `nullif(btrim(${sql}::text), '') is null` : `${sql} is null`
}

function openingSql(
  db: Database,
  place: Mapped,
  alias: string,
  { columns: names, values, compare }: Opening,
  parameters: Parameters,
): string {
  const columns = names.map((name) => columnOf(db, place, name))
  if (columns.length === 0 || values.length === 0) return 'false'
  const parts = columns.map((_, index) => values.map((value) => comparable(value, index, compare)))
  const single = columns.map((column, index) => anyOf(sqlColumn(alias, column), column, parts[index] ?? [], compare, parameters))
  if (columns.length === 1) return single.join('')
  // The parts one by one let indexes work; only the pairs themselves decide.
  const lists = parts.map((list) => parameters.bind(list)).join(', ')
  const pairs = columns.map((column, index) => equal(sqlColumn(alias, column), column, `pair.v${index}`, compare))
  const pair = columns.map((_, index) => `v${index}`).join(', ')
  return `(${single.join(' and ')} and exists (select from unnest(${lists}) pair(${pair}) where ${pairs.join(' and ')}))`
}

function comparable(value: IdentifierValue, index: number, compare: Opening['compare']): string {
  const part = value[index] ?? ''
  return compare === 'email' ? part.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) : part
}

/** `column` equals one of the values: in the column's own type, so that its indexes work. */
function anyOf(sql: string, column: Column, values: readonly string[], compare: Opening['compare'], parameters: Parameters): string {
  if (compare === 'email') return emailOf(sql, column, parameters.bind(values))
  if (isBytewise(column)) return `${sql} = any(${parameters.bind(values, column.cast)})`
  const decides = `${bytesSql(sql)} = any(${parameters.bind(values)})`
  return folds(column) ? `(${sql} = any(${parameters.bind(values, column.cast)}) and ${decides})` : decides
}

/** A usual index on `lower(column)` may fold more than A to Z: it helps to find, and never decides. */
function emailOf(sql: string, column: Column, list: string): string {
  const decides = `${foldedSql(sql)} = any(${list})`
  return column.lower_index ? `(lower(${sql}) = any(array(select lower(address) from unnest(${list}) address)) and ${decides})` : decides
}

function equal(sql: string, column: Column, value: string, compare: Opening['compare']): string {
  if (compare === 'email') return `${foldedSql(sql)} = ${value}`
  return isBytewise(column) ? `${sql} = ${value}::${column.cast}` : `${bytesSql(sql)} = ${value}`
}

/** Only A to Z lose their case in collation C; a dotless i or a Kelvin sign stays what it is. */
function foldedSql(sql: string): string {
  return `lower(${sql}::text collate "C")`
}

function bytesSql(sql: string): string {
  return `${sql}::text collate "C"`
}

/** citext and nondeterministic collations call different texts equal; they may help to find, never to decide. */
function folds(column: Column): boolean {
  return column.type === 'citext' || !column.deterministic
}

/** `name` and `"char"` cut a text short when cast, so they are compared as text. */
function isBytewise(column: Column): boolean {
  return (
    !folds(column) &&
    column.type !== 'name' &&
    column.type !== 'char' &&
    (!isText(column) || ['text', 'varchar', 'bpchar'].includes(column.type))
  )
}
