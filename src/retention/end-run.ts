import { randomUUIDv7 } from 'node:crypto'
import { and, eq, isNull } from 'drizzle-orm'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { retentionBatches, retentionRuns } from '../db/schema/retention.ts'
import { receipts } from '../db/schema/work.ts'
import { canonicalJson, sha256Hex } from '../canonical.ts'
import type { DueCount } from '../sources/source.ts'
import { verb } from '../verb.ts'
import type { ActingRule } from './acting-rules.ts'
import { ringNext } from './begin-runs.ts'
import { receiptBody } from './receipt.ts'
import { settleBatch, stepOf } from './run-batch.ts'
import type { RunRow } from './run-view.ts'
import { sourceOf } from './weigh.ts'

export interface RunEnd {
  readonly run: RunRow
  readonly rule: ActingRule | undefined
  readonly state: 'done' | 'stopped' | 'failed'
  readonly failure?: string
  /** What was still due at the end, where that could be counted. */
  readonly left?: DueCount
}

const ACTIONS = { done: 'retention.run_done', stopped: 'retention.run_stopped', failed: 'retention.run_failed' } as const

/** Ends a run with its receipt, once, and rings for the rule that comes next at this source; open batches are settled by their marker first. */
export async function endRun(ctx: Context, end: RunEnd): Promise<void> {
  await settleOpenBatches(ctx, end)
  await writeEnd(ctx, end)
}

const writeEnd = verb(
  { name: 'endRun', permission: 'system', audit: [ACTIONS.done, ACTIONS.stopped, ACTIONS.failed], quiet: true },
  async (ctx, { run, rule, state, failure, left }: RunEnd): Promise<void> => {
    const [locked] = await ctx.db.select().from(retentionRuns).where(eq(retentionRuns.id, run.id)).for('update')
    // Somebody stopped it, or another worker took it, since we looked; whoever has it now ends it.
    if (locked === undefined || locked.epoch !== run.epoch || !mayEndFrom(state, locked.state)) return
    const [known] = await ctx.db.select({ id: receipts.id }).from(receipts).where(eq(receipts.run_id, run.id))
    if (known !== undefined) return
    const at = ctx.clock.now()
    const [ended] = await ctx.db
      .update(retentionRuns)
      .set({
        state,
        ...(failure !== undefined || state === 'done' ? { failure: failure ?? null } : {}),
        ...(left !== undefined && { held: left.held, oldest_left: left.oldest }),
        finished_at: locked.finished_at ?? at,
      })
      .where(eq(retentionRuns.id, run.id))
      .returning()
    if (ended === undefined) return
    const batches = await ctx.db.select().from(retentionBatches).where(eq(retentionBatches.run_id, run.id)).orderBy(retentionBatches.batch)
    const body = receiptBody(ended, rule, batches, left)
    const text = canonicalJson(body)
    await ctx.db
      .insert(receipts)
      .values({ id: randomUUIDv7(), run_id: run.id, body, hash: sha256Hex(text), signature: ctx.keys.sign(text), at })
    await ctx.record(ACTIONS[state], {
      run: run.id,
      rule: run.rule,
      mode: ended.mode,
      done: ended.done,
      held: ended.held,
      receipt: sha256Hex(text),
      failure,
    })
    if (rule !== undefined) await ringNext(ctx, run.batch_id, rule.lane)
  },
)

/** A stopped run was stopped by a person already; everything else ends from `running`. */
function mayEndFrom(state: RunEnd['state'], from: RunRow['state']): boolean {
  return state === 'stopped' ? from === 'stopped' : from === 'running'
}

const purged = z.object({
  rows: z.number(),
  with: z.record(z.string(), z.number()),
  range: z.tuple([z.string(), z.string()]).nullable(),
})

/** Asks the source for the marker of every batch without outcome; without a marker nothing was done. */
async function settleOpenBatches(ctx: Context, { run, rule }: RunEnd): Promise<void> {
  const open = await ctx.db
    .select({ batch: retentionBatches.batch })
    .from(retentionBatches)
    .where(and(eq(retentionBatches.run_id, run.id), isNull(retentionBatches.settled_at)))
  for (const { batch } of open) {
    const marker = rule?.kind === 'purge' ? await sourceOf(ctx, rule).settle(stepOf(run), batch) : 'nothing'
    const outcome =
      typeof marker === 'string'
        ? { confirmed_by: 'nothing' as const, rows: 0, with: {}, range: null }
        : { confirmed_by: 'marker' as const, ...purged.parse(marker) }
    await settleBatch(ctx, { run, batch, outcome })
  }
}
