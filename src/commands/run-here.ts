import type { Context } from '../context.ts'
import { actingAs } from '../context.ts'
import { HANDLERS } from '../jobs/handlers.ts'
import { startWork } from '../jobs/run.ts'
import type { Schedules } from '../jobs/run-schedule.ts'
import { SCHEDULES } from '../jobs/schedules.ts'
import type { Closers } from './closers.ts'
import { recordStart } from './record-start.ts'

/** Keeps the policy and writes down the start, as the system; the log counts where the sources have moved away from the policy. */
export async function announce(ctx: Context, process: string): Promise<void> {
  await recordStart(actingAs(ctx, { kind: 'system', name: 'start' }), { process })
  // Beside the start: nobody waits for it, and a column that nobody has declared must not keep people from an answer.
  void countDrift(ctx)
}

async function countDrift(ctx: Context): Promise<void> {
  const drift = await ctx.sources.drift().catch(() => undefined)
  if (drift === undefined) return ctx.log.warn('the sources could not be compared with the policy')
  const errors = drift.filter(({ severity }) => severity === 'error').length
  const counts = { errors, warnings: drift.length - errors }
  if (errors > 0) return ctx.log.error(counts, 'the sources hold what the policy does not speak of: habeas policy check --live names it')
  return ctx.log.info(counts, 'the sources hold nothing that the policy does not speak of')
}

/** Does the work of the queue in this process until it closes. */
export async function workHere(ctx: Context, closers: Closers, options: { alone: boolean; schedules?: Schedules }): Promise<void> {
  const work = await startWork(ctx, { handlers: HANDLERS, schedules: options.schedules ?? SCHEDULES, alone: options.alone })
  closers.push('workers', work.close)
}
