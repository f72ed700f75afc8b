import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { auditRoots } from '../db/schema/audit.ts'
import type { Database } from '../db/client.ts'
import { EMPTY, rootOf, withLeaves, type Frontier } from './tree.ts'

const BATCH = 5_000

// "audit" in ASCII: whoever holds this advisory lock numbers.
const LOCK = 0x6175646974

/** The tree head before this batch, and up to which id nothing can appear any more. */
interface Head {
  readonly tree: Frontier
  readonly settled: number
  readonly waitingId: number
  readonly waitingFor: readonly string[]
}

/** What may still commit an entry: all ids up to `lastId` are given out, and `writers` have not ended. */
interface Writers {
  readonly lastId: number
  readonly writers: readonly string[]
}

/**
 * Gives every committed entry its number, without gaps, and writes a new tree head; says how many entries got one. Must not run inside a
 * transaction that writes entries. When another process is at it, returns 0 at once.
 *
 * Ids are given out before entries commit, so that a lower id may appear after a higher one. An id up to `lastId` that cannot be seen belongs
 * to a transaction that writes now (it holds a lock on the table until it has ended) or will never come. So once those writers have gone and
 * the scan has passed, everything up to `lastId` is settled, and the next scan begins there, however long the log is.
 */
export async function sequence(ctx: Context): Promise<number> {
  let total = 0
  for (;;) {
    const count = await ctx.db.transaction((tx) => numberBatch(tx, ctx.clock.now()), { isolationLevel: 'read committed' })
    total += count
    if (count < BATCH) return total
  }
}

/** When the oldest entry without a number was written; more than 60 seconds ago is an alarm. */
export async function oldestUnnumbered(ctx: Context): Promise<Date | undefined> {
  const { settled } = await readHead(ctx.db)
  const found = await ctx.db.execute<{ ms: string | null }>(
    sql`select extract(epoch from min(e.at)) * 1000 as ms from audit_entries e where ${unnumbered(settled)}`,
  )
  const ms = found.rows[0]?.ms ?? undefined
  return ms === undefined ? undefined : new Date(Number(ms))
}

// One statement after another, each with a snapshot of its own: what has committed before the writers were listed is seen by the scan.
async function numberBatch(tx: Database, at: Date): Promise<number> {
  const lock = await tx.execute<{ taken: boolean }>(sql`select pg_try_advisory_xact_lock(${LOCK}) as taken`)
  if (lock.rows[0]?.taken !== true) return 0
  const head = await readHead(tx)
  const writers = await listWriters(tx)
  const found = await tx.execute<{ id: string; hash: string }>(
    sql`select e.id, e.hash from audit_entries e where ${unnumbered(head.settled)} order by e.id limit ${BATCH}`,
  )
  if (found.rows.length === 0) return 0
  const ids = found.rows.map((row) => Number(row.id))
  const tree = withLeaves(
    head.tree,
    found.rows.map((row) => row.hash),
  )
  await tx.execute(sql`insert into audit_numbers (number, entry_id)
    select ${head.tree.size}::bigint + place, id from unnest(${sql.param(ids)}::bigint[]) with ordinality as entry (id, place)`)
  const lastScanned = ids.length === BATCH ? (ids.at(-1) ?? 0) : Infinity
  const { settled, waitingId, waitingFor } = settle(head, writers, lastScanned)
  await tx.insert(auditRoots).values({
    tree_size: tree.size,
    root: rootOf(tree),
    frontier: [...tree.nodes],
    at,
    entries: ids.length,
    settled_id: settled,
    waiting_id: waitingId,
    waiting_for: [...waitingFor],
  })
  return ids.length
}

function settle(head: Head, now: Writers, lastScanned: number): Omit<Head, 'tree'> {
  const remaining = head.waitingFor.filter((writer) => now.writers.includes(writer))
  if (remaining.length > 0) return { settled: head.settled, waitingId: head.waitingId, waitingFor: remaining }
  const reached = now.writers.length === 0 ? now.lastId : head.waitingId
  return { settled: Math.max(head.settled, Math.min(reached, lastScanned)), waitingId: now.lastId, waitingFor: now.writers }
}

async function readHead(db: Database): Promise<Head> {
  const found = await db.query.auditRoots.findFirst({ orderBy: (root, { desc }) => desc(root.tree_size) })
  if (found === undefined) return { tree: EMPTY, settled: 0, waitingId: 0, waitingFor: [] }
  return {
    tree: { size: found.tree_size, nodes: found.frontier },
    settled: found.settled_id,
    waitingId: found.waiting_id,
    waitingFor: found.waiting_for,
  }
}

async function listWriters(tx: Database): Promise<Writers> {
  // First the last id, then the writers: who gets a lower id than this has taken the lock before.
  const last = await tx.execute<{ id: string }>(sql`select case when is_called then last_value else 0 end as id from audit_entries_id_seq`)
  const writers = await tx.execute<{ writer: string }>(sql`select distinct virtualtransaction as writer from pg_locks
    where relation = 'audit_entries'::regclass and database = (select oid from pg_database where datname = current_database())
    and granted and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`)
  return { lastId: Number(last.rows[0]?.id ?? 0), writers: writers.rows.map((row) => row.writer) }
}

// The bound stands on both sides, so that both indexes are read from there.
function unnumbered(settled: number) {
  return sql`e.id > ${settled} and not exists (select from audit_numbers n where n.entry_id = e.id and n.entry_id > ${settled})`
}
