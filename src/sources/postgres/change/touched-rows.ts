import { SourceError } from '../../source.ts'
import type { Database, Session } from '../connection.ts'

const KINDS = ['deleted', 'updated', 'inserted'] as const
type Kind = (typeof KINDS)[number]
type Counts = { readonly name: string; readonly emptied: boolean } & { readonly [kind in Kind]: number }

/**
 * Rows inserted, updated and deleted per table since the connection last reported, partitions summed under their root; and the tables that this
 * transaction holds as TRUNCATE does, which counts no rows.
 */
export type Touched = ReadonlyMap<string, Counts>

// A temporary table is gone with the connection, and whoever fills one anew truncates it.
const COUNT = `
  with alone as (
    select l.relation from pg_locks l where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.granted)
  select coalesce(pg_partition_root(c.oid)::oid, c.oid)::text as oid, coalesce(pg_partition_root(c.oid)::oid, c.oid)::regclass::text as name,
    sum(pg_stat_get_xact_tuples_inserted(c.oid)) as inserted, sum(pg_stat_get_xact_tuples_updated(c.oid)) as updated,
    sum(pg_stat_get_xact_tuples_deleted(c.oid)) as deleted, bool_or(c.relpersistence <> 't' and c.oid in (select relation from alone)) as emptied
  from pg_class c
  where c.relkind = 'r' and c.oid >= 16384 and c.relnamespace <> 'pg_toast'::regnamespace
    and (pg_stat_get_xact_tuples_inserted(c.oid) > 0 or pg_stat_get_xact_tuples_updated(c.oid) > 0 or pg_stat_get_xact_tuples_deleted(c.oid) > 0
      or c.oid in (select relation from alone))
  group by 1, 2`

/** Reads the server's own counters of this connection; they also see what cascades and triggers do. */
export async function readTouched(session: Session): Promise<Touched> {
  const { rows } = await session.query(COUNT)
  return new Map(
    rows.map((row) => [
      String(row['oid']),
      {
        name: String(row['name']),
        inserted: Number(row['inserted']),
        updated: Number(row['updated']),
        deleted: Number(row['deleted']),
        emptied: row['emptied'] === true,
      },
    ]),
  )
}

/** What our own statements report per table. */
export class Tally {
  readonly #counts = new Map<string, { name: string } & Record<Kind, number>>()

  add(table: { readonly oid: string; readonly name: string }, kind: Kind, rows: number): void {
    const known = this.#counts.get(table.oid) ?? { name: table.name, inserted: 0, updated: 0, deleted: 0 }
    known[kind] += rows
    this.#counts.set(table.oid, known)
  }

  /**
   * Throws when any table had other rows changed than our statements say: nothing that nobody saw may be committed. Rows may be inserted
   * where the policy says that a trigger of a changed table writes them.
   */
  compare(db: Database, before: Touched, after: Touched): void {
    const written = this.#writtenByTriggers(db)
    const surprises = [...new Set([...after.keys(), ...this.#counts.keys()])].flatMap((oid) => {
      const ours = this.#counts.get(oid)
      const name = after.get(oid)?.name ?? ours?.name ?? oid
      if (after.get(oid)?.emptied === true) return [`${name} (truncated or rewritten)`]
      return KINDS.flatMap((kind) => {
        const really = (after.get(oid)?.[kind] ?? 0) - (before.get(oid)?.[kind] ?? 0)
        const expected = ours?.[kind] ?? 0
        if (really === expected || (kind === 'inserted' && really > expected && written.has(name))) return []
        return [`${name} (${really} ${kind}, expected ${expected})`]
      })
    })
    if (surprises.length === 0) return
    const sentence = `rows changed that the statements do not account for, so everything was rolled back: ${surprises.join('; ')}`
    throw new SourceError(db.declaration.id, '', 'unexpected_rows', sentence)
  }

  /** Names of the tables that our statements changed. */
  get tables(): ReadonlySet<string> {
    return new Set([...this.#counts.values()].map(({ name }) => name))
  }

  #writtenByTriggers(db: Database): ReadonlySet<string> {
    const changed = this.tables
    const tables = [...db.policy.collections.values()]
      .filter(({ source, table }) => source === db.declaration.id && changed.has(table))
      .flatMap(({ triggers }) => Object.values(triggers).flatMap(({ writes_to }) => writes_to))
    return new Set(tables.flatMap((table) => [table, `${db.catalog.schema}.${table}`]))
  }
}
