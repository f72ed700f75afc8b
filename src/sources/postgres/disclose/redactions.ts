import { hiddenSql, isRedacted, redactedCellSql, type Shown } from './cells.ts'
import { perform, transaction, type Database, type Session } from '../connection.ts'
import { BEGIN_COPY } from './disclose.ts'
import { columnOf, mapped, sqlColumn } from '../names.ts'
import { numbered } from '../parameters.ts'
import { admit, selectionSql } from '../find/predicate.ts'

/** How many cells of each column a copy does not show as they are held, because other people's addresses and numbers are taken out. */
export async function countRedactions(db: Database, shown: Shown): Promise<Readonly<Record<string, number>>> {
  const { selection } = shown
  const place = mapped(db, selection.collection)
  const columns = shown.columns.map((name) => columnOf(db, place, name)).filter((column) => isRedacted(db, shown, column))
  if (columns.length === 0) return {}
  const known = await admit(db, selection.collection, selection.openings)
  const parameters = numbered()
  const counts = columns.map((column, index) => {
    const changed = `${redactedCellSql(db, shown, column, parameters)} is distinct from ${sqlColumn('t', column)}::text`
    // A cell that somebody has left out is told as that.
    return `count(*) filter (where ${changed} and (${hiddenSql(db, shown, column, parameters)}) is not true) as c${index}`
  })
  const text = `select ${counts.join(', ')} from ${place.from} t where ${selectionSql(db, selection, 't', known, parameters)}`
  const count = (session: Session) => perform(db, session, selection.collection, text, parameters.values)
  const { rows } = await transaction(db, selection.collection, BEGIN_COPY, count, db.pool)
  const found = columns.map(({ name }, index) => [name, Number(rows[0]?.[`c${index}`])] as const)
  return Object.fromEntries(found.filter(([, cells]) => cells > 0))
}
