import { and, eq, isNull, or, sql, type SQL } from 'drizzle-orm'
import { shredRecoveryCopy, sweepRecovery } from '../archives/recovery.ts'
import { actingAs, type Context } from '../context.ts'
import { recoveryCopies } from '../db/schema/recovery.ts'
import { requests } from '../db/schema/requests.ts'
import { verb } from '../verb.ts'

/** How many recovery copies have come to their end, or are of no use any more, and still have a key. */
export async function countDueCopies(ctx: Context, now: Date): Promise<number> {
  return (await dueCopies(ctx, now)).length
}

/** Destroys recovery copies whose time is over, key and bytes, and files that belong to none; how many they were. */
export async function shredDueCopies(ctx: Context, now: Date): Promise<number> {
  let shredded = 0
  for (const { id } of await dueCopies(ctx, now)) shredded += (await shredDueCopy(ctx, { id, now })) ? 1 : 0
  await sweepRecovery(ctx, (ids) => partsInUse(ctx, ids))
  return shredded
}

/** Destroys what a case's copies have come to, at their very end or once they have served: none lives on until the night. */
export async function shredCopies(ctx: Context, { request_id }: { request_id: string }): Promise<void> {
  const system = actingAs(ctx, { kind: 'system', name: 'recovery' })
  const now = ctx.clock.now()
  for (const { id } of await dueCopies(system, now, request_id)) await shredDueCopy(system, { id, now })
}

/** One copy: key and bytes first, so that a crash leaves a row that is tried again and never bytes that somebody could open. */
const shredDueCopy = verb(
  { name: 'shredDueCopy', permission: 'system', audit: 'recovery.shredded', quiet: true },
  async (ctx, { id, now }: { id: string; now: Date }): Promise<boolean> => {
    const [due] = await ctx.db
      .select({ copy: recoveryCopies, reference: requests.reference })
      .from(recoveryCopies)
      .innerJoin(requests, eq(requests.id, recoveryCopies.request_id))
      .where(and(eq(recoveryCopies.id, id), isDue(now)))
      .for('update', { of: recoveryCopies })
    if (due === undefined) return false
    const { copy, reference } = due
    await shredRecoveryCopy(ctx, copy)
    const alive = copy.state === 'kept' || copy.state === 'unfinished'
    const at = ctx.clock.now()
    await ctx.db
      .update(recoveryCopies)
      .set({ shredded_at: at, ...(alive && { state: 'expired' as const, ended_at: at }) })
      .where(eq(recoveryCopies.id, id))
    await ctx.record('recovery.shredded', { case: reference, copy: id, why: alive ? 'expired' : copy.state })
    return true
  },
)

async function dueCopies(ctx: Context, now: Date, requestId?: string): Promise<{ id: string }[]> {
  return ctx.db
    .select({ id: recoveryCopies.id })
    .from(recoveryCopies)
    .innerJoin(requests, eq(requests.id, recoveryCopies.request_id))
    .where(and(isDue(now), requestId === undefined ? undefined : eq(recoveryCopies.request_id, requestId)))
}

/** At its end or at the case's due date, whichever is first (design.md §2); and what is void, spent or destroyed at once. */
function isDue(now: Date): SQL | undefined {
  const over = sql`least(${recoveryCopies.expires_at}, ${requests.due_at}) <= ${now.toISOString()}::timestamptz`
  return and(isNull(recoveryCopies.shredded_at), or(over, sql`${recoveryCopies.state} not in ('kept', 'unfinished')`))
}

async function partsInUse(ctx: Context, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await ctx.db.execute<{ id: string }>(
    sql`select part ->> 'id' as id from recovery_copies, jsonb_array_elements(parts) part
      where shredded_at is null and part ->> 'id' = any(${sql.param(ids)}::text[])`,
  )
  return new Set(rows.map(({ id }) => id))
}
