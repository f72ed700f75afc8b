import { and, eq } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { confirmedRules, retentionRuns } from '../db/schema/retention.ts'
import type { DueCount } from '../sources/source.ts'
import { verb } from '../verb.ts'
import { ruleHash, type ActingRule } from './acting-rules.ts'
import { ringNext } from './begin-runs.ts'
import { reasonToWait, type Confirmation } from './guard.ts'
import { countOwnRecords } from './own-records.ts'
import type { RunRow } from './run-view.ts'
import { weigh } from './weigh.ts'

/**
 * The run under a new epoch, which is this worker's: whoever had it before can begin no further batch. Undefined when it waits for a person
 * now, or when somebody else was quicker. What has not been counted under this policy is counted first: until then a run has epoch 0, or
 * another policy's hash.
 */
export async function takeRun(ctx: Context, run: RunRow, rule: ActingRule): Promise<RunRow | undefined> {
  if (run.epoch > 0 && run.policy_hash === ctx.policy.hash) {
    const [taken] = await ctx.db
      .update(retentionRuns)
      .set({ epoch: run.epoch + 1 })
      .where(unchanged(run))
      .returning()
    return taken
  }
  const count = rule.kind === 'purge' ? await weigh(ctx, rule, run.started_at) : await weighOwnRecords(ctx, run.started_at)
  return weighRun(ctx, { run, rule, count })
}

async function weighOwnRecords(ctx: Context, now: Date): Promise<DueCount> {
  const { due, held } = await countOwnRecords(ctx, now)
  return { due, held, table_rows: due + held, oldest: null }
}

/** The run with what it found due, in the hands of this worker; or waiting for a person, and then undefined. */
const weighRun = verb(
  { name: 'weighRun', permission: 'system', audit: 'retention.run_waiting', quiet: true },
  async (ctx, { run, rule, count }: { run: RunRow; rule: ActingRule; count: DueCount }): Promise<RunRow | undefined> => {
    const waits_for = rule.kind === 'own_records' || rule.mode === 'observe' ? undefined : await reasonFor(ctx, rule, count)
    const [weighed] = await ctx.db
      .update(retentionRuns)
      .set({
        epoch: run.epoch + 1,
        state: waits_for === undefined ? 'running' : 'waiting',
        waits_for: waits_for ?? null,
        mode: rule.mode,
        policy_hash: ctx.policy.hash,
        due: run.done + count.due,
        held: count.held,
        // What somebody confirmed under another policy was another run.
        confirmed_by: null,
      })
      .where(unchanged(run))
      .returning()
    if (weighed === undefined || waits_for === undefined) return weighed
    await ctx.record('retention.run_waiting', { run: run.id, rule: rule.id, due: count.due, table_rows: count.table_rows, waits_for })
    await ringNext(ctx, run.batch_id, rule.lane)
    return undefined
  },
)

async function reasonFor(ctx: Context, rule: ActingRule, count: DueCount): Promise<string | undefined> {
  return reasonToWait(count, await confirmationOf(ctx, rule), ctx.policy.decisions.purge_guard_percent)
}

/** Whether this wording of a rule was confirmed before, and by whom. */
async function confirmationOf(ctx: Context, rule: ActingRule): Promise<Confirmation> {
  const [row] = await ctx.db
    .select()
    .from(confirmedRules)
    .where(and(eq(confirmedRules.rule, rule.id), eq(confirmedRules.rule_hash, ruleHash(rule))))
  // A database that once was a demonstration's confirms nothing for anybody else.
  if (row === undefined || (row.by_demo && ctx.demo === undefined)) return { confirmed: false, by_demo: false }
  return { confirmed: true, by_demo: row.by_demo }
}

function unchanged(run: RunRow) {
  return and(eq(retentionRuns.id, run.id), eq(retentionRuns.state, 'running'), eq(retentionRuns.epoch, run.epoch))
}
