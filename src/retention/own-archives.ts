import { and, eq, isNull, or, type SQL } from 'drizzle-orm'
import { eraseArchive } from '../archives/store.ts'
import type { Context } from '../context.ts'
import { requests } from '../db/schema/requests.ts'
import { archives } from '../db/schema/work.ts'
import { sql } from 'drizzle-orm'
import { verb } from '../verb.ts'
import { isOver } from './own-traces.ts'

interface DueArchive {
  readonly id: string
  readonly key_id: string
  readonly reference: string
}

/** Archives whose time is over: expired, or built so long ago as the policy keeps any. */
export async function findDueArchives(ctx: Context, now: Date): Promise<readonly DueArchive[]> {
  return ctx.db
    .select({ id: archives.id, key_id: archives.key_id, reference: requests.reference })
    .from(archives)
    .innerJoin(requests, eq(requests.id, archives.request_id))
    .where(and(isNull(archives.erased_at), isDueArchive(ctx, now)))
}

/** Erases what is due of the archives, bytes and keys; how many they were. */
export async function eraseDueArchives(ctx: Context, now: Date): Promise<number> {
  const due = await findDueArchives(ctx, now)
  for (const archive of due) await eraseDueArchive(ctx, archive)
  return due.length
}

/** One archive: key and bytes first, so that a crash leaves a row that is tried again and never bytes that nobody knows of. */
export const eraseDueArchive = verb(
  { name: 'eraseDueArchive', permission: 'system', audit: 'archive.erased', quiet: true },
  async (ctx, { id, key_id, reference }: DueArchive): Promise<void> => {
    await eraseArchive(ctx, { id, key_id })
    const erased = await ctx.db
      .update(archives)
      .set({ erased_at: ctx.clock.now() })
      .where(and(eq(archives.id, id), isNull(archives.erased_at)))
      .returning({ id: archives.id })
    if (erased.length > 0) await ctx.record('archive.erased', { case: reference, archive: id })
  },
)

function isDueArchive(ctx: Context, now: Date): SQL | undefined {
  const { zone } = ctx.policy.main
  return or(
    sql`${archives.expires_at} <= ${now.toISOString()}::timestamptz`,
    isOver(sql`${archives.built_at}`, ctx.policy.own_records.archive, zone, now),
  )
}
