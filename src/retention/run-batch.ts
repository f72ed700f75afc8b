import { and, eq, isNull, max, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { retentionBatches, retentionRuns } from '../db/schema/retention.ts'
import type { PurgeOutcome } from '../sources/source.ts'
import { throughGate } from '../standing/gate.ts'
import type { Unsealed } from '../standing/kept-people.ts'
import { protectedRows } from '../standing/protected.ts'
import { verb } from '../verb.ts'
import type { ActingRule, PurgeRule } from './acting-rules.ts'
import { ringNext } from './begin-runs.ts'
import { allowance } from './guard.ts'
import type { RunRow } from './run-view.ts'
import { isBlocked, requestOf, sourceOf } from './weigh.ts'

/** Rows of one transaction at the source: small enough that nobody there waits long for them. */
export const BATCH_ROWS = 2_000

export interface BatchToRun {
  readonly run: RunRow
  readonly rule: PurgeRule
  readonly unsealed: Unsealed
  /** Where the batch before ended. */
  readonly after: string | undefined
  readonly size: number
}

/** `overtaken`: the run was stopped, waits, or is another worker's; `busy`: another rule is at work at this source. */
export type BatchResult =
  | { readonly kind: 'changed'; readonly last: string | undefined }
  | { readonly kind: 'empty' }
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'busy' }

/**
 * One batch: intent in ours, effect in one transaction at the source, outcome in ours. Nobody can add protection between reading what must stay
 * and the source's commit. An intent that a crash left open is taken up under its own number, so that the source knows whether it was done.
 */
export async function runBatch(ctx: Context, { run, rule, unsealed, after, size }: BatchToRun): Promise<BatchResult> {
  const effect = await throughGate(ctx, rule.lane, async () => {
    const intent = await intendBatch(ctx, { run, rule })
    if (intent === undefined) return 'overtaken'
    ctx.failpoint('purge_after_intent')
    const protection = await protectedRows(ctx, unsealed)
    if (isBlocked(rule, protection)) return { batch: intent.batch, outcome: NOTHING_DONE }
    const request = requestOf(rule, run.started_at, protection)
    const from = after === undefined ? {} : { after }
    const room = Math.min(size, intent.room)
    const outcome = await sourceOf(ctx, rule).schedule.purge({ ...request, ...from, step: stepOf(run), batch: intent.batch, size: room })
    ctx.failpoint('purge_after_source_commit')
    return { batch: intent.batch, outcome }
  })
  if (effect === undefined) return { kind: 'busy' }
  if (effect === 'overtaken') return { kind: effect }
  await settleBatch(ctx, { run, ...effect })
  ctx.failpoint('purge_after_outcome')
  return effect.outcome.rows === 0 ? { kind: 'empty' } : { kind: 'changed', last: effect.outcome.range?.[1] }
}

/** The name under which the source knows a run's batches. */
export function stepOf(run: RunRow): string {
  return `purge ${run.id}`
}

const NOTHING_DONE: Omit<PurgeOutcome, 'confirmed_by'> & { confirmed_by: 'nothing' } = {
  confirmed_by: 'nothing',
  rows: 0,
  with: {},
  range: null,
}

interface IntendedBatch {
  readonly batch: number
  /** Rows it may take at most. */
  readonly room: number
}

/** The number of the next batch, or of one that was left open; undefined when the run is no longer this worker's, or has to wait. */
export const intendBatch = verb(
  { name: 'intendBatch', permission: 'system', audit: ['retention.batch_intended', 'retention.run_waiting'], quiet: true },
  async (ctx, { run, rule }: { run: RunRow; rule: ActingRule }): Promise<IntendedBatch | undefined> => {
    const mine = and(eq(retentionRuns.id, run.id), eq(retentionRuns.epoch, run.epoch), eq(retentionRuns.state, 'running'))
    const [now] = await ctx.db.select().from(retentionRuns).where(mine).for('update')
    if (now === undefined) return undefined
    const room = now.confirmed_by === null ? allowance(now.due, ctx.policy.decisions.limits) - now.done : Number.MAX_SAFE_INTEGER
    if (room <= 0) {
      const waits_for = `It has taken ${now.done} rows, where ${now.due} were counted before it began. Look why, then confirm it.`
      await ctx.db.update(retentionRuns).set({ state: 'waiting', waits_for }).where(mine)
      await ctx.record('retention.run_waiting', { run: run.id, rule: rule.id, done: now.done, due: now.due, waits_for })
      await ringNext(ctx, run.batch_id, rule.lane)
      return undefined
    }
    const [numbers] = await ctx.db
      .select({
        last: max(retentionBatches.batch),
        open: sql<number | null>`min(${retentionBatches.batch}) filter (where ${isNull(retentionBatches.settled_at)})`,
      })
      .from(retentionBatches)
      .where(eq(retentionBatches.run_id, run.id))
    const open = numbers?.open ?? undefined
    const batch = open ?? (numbers?.last ?? 0) + 1
    if (open === undefined) await ctx.db.insert(retentionBatches).values({ run_id: run.id, batch, made_at: ctx.clock.now() })
    await ctx.record('retention.batch_intended', { run: run.id, rule: rule.id, batch, epoch: run.epoch, again: open !== undefined })
    return { batch, room }
  },
)

export interface SettledBatch {
  readonly run: RunRow
  readonly batch: number
  readonly outcome: Omit<PurgeOutcome, 'confirmed_by'> & { readonly confirmed_by: PurgeOutcome['confirmed_by'] | 'nothing' }
}

/** Writes what a batch did, once: it happened, whoever's the run is by now. */
export const settleBatch = verb(
  { name: 'settleBatch', permission: 'system', audit: 'retention.batch_done', quiet: true },
  async (ctx, { run, batch, outcome }: SettledBatch): Promise<void> => {
    const { rows, with: along, range, confirmed_by } = outcome
    const settled = await ctx.db
      .update(retentionBatches)
      .set({
        rows,
        along: { ...along },
        range_from: range?.[0] ?? null,
        range_to: range?.[1] ?? null,
        confirmed_by,
        settled_at: ctx.clock.now(),
      })
      .where(and(eq(retentionBatches.run_id, run.id), eq(retentionBatches.batch, batch), isNull(retentionBatches.settled_at)))
      .returning({ batch: retentionBatches.batch })
    if (settled.length === 0) return
    await ctx.db
      .update(retentionRuns)
      .set({ done: sql`${retentionRuns.done} + ${rows}`, batches: sql`${retentionRuns.batches} + ${rows > 0 ? 1 : 0}`, failure: null })
      .where(eq(retentionRuns.id, run.id))
    await ctx.record('retention.batch_done', { run: run.id, rule: run.rule, batch, rows, along: { ...along }, confirmed_by })
  },
)
