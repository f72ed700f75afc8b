import { and, eq, inArray, isNull, not, or, sql, type SQL } from 'drizzle-orm'
import { eraseArchive, sweepStore } from '../archives/store.ts'
import type { Context } from '../context.ts'
import { requests } from '../db/schema/requests.ts'
import { archives } from '../db/schema/work.ts'
import { verb } from '../verb.ts'
import { isOver } from './own-traces.ts'

/** A copy that nobody has released cannot be built again, so it waits at least so long after the day on which it was owed. */
const WAITS_AFTER_DUE = 'P30D'

interface DueArchive {
  readonly id: string
  readonly key_id: string
  readonly reference: string
}

/** Archives whose time is over: expired, or built so long ago as the policy keeps any. One that waits for its release is not, for long. */
export async function findDueArchives(ctx: Context, now: Date): Promise<readonly DueArchive[]> {
  return dueArchives(ctx, isDueArchive(ctx, now))
}

/** Erases what is due of the archives, bytes and keys, and files that belong to none; how many they were. */
export async function eraseDueArchives(ctx: Context, now: Date): Promise<number> {
  let erased = 0
  for (const { id } of await findDueArchives(ctx, now)) erased += (await eraseDueArchive(ctx, { id, now })) ? 1 : 0
  const lost = await sweepStore(ctx, (ids) => idsInUse(ctx, ids))
  for (const id of lost) await recordLostFile(ctx, { id })
  return erased + lost.length
}

/** One archive: key and bytes first, so that a crash leaves a row that is tried again and never bytes that nobody knows of. */
const eraseDueArchive = verb(
  { name: 'eraseDueArchive', permission: 'system', audit: 'archive.erased', quiet: true },
  async (ctx, { id, now }: { id: string; now: Date }): Promise<boolean> => {
    // It may have been released since it was found, so the row is locked and judged again.
    const [due] = await dueArchives(ctx, and(eq(archives.id, id), isDueArchive(ctx, now)), { lock: true })
    if (due === undefined) return false
    await eraseArchive(ctx, due)
    await ctx.db.update(archives).set({ erased_at: ctx.clock.now() }).where(eq(archives.id, id))
    await ctx.record('archive.erased', { case: due.reference, archive: id })
    return true
  },
)

/** Writes down that a file was removed of an archive that was never written down. */
const recordLostFile = verb(
  { name: 'recordLostFile', permission: 'system', audit: 'archive.erased' },
  async (ctx, { id }: { id: string }): Promise<void> => ctx.record('archive.erased', { archive: id, why: 'file without a case' }),
)

async function dueArchives(ctx: Context, due: SQL | undefined, { lock = false } = {}): Promise<DueArchive[]> {
  const query = ctx.db
    .select({ id: archives.id, key_id: archives.key_id, reference: requests.reference })
    .from(archives)
    .innerJoin(requests, eq(requests.id, archives.request_id))
    .where(and(isNull(archives.erased_at), due))
  return lock ? query.for('update', { of: archives }) : query
}

async function idsInUse(ctx: Context, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await ctx.db
    .select({ id: archives.id })
    .from(archives)
    .where(and(inArray(archives.id, [...ids]), isNull(archives.erased_at)))
  return new Set(rows.map(({ id }) => id))
}

function isDueArchive(ctx: Context, now: Date): SQL | undefined {
  const { zone } = ctx.policy.main
  const { archive: kept } = ctx.policy.own_records
  const waits = sql`(${archives.released_at} is null and ${requests.state} = 'awaiting_release')`
  const waitedLong = and(isOver(sql`${archives.built_at}`, kept, zone, now), isOver(sql`${requests.due_at}`, WAITS_AFTER_DUE, zone, now))
  const expired = sql`${archives.expires_at} <= ${now.toISOString()}::timestamptz`
  // From its release: one that waited long must not be gone on the day its link goes live.
  const keptLong = isOver(sql`coalesce(${archives.released_at}, ${archives.built_at})`, kept, zone, now)
  return or(and(not(waits), or(expired, keptLong)), and(waits, waitedLong))
}
