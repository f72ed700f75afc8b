import { actingAs, type Context } from '../context.ts'
import { codeOf } from './code-of.ts'

type Act = (ctx: Context) => Promise<unknown>

/**
 * By name: when it rings, and what is looked at then. A cron `pattern` (UTC) rings in one of the working processes, `everyMs` in each. A
 * missed ring loses nothing and a double one does nothing, since every act looks at all that is due.
 */
export type Schedules = Readonly<
  Record<string, { readonly acts: readonly Act[] } & ({ readonly pattern: string } | { readonly everyMs: number })>
>

/** Does all acts of a schedule, each though another fails; the next ring finds what is left. */
export async function runSchedule(ctx: Context, schedules: Schedules, name: string): Promise<void> {
  const system = actingAs(ctx, { kind: 'system', name })
  for (const act of schedules[name]?.acts ?? []) {
    try {
      await act(system)
    } catch (error) {
      ctx.log.error({ schedule: name, failure: codeOf(error) }, 'schedule failed')
    }
  }
}

/** Runs the schedules that ring in every process, each again so long after it has finished; `close` waits for those under way. */
export function startTimers(ctx: Context, schedules: Schedules): { close: () => Promise<void> } {
  const timers = Object.entries(schedules).flatMap(([name, schedule]) =>
    'everyMs' in schedule ? [repeat(() => runSchedule(ctx, schedules, name), schedule.everyMs, 0)] : [],
  )
  return {
    async close() {
      await Promise.all(timers.map((timer) => timer.close()))
    },
  }
}

/** Does something again and again, each time so long after it has finished; `close` waits for what is under way. */
export function repeat(act: () => Promise<void>, pauseMs: number, firstMs: number): { close: () => Promise<void> } {
  let closing = false
  let working: Promise<void> = Promise.resolve()
  const tick = async (): Promise<void> => {
    await act()
    if (!closing) timer = later(pauseMs)
  }
  const later = (ms: number): NodeJS.Timeout => setTimeout(() => void (working = tick()), ms)
  let timer = later(firstMs)
  return {
    async close() {
      closing = true
      clearTimeout(timer)
      await working
    },
  }
}
