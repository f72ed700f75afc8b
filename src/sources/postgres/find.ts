import type { Collection, Named } from '../../policy/schema.ts'
import { SourceError, type Found, type IdentifierValue, type Identifiers, type Opening, type Selection } from '../source.ts'
import { query, type Database } from './connection.ts'
import { columnOf, mapped, sqlColumn, type Mapped } from './names.ts'
import { numbered } from './parameters.ts'
import { admit, claimedSql, matchingSql, nobodyElsesSql, only, openedSql, selectionSql, sideSql, type Admitted } from './predicate.ts'

/** More identifiers than this from one collection are not one person's. */
const MOST_IDENTIFIERS = 100_000
const MOST_PERSONS = 10
const NOTHING: Found = { rows: 0, organisation_rows: 0, shared_rows: 0, provides: {}, persons: [] }

/**
 * What one collection holds of a person. `rows` are ours and keyed to the person, `shared_rows` ours and also other people's, and
 * `organisation_rows` of either kind belong to a customer organisation; rows only passed through are counted nowhere but provide. A row that
 * an own opening opens, but that holds the key of another person, is counted as shared and provides nothing: it would lead to that person.
 */
export async function findRows(db: Database, collection: Named<Collection>, openings: readonly Opening[]): Promise<Found> {
  const place = mapped(db, collection.id)
  const known = await admit(db, collection.id, openings)
  if (known.openings.length === 0) return NOTHING
  const counts = await countKinds(db, place, known)
  if (counts.all === 0) return NOTHING
  const provides = counts.ours === 0 ? [] : Object.entries(collection.provides)
  return {
    rows: counts.own,
    organisation_rows: counts.organisation,
    shared_rows: counts.shared,
    provides: await readProvided(db, place, known, provides),
    persons: collection.is_person ? await readPersons(db, place, known) : [],
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

/** Primary keys of selected rows in their order, as text, at most `limit`. */
export async function readKeys(db: Database, selection: Selection, limit: number): Promise<readonly IdentifierValue[]> {
  const place = mapped(db, selection.collection)
  const known = await admit(db, selection.collection, selection.openings)
  if (known.openings.length === 0) return []
  const parameters = numbered()
  const where = selectionSql(db, selection, 't', known, parameters)
  return readTuples(
    db,
    place,
    place.collection.key,
    `where ${where} order by ${keySql(db, place)} limit ${Math.trunc(limit)}`,
    parameters.values,
  )
}

async function countKinds(
  db: Database,
  place: Mapped,
  openings: Admitted,
): Promise<{ all: number; ours: number; own: number; shared: number; organisation: number }> {
  const parameters = numbered()
  const kind = (meaning: Opening['meaning']): string =>
    openedSql(
      db,
      place,
      't',
      only(openings, (opening) => opening.meaning === meaning),
      parameters,
    )
  const text = `
    select count(*) as "all", count(*) filter (where ours) as ours,
      count(*) filter (where ours and own and theirs) as own,
      count(*) filter (where ours and (own or shared) and not (own and theirs)) as shared,
      count(*) filter (where not ours and (own or shared)) as organisation
    from (select ${kind('own')} is true as own, ${kind('shared')} is true as shared,
        ${nobodyElsesSql(db, place, 't', openings, parameters)} as theirs, ${sideSql(db, place, 't', 'ours', parameters)} as ours
      from ${place.from} t where ${openedSql(db, place, 't', openings, parameters)}) opened`
  const row = (await query(db, place.collection.id, text, parameters.values))[0] ?? {}
  return {
    all: Number(row['all']),
    ours: Number(row['ours']),
    own: Number(row['own']),
    shared: Number(row['shared']),
    organisation: Number(row['organisation']),
  }
}

async function readProvided(
  db: Database,
  place: Mapped,
  openings: Admitted,
  provides: readonly (readonly [string, readonly string[]])[],
): Promise<Identifiers> {
  const found: Record<string, readonly IdentifierValue[]> = {}
  for (const [identifier, columns] of provides) {
    const parameters = numbered()
    const where = [claimedSql(db, place, 't', openings, parameters), sideSql(db, place, 't', 'ours', parameters)]
    const present = columns.map((name) => `nullif(btrim(${sqlColumn('t', columnOf(db, place, name))}::text), '') is not null`)
    const rest = `where ${[...where, ...present].join(' and ')} limit ${MOST_IDENTIFIERS + 1}`
    const values = await readTuples(db, place, columns, rest, parameters.values, 'distinct')
    if (values.length > MOST_IDENTIFIERS) {
      throw new SourceError(
        db.declaration.id,
        place.collection.id,
        'too_many',
        `it gives more than ${MOST_IDENTIFIERS} values of ${identifier}`,
      )
    }
    found[identifier] = values
  }
  return found
}

/** Two people for one identifier are two people whoever controls their rows, so both sides are looked at. */
function readPersons(db: Database, place: Mapped, openings: Admitted): Promise<readonly IdentifierValue[]> {
  const parameters = numbered()
  const where = openedSql(db, place, 't', openings, parameters)
  return readTuples(
    db,
    place,
    place.collection.key,
    `where ${where} order by ${keySql(db, place)} limit ${MOST_PERSONS}`,
    parameters.values,
  )
}

async function readTuples(
  db: Database,
  place: Mapped,
  columns: readonly string[],
  rest: string,
  values: readonly unknown[],
  distinct: 'distinct' | '' = '',
): Promise<readonly IdentifierValue[]> {
  const list = columns.map((name, index) => `${sqlColumn('t', columnOf(db, place, name))}::text as c${index}`)
  const rows = await query(db, place.collection.id, `select ${distinct} ${list.join(', ')} from ${place.from} t ${rest}`, values)
  return rows.map((row) => columns.map((_, index) => String(row[`c${index}`])))
}

function keySql(db: Database, place: Mapped): string {
  return place.collection.key.map((name) => sqlColumn('t', columnOf(db, place, name))).join(', ')
}
