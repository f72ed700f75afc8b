import type { Collection, Named } from '../../../policy/schema.ts'
import { SourceError, type Found, type IdentifierValue, type Opening, type Selection } from '../../source.ts'
import { isSaying } from '../catalog/column-types.ts'
import { query, type Database, type Row } from '../connection.ts'
import { lookSql } from './look.ts'
import { columnOf, mapped, sqlColumn, type Mapped } from '../names.ts'
import { numbered } from '../parameters.ts'
import { admit, matchingSql, selectionSql } from './predicate.ts'

/** More identifiers than this from one collection are not one person's. */
const MOST_IDENTIFIERS = 100_000
const MOST_PERSONS = 10
const NOTHING: Found = { rows: 0, organisation_rows: 0, shared_rows: 0, provides: {}, persons: [] }

/**
 * What one collection holds of a person, read in one statement. `rows` are ours and keyed to the person, `shared_rows` ours and also other
 * people's, and `organisation_rows` of either kind belong to a customer organisation; rows only passed through are counted nowhere but
 * provide. A row that an own opening opens, but that holds the key of another person, is counted as shared and provides nothing: it would
 * lead to that person. What other shared rows hold is lent, not provided.
 */
export async function findRows(db: Database, collection: Named<Collection>, openings: readonly Opening[]): Promise<Found> {
  const place = mapped(db, collection.id)
  const known = await admit(db, collection.id, openings)
  if (known.openings.length === 0) return NOTHING
  const parameters = numbered()
  const text = lookSql(db, place, known, { identifiers: MOST_IDENTIFIERS + 1, persons: MOST_PERSONS }, parameters)
  const row = (await query(db, collection.id, text, parameters.values))[0] ?? {}
  if (Number(row['all']) === 0) return NOTHING
  return {
    rows: Number(row['own']),
    organisation_rows: Number(row['organisation']),
    shared_rows: Number(row['shared']),
    ...(Number(row['ours']) === 0 ? { provides: {} } : given(db, place, row)),
    persons: collection.is_person ? tuples(row['persons']) : [],
  }
}

/** How many rows a selection has. */
export async function countSelected(db: Database, selection: Selection, matching?: Readonly<Record<string, string>>): Promise<number> {
  const known = await admit(db, selection.collection, selection.openings)
  if (known.openings.length === 0) return 0
  const parameters = numbered()
  const where = matchingSql(db, selection, known, matching, parameters)
  const rows = await query(
    db,
    selection.collection,
    `select count(*) as n from ${mapped(db, selection.collection).from} t where ${where}`,
    parameters.values,
  )
  return Number(rows[0]?.['n'])
}

/** Primary keys of selected rows in their order, as text, at most `limit`; with `after`, those that come behind it. */
export async function readKeys(
  db: Database,
  selection: Selection,
  limit: number,
  after?: IdentifierValue,
): Promise<readonly IdentifierValue[]> {
  const place = mapped(db, selection.collection)
  const known = await admit(db, selection.collection, selection.openings)
  if (known.openings.length === 0) return []
  const parameters = numbered()
  const where = [selectionSql(db, selection, 't', known, parameters)]
  const columns = place.collection.key.map((name) => columnOf(db, place, name))
  if (after !== undefined) {
    const reached = columns.map((column, index) => parameters.bind(after[index] ?? '', column.cast))
    where.push(`(${keySql(db, place)}) > (${reached.join(', ')})`)
  }
  return readTuples(
    db,
    place,
    place.collection.key,
    `where ${where.join(' and ')} order by ${keySql(db, place)} limit ${Math.trunc(limit)}`,
    parameters.values,
  )
}

/** The identifiers of the rows; what only shared rows hold is told apart. */
function given(db: Database, { collection }: Mapped, row: Row): Pick<Found, 'provides' | 'lends'> {
  const provides: Record<string, readonly IdentifierValue[]> = {}
  const lends: Record<string, readonly IdentifierValue[]> = {}
  for (const [index, identifier] of Object.keys(collection.provides).entries()) {
    const values = tuples(row[`p${index}`])
    if (values.length > MOST_IDENTIFIERS) {
      const sentence = `it gives more than ${MOST_IDENTIFIERS} values of ${identifier}, which are not one person’s`
      throw new SourceError(db.declaration.id, collection.id, 'too_many', sentence)
    }
    const saying = values.filter((value) => value.every(isSaying))
    provides[identifier] = saying.flatMap(([own, ...value]) => (own === 'own' ? [value] : []))
    const lent = saying.flatMap(([own, ...value]) => (own === 'own' ? [] : [value]))
    if (lent.length > 0) lends[identifier] = lent
  }
  return Object.keys(lends).length === 0 ? { provides } : { provides, lends }
}

/** A JSON list of lists of texts, as the statement builds it. */
function tuples(value: unknown): readonly IdentifierValue[] {
  return Array.isArray(value) ? value.map((tuple) => (Array.isArray(tuple) ? tuple.map(String) : [])) : []
}

async function readTuples(
  db: Database,
  place: Mapped,
  columns: readonly string[],
  rest: string,
  values: readonly unknown[],
): Promise<readonly IdentifierValue[]> {
  const list = columns.map((name, index) => `${sqlColumn('t', columnOf(db, place, name))}::text as c${index}`)
  const rows = await query(db, place.collection.id, `select ${list.join(', ')} from ${place.from} t ${rest}`, values)
  return rows.map((row) => columns.map((_, index) => String(row[`c${index}`])))
}

function keySql(db: Database, place: Mapped): string {
  return place.collection.key.map((name) => sqlColumn('t', columnOf(db, place, name))).join(', ')
}
