import { randomUUIDv7 } from 'node:crypto'
import { asc, eq } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { retentionRuns } from '../db/schema/retention.ts'
import { enqueue } from '../outbox.ts'
import type { VerbContext } from '../verb.ts'
import { actingRules, cutoffOf, type ActingRule } from './acting-rules.ts'
import { localDate } from './schedule.ts'
import type { RunRow } from './run-view.ts'

export interface Beginning {
  readonly trigger: 'schedule' | 'operator'
  /** The instant up to which everything due is worked off; it stands for the whole run. */
  readonly now: Date
  readonly rules: readonly ActingRule[]
}

/**
 * Writes a run for each rule and rings for the first of each source; the others follow one by one. A rule whose run of that local date exists
 * is left out when the schedule asks. Nothing left: no run.
 */
export async function beginRuns(ctx: VerbContext, { trigger, now, rules }: Beginning): Promise<RunRow[]> {
  const batch_id = randomUUIDv7()
  const written = await ctx.db
    .insert(retentionRuns)
    .values(
      rules.map((rule) => ({
        id: randomUUIDv7(),
        batch_id,
        rule: rule.id,
        local_date: localDate(now.toISOString(), rule.zone),
        trigger,
        mode: rule.mode,
        state: 'running' as const,
        policy_hash: ctx.policy.hash,
        cutoff: cutoffOf(rule, now),
        started_by: ctx.actor.kind === 'operator' ? ctx.actor.id : null,
        started_at: now,
      })),
    )
    .onConflictDoNothing()
    .returning()
  if (written.length === 0) return []
  await ctx.record('retention.run_started', { run: batch_id, trigger, now: now.toISOString(), rules: written.map(({ rule }) => rule) })
  const lanes = new Set(rules.map(({ lane }) => lane))
  for (const lane of lanes) await ringNext(ctx, batch_id, lane)
  return written
}

/** Rings for the next rule of this source that was started together with the others and has not begun; children of one parent never meet. */
export async function ringNext(ctx: Context, batchId: string, lane: string): Promise<void> {
  const rows = await ctx.db.select().from(retentionRuns).where(eq(retentionRuns.batch_id, batchId)).orderBy(asc(retentionRuns.id))
  const fresh = new Map(rows.filter(({ state, epoch }) => state === 'running' && epoch === 0).map((row) => [row.rule, row]))
  const next = actingRules(ctx.policy).find((rule) => rule.lane === lane && fresh.has(rule.id))
  const row = next === undefined ? undefined : fresh.get(next.id)
  if (row !== undefined) await enqueue(ctx, 'run_rule', { run_id: row.id })
}
