import type { Context } from '../context.ts'
import { actingAs } from '../context.ts'
import { HANDLERS } from '../jobs/handlers.ts'
import { startWork } from '../jobs/run.ts'
import type { Schedules } from '../jobs/run-schedule.ts'
import { SCHEDULES } from '../jobs/schedules.ts'
import type { Closers } from './closers.ts'
import { recordStart } from './record-start.ts'

/** Keeps the policy and writes down the start, as the system. */
export async function announce(ctx: Context, process: string): Promise<void> {
  await recordStart(actingAs(ctx, { kind: 'system', name: 'start' }), { process })
}

/** Does the work of the queue in this process until it closes. */
export async function workHere(ctx: Context, closers: Closers, options: { alone: boolean; schedules?: Schedules }): Promise<void> {
  const work = await startWork(ctx, { handlers: HANDLERS, schedules: options.schedules ?? SCHEDULES, alone: options.alone })
  closers.push('workers', work.close)
}
