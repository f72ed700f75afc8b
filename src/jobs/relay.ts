import { and, asc, inArray, isNotNull, isNull, lte, or, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { outbox } from '../db/schema/running.ts'
import { OUTBOX_CHANNEL } from '../outbox.ts'
import { codeOf } from './code-of.ts'
import { listenTo } from './listen.ts'
import type { Bell } from './queue.ts'

const BATCH = 100
const POLL_MS = 1_000

/**
 * Carries committed outbox rows to the queue, woken by the commit and once a second. `alone` says that no other process works on this
 * database: whatever was rung before then belongs to a process that is gone, and is rung again at once.
 */
export async function startRelay(
  ctx: Context,
  bell: Bell,
  options: { url: string; alone: boolean },
): Promise<{ close: () => Promise<void> }> {
  if (options.alone) await forgetRings(ctx)
  const alarm = makeAlarm()
  const ear = listenTo(options.url, OUTBOX_CHANNEL, alarm.wake, (error) => ctx.log.warn({ failure: codeOf(error) }, 'relay lost its ear'))
  const state = { closing: false }
  const work = async (): Promise<void> => {
    while (!state.closing) {
      const rung = await ringDue(ctx, bell).catch((error: unknown) => {
        ctx.log.warn({ failure: codeOf(error) }, 'relay could not ring')
        return 0
      })
      if (rung < BATCH && !state.closing) await alarm.sleep(POLL_MS)
    }
  }
  const working = work()
  return {
    async close() {
      state.closing = true
      alarm.wake()
      await Promise.all([working, ear.close()])
    },
  }
}

/** Rings for what is due: never rung, or rung over a minute ago and not done since. Answers how many; two relays share them out. */
export async function ringDue(ctx: Context, bell: Bell): Promise<number> {
  return ctx.db.transaction(async (tx) => {
    // What is due is decided by our clock; whether a worker is still alive by the database's, which all processes share.
    const lost = or(isNull(outbox.rung_at), sql`${outbox.rung_at} < clock_timestamp() - interval '60 seconds'`)
    const rows = await tx
      .select({ id: outbox.id, name: outbox.name, rings: outbox.rings })
      .from(outbox)
      .where(and(isNull(outbox.done_at), lte(outbox.not_before, ctx.clock.now()), lost))
      .orderBy(asc(outbox.not_before), asc(outbox.id))
      .limit(BATCH)
      .for('update', { skipLocked: true })
    if (rows.length === 0) return 0
    await Promise.all(rows.map(({ id, name, rings }) => bell.ring({ id: `outbox-${id}-${rings + 1}`, name, outbox_id: id })))
    const again = { rings: sql`${outbox.rings} + 1`, rung_at: sql`clock_timestamp()` }
    await tx
      .update(outbox)
      .set(again)
      .where(
        inArray(
          outbox.id,
          rows.map(({ id }) => id),
        ),
      )
    return rows.length
  })
}

async function forgetRings(ctx: Context): Promise<void> {
  await ctx.db
    .update(outbox)
    .set({ rung_at: null })
    .where(and(isNull(outbox.done_at), isNotNull(outbox.rung_at)))
}

/** A sleep that `wake` ends; a wake that comes while nobody sleeps is kept for the next sleep. */
function makeAlarm(): { wake: () => void; sleep: (ms: number) => Promise<void> } {
  let woken = false
  let rouse = (): void => {}
  return {
    wake() {
      woken = true
      rouse()
    },
    async sleep(ms) {
      if (!woken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          rouse = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      woken = false
      rouse = () => {}
    },
  }
}
