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
 * `act` works outside the transaction that holds the locks.
 */
export async function throughGate<T>(ctx: Context, lane: string, act: () => Promise<T>): Promise<T> {
  return ctx.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`habeas: purge ${lane}`}, 0))`)
    await tx.execute(sql`select pg_advisory_xact_lock_shared(hashtextextended(${GATE}, 0))`)
    return act()
  })
}
