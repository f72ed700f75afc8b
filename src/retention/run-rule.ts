import { and, eq, gt, sql } from 'drizzle-orm'
import { actingAs, type Context } from '../context.ts'
import { retentionRuns } from '../db/schema/retention.ts'
import { enqueue } from '../outbox.ts'
import { SourceError } from '../sources/source.ts'
import { nothingUnsealed } from '../standing/kept-people.ts'
import { actingRule, type PurgeRule } from './acting-rules.ts'
import { endRun } from './end-run.ts'
import { runOwnRecords } from './run-own-records.ts'
import { BATCH_ROWS, runBatch } from './run-batch.ts'
import type { RunRow } from './run-view.ts'
import { takeRun } from './take-run.ts'
import { weigh } from './weigh.ts'

/** So many batches, then the next job: what waits behind a long run gets its turn, and a worker that is to end can. */
const BATCHES_PER_JOB = 50
const BUSY_PAUSE_MS = 5_000
const LOCKED_ROWS_PAUSE_MS = 60_000

/**
 * Works a run off, or the part of it that fits into one job: counted and guarded first, then batch by batch around everything that must stay,
 * at last the receipt. It may be called twice, at the same time, and after a crash at any point. Rejects when a source does not answer: the
 * job is then tried again.
 */
export async function runRule(caller: Context, { run_id }: { run_id: string }): Promise<void> {
  const ctx = actingAs(caller, { kind: 'system', name: 'retention' })
  const [found] = await ctx.db.select().from(retentionRuns).where(eq(retentionRuns.id, run_id))
  if (found === undefined) return
  const rule = actingRule(ctx.policy, found.rule)
  if (found.state === 'stopped') return endRun(ctx, { run: found, rule, state: 'stopped' })
  if (found.state !== 'running') return
  if (rule === undefined) return endRun(ctx, { run: found, rule, state: 'failed', failure: 'The policy no longer has this rule.' })
  if (found.failure !== null && (await isOvertaken(ctx, found)))
    return endRun(ctx, { run: found, rule, state: 'failed', failure: found.failure })
  let run: RunRow | undefined = found
  try {
    run = await takeRun(ctx, found, rule)
    if (run === undefined) return
    await (rule.kind === 'own_records' ? runOwnRecords(ctx, run, rule) : workOff(ctx, run, rule))
  } catch (error) {
    if (!(error instanceof SourceError) || run === undefined) throw error
    if (!error.transient) return endRun(ctx, { run, rule, state: 'failed', failure: error.message })
    await ctx.db.update(retentionRuns).set({ failure: error.message }).where(eq(retentionRuns.id, run_id))
    throw error
  }
}

async function workOff(ctx: Context, run: RunRow, rule: PurgeRule): Promise<void> {
  if (rule.mode === 'observe') return endRun(ctx, { run, rule, state: 'done', left: await weigh(ctx, rule, run.started_at) })
  const unsealed = nothingUnsealed()
  let after: string | undefined
  for (let batches = 0; batches < BATCHES_PER_JOB; batches += 1) {
    const batch = await runBatch(ctx, { run, rule, unsealed, after, size: BATCH_ROWS })
    if (batch.kind === 'overtaken') return
    if (batch.kind === 'busy') return enqueue(ctx, 'run_rule', { run_id: run.id }, new Date(ctx.clock.now().getTime() + BUSY_PAUSE_MS))
    if (batch.kind === 'empty') return finish(ctx, run, rule)
    after = batch.last
  }
  await enqueue(ctx, 'run_rule', { run_id: run.id })
}

/** Rows that somebody else had locked are come back for; what is left then must stay. */
async function finish(ctx: Context, run: RunRow, rule: PurgeRule): Promise<void> {
  const left = await weigh(ctx, rule, run.started_at)
  if (left.due === 0) return endRun(ctx, { run, rule, state: 'done', left })
  const failure = `${left.due} due rows are in use by others; they are tried again.`
  await ctx.db
    .update(retentionRuns)
    .set({ failure })
    .where(and(eq(retentionRuns.id, run.id), eq(retentionRuns.epoch, run.epoch)))
  await enqueue(ctx, 'run_rule', { run_id: run.id }, new Date(ctx.clock.now().getTime() + LOCKED_ROWS_PAUSE_MS))
}

/** Whether a later run of the rule exists: it takes everything this one could. */
async function isOvertaken(ctx: Context, run: RunRow): Promise<boolean> {
  const later = and(eq(retentionRuns.rule, run.rule), gt(retentionRuns.batch_id, run.batch_id))
  const [row] = await ctx.db
    .select({ one: sql`1` })
    .from(retentionRuns)
    .where(later)
    .limit(1)
  return row !== undefined
}
