import { and, eq, notExists, or, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { retentionRuns } from '../db/schema/retention.ts'
import { outbox } from '../db/schema/running.ts'
import { receipts } from '../db/schema/work.ts'
import { enqueue } from '../outbox.ts'
import { actingRule } from './acting-rules.ts'
import { ringNext } from './begin-runs.ts'
import type { RunRow } from './run-view.ts'

/**
 * Rings again for runs that nobody has a job for: two workers had the same one, the slower found nothing to do and closed it, and the faster
 * died. Answers how many; a run that is being worked on only changes hands.
 */
export async function ringForgotten(ctx: Context): Promise<number> {
  const forgotten = await findForgotten(ctx)
  const begun = forgotten.filter(({ state, epoch }) => state === 'stopped' || epoch > 0)
  for (const { id } of begun) await enqueue(ctx, 'run_rule', { run_id: id })
  const rung = new Set<string>()
  for (const { batch_id, rule } of forgotten.filter((run) => !begun.includes(run))) {
    const lane = actingRule(ctx.policy, rule)?.lane ?? ''
    if (rung.has(`${batch_id} ${lane}`) || (await hasTurn(ctx, batch_id, lane))) continue
    rung.add(`${batch_id} ${lane}`)
    await ringNext(ctx, batch_id, lane)
  }
  return begun.length + rung.size
}

/** Runs that are not over, or have no receipt yet, and no job that is still to be done. */
async function findForgotten(ctx: Context): Promise<RunRow[]> {
  const signed = ctx.db
    .select({ one: sql`1` })
    .from(receipts)
    .where(eq(receipts.run_id, retentionRuns.id))
  const unfinished = or(eq(retentionRuns.state, 'running'), and(eq(retentionRuns.state, 'stopped'), notExists(signed)))
  return ctx.db
    .select()
    .from(retentionRuns)
    .where(and(unfinished, notExists(openJobs(ctx))))
}

/** Whether another rule of the lane is at work or about to be: then the next one is rung for at its end. */
async function hasTurn(ctx: Context, batchId: string, lane: string): Promise<boolean> {
  const rows = await ctx.db
    .select({ rule: retentionRuns.rule, epoch: retentionRuns.epoch, jobs: sql<boolean>`exists ${openJobs(ctx)}` })
    .from(retentionRuns)
    .where(and(eq(retentionRuns.batch_id, batchId), eq(retentionRuns.state, 'running')))
  return rows.some(({ rule, epoch, jobs }) => (jobs || epoch > 0) && actingRule(ctx.policy, rule)?.lane === lane)
}

function openJobs(ctx: Context) {
  return ctx.db
    .select({ one: sql`1` })
    .from(outbox)
    .where(sql`${outbox.name} = 'run_rule' and ${outbox.payload} ->> 'run_id' = ${retentionRuns.id}::text and ${outbox.done_at} is null`)
}
