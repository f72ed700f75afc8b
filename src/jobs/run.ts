import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { codeOf } from './code-of.ts'
import { performJob, type Handlers } from './perform.ts'
import { openBell, openWorker, queueUrl, type Bell, type Ring } from './queue.ts'
import { startRelay } from './relay.ts'
import { repeat, runSchedule, startTimers, type Schedules } from './run-schedule.ts'

const SET_AGAIN_MS = 10 * 60_000

export interface WorkOptions {
  readonly handlers: Handlers
  readonly schedules: Schedules
  /** No other process works on this database (the demo): what a killed one left is taken up at once, not after a minute. */
  readonly alone?: boolean
}

/** Does all work that is not an answer to a person: relay, worker, schedules. `close` lets what is under way finish. */
export async function startWork(ctx: Context, options: WorkOptions): Promise<{ close: () => Promise<void> }> {
  const url = queueUrl(ctx.config)
  const closers: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer()
  }
  const onError = (error: Error): void => ctx.log.warn({ failure: codeOf(error) }, 'queue connection')
  try {
    const bell = await openBell(url, onError)
    closers.push(bell.close)
    const worker = await openWorker(url, answerRings(ctx, options), onError)
    closers.push(worker.close)
    await setSchedules(ctx, bell, options.schedules)
    // A scheduler of the library has been seen to stop without a word (security.md §4): setting it again starts it again.
    closers.push(repeat(() => keepSchedules(ctx, bell, options.schedules), SET_AGAIN_MS, SET_AGAIN_MS).close)
    closers.push(startTimers(ctx, options.schedules).close)
    const relay = await startRelay(ctx, bell, { url: ctx.config.databaseUrl ?? url, alone: options.alone === true })
    closers.push(relay.close)
    return { close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Answers a ring by the row it names, unless this process is at work on that row already. */
function answerRings(ctx: Context, { handlers, schedules }: WorkOptions): (ring: Ring) => Promise<void> {
  const underWay = new Set<string>()
  return async ({ name, outbox_id: id }) => {
    if (id === undefined) return runSchedule(ctx, schedules, name)
    if (underWay.has(id)) return
    underWay.add(id)
    try {
      await performJob(ctx, handlers, id)
    } catch (error) {
      // The queue keeps messages and stacks in clear text, so it gets the code and no cause; the relay rings again.
      // oxlint-disable-next-line preserve-caught-error
      throw new Error(codeOf(error))
    } finally {
      underWay.delete(id)
    }
  }
}

async function keepSchedules(ctx: Context, bell: Bell, schedules: Schedules): Promise<void> {
  await setSchedules(ctx, bell, schedules).catch((error: unknown) => ctx.log.warn({ failure: codeOf(error) }, 'schedules not set'))
}

async function setSchedules(ctx: Context, bell: Bell, schedules: Schedules): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    // Two processes that set the same schedule at once can make its next job twice (security.md §4).
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('habeas schedules', 0))`)
    for (const [name, schedule] of Object.entries(schedules)) if ('pattern' in schedule) await bell.schedule(name, schedule.pattern)
  })
}
