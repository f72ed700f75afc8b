import type { Selection } from '../../source.ts'
import { reach } from './condition.ts'
import { query, type Database } from '../connection.ts'
import { mapped } from '../names.ts'
import { numbered } from '../parameters.ts'
import { admit, selectionSql } from './predicate.ts'

/** More of them than this are not told one by one. */
const MOST_CONTACTS = 20

/** Where each organisation that controls selected rows wants to be written to about privacy; sorted, each once. */
export async function readContacts(db: Database, selection: Selection): Promise<readonly string[]> {
  const place = mapped(db, selection.collection)
  const path = place.collection.organisation_contact
  const known = await admit(db, selection.collection, selection.openings)
  if (path === undefined || known.openings.length === 0) return []
  const parameters = numbered()
  const where = selectionSql(db, selection, 't', known, parameters)
  const { sql } = reach(db, place, 't', path)
  const text = `select distinct nullif(btrim((${sql})::text), '') as contact from ${place.from} t where ${where} order by 1 limit ${MOST_CONTACTS}`
  return (await query(db, selection.collection, text, parameters.values)).flatMap(({ contact }) =>
    typeof contact === 'string' ? [contact] : [],
  )
}
