import { and, eq, inArray } from 'drizzle-orm'
import { retentionRuns } from '../db/schema/retention.ts'
import { Refusal } from '../errors.ts'
import { enqueue } from '../outbox.ts'
import { verb } from '../verb.ts'
import { readRows } from './read-run.ts'
import { viewRun, type RunView } from './run-view.ts'

/** The run without what has not begun: a batch at the source is finished, none is started. Refusal `wrong_state` when it is over. */
export const stopRun = verb(
  { name: 'stopRun', permission: 'retention.run', audit: 'retention.run_stopped' },
  async (ctx, { id }: { id: string }): Promise<RunView> => {
    await readRows(ctx, id)
    const stopped = await ctx.db
      .update(retentionRuns)
      .set({ state: 'stopped', finished_at: ctx.clock.now() })
      .where(and(eq(retentionRuns.batch_id, id), inArray(retentionRuns.state, ['running', 'waiting'])))
      .returning()
    if (stopped.length === 0) throw new Refusal('wrong_state')
    await ctx.record('retention.run_stopped', { run: id, rules: stopped.map(({ rule }) => rule) })
    // Whoever is rung for looks what an open batch did and writes the receipt.
    for (const row of stopped) await enqueue(ctx, 'run_rule', { run_id: row.id })
    return viewRun(await readRows(ctx, id))
  },
)
