import type { PurgeBatch } from '../../source.ts'
import { perform, type Database, type Session } from '../connection.ts'
import { dueRowsSql, isoSql, type Purging } from './due.ts'
import { numbered, type Parameters } from '../parameters.ts'

/** Rows that this transaction has locked, by where they lie: by partition, with the places of the rows in it. */
export interface Locked {
  readonly parts: readonly { readonly oid: string; readonly places: string }[]
  readonly rows: number
  readonly range: readonly [string, string] | null
}

/** Locks the oldest due rows and says where they lie: what follows in this transaction finds them there without searching again. */
export async function lockDue(db: Database, session: Session, batch: PurgeBatch, purging: Purging): Promise<Locked> {
  const parameters = numbered()
  const { times, where, held } = dueRowsSql(db, purging, parameters)
  const { from, collection } = purging.place
  const after = batch.after === undefined ? '' : `and ${times.started} >= ${parameters.bind(batch.after, 'timestamptz')}`
  const { rows } = await perform(
    db,
    session,
    collection.id,
    `with due as materialized (
      select t.tableoid as part, t.ctid as place, ${times.started} as started from ${from} t
      where ${where} ${after} and (${held}) is not true
      order by ${times.order} limit ${Math.max(1, Math.trunc(batch.size))} for update of t skip locked)
    select part::text as oid, array_agg(place)::text as places, count(*) as n, ${isoSql('min(started)')} as first, ${isoSql('max(started)')} as last
    from due group by part order by min(started)`,
    parameters.values,
  )
  const instants = rows.flatMap((row) => [String(row['first']), String(row['last'])]).toSorted()
  const [first] = instants
  const last = instants.at(-1)
  return {
    parts: rows.map((row) => ({ oid: String(row['oid']), places: String(row['places']) })),
    rows: rows.reduce((sum, row) => sum + Number(row['n']), 0),
    range: first === undefined || last === undefined ? null : [first, last],
  }
}

/** The locked rows as SQL over the row `alias`. */
export function lockedSql({ parts }: Locked, alias: string, parameters: Parameters): string {
  const each = parts.map(({ oid, places }) => {
    return `(${alias}.ctid = any(${parameters.bind(places, 'tid[]')}) and ${alias}.tableoid = ${parameters.bind(oid, 'oid')})`
  })
  return `(${each.join(' or ')})`
}
