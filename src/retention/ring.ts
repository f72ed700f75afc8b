import { and, eq, inArray, notInArray } from 'drizzle-orm'
import { retentionRuns } from '../db/schema/retention.ts'
import { verb, type VerbContext } from '../verb.ts'
import { actingRules } from './acting-rules.ts'
import { beginRuns } from './begin-runs.ts'
import { ringForgotten } from './ring-forgotten.ts'
import { ringIsDue } from './schedule.ts'
import { viewRun, type RunView } from './run-view.ts'

/**
 * The nightly run, at the first ring at or after 02:00 local of each rule, once a local date whoever rings: everything due up to now, so that a
 * night that was missed is made up for. Undefined when nothing was to be started.
 */
export const startDueRuns = verb<void, RunView | undefined>(
  { name: 'startDueRuns', permission: 'system', audit: ['retention.run_started', 'retention.run_stopped'], quiet: true },
  async (ctx) => {
    await ringForgotten(ctx)
    const now = ctx.clock.now()
    const rules = actingRules(ctx.policy).filter((rule) => ringIsDue(now.toISOString(), rule.zone) !== undefined)
    if (rules.length === 0) return undefined
    const written = await beginRuns(ctx, { trigger: 'schedule', now, rules })
    if (written.length === 0) return undefined
    await replaceWaiting(
      ctx,
      written.map(({ rule }) => rule),
      written.map(({ id }) => id),
    )
    return viewRun(written)
  },
)

/** A run that has waited for a person since an earlier night would work with old numbers: the new one waits in its place. */
async function replaceWaiting(ctx: VerbContext, rules: readonly string[], fresh: readonly string[]): Promise<void> {
  const stopped = await ctx.db
    .update(retentionRuns)
    .set({ state: 'stopped', failure: 'A later run took its place.', finished_at: ctx.clock.now() })
    .where(
      and(
        eq(retentionRuns.trigger, 'schedule'),
        eq(retentionRuns.state, 'waiting'),
        inArray(retentionRuns.rule, [...rules]),
        notInArray(retentionRuns.id, [...fresh]),
      ),
    )
    .returning({ id: retentionRuns.id })
  if (stopped.length > 0) await ctx.record('retention.run_stopped', { runs: stopped.map(({ id }) => id), replaced: true })
}
