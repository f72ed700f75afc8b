import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'

const GATE = 'habeas: what must stay'

/**
 * Waits until no purge batch is between reading what must stay and its commit, and lets none begin before this transaction ends: what the
 * transaction writes wins over every batch that is not yet committed. For whatever adds protection: a hold, a restriction, a proof.
 */
export async function closeGate(ctx: Context): Promise<void> {
  await ctx.db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${GATE}, 0))`)
}

/**
 * Runs one purge batch: one at a time for a lane (rules of one source never meet in its locks), and never while somebody adds protection.
 * Undefined, without a wait, when the lane is in use: a waiting worker would keep a connection from the one at work. `act` works outside the
 * transaction that holds the locks.
 */
export async function throughGate<T>(ctx: Context, lane: string, act: () => Promise<T>): Promise<T | undefined> {
  return ctx.db.transaction(async (tx) => {
    const free = await tx.execute<{ free: boolean }>(
      sql`select pg_try_advisory_xact_lock(hashtextextended(${`habeas: purge ${lane}`}, 0)) as free`,
    )
    if (free.rows[0]?.free !== true) return undefined
    await tx.execute(sql`select pg_advisory_xact_lock_shared(hashtextextended(${GATE}, 0))`)
    return act()
  })
}
