import { and, asc, eq, isNull, lte, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { outbox } from '../db/schema/running.ts'
import { performJob, type Handlers } from './perform.ts'

const MOST = 10_000

/**
 * Works off, in this process and in order, every job that is due by the context's clock, and those they leave behind; answers how many were
 * done. The first failure is thrown as it is, unless `keepGoing`: then the job waits for its next try as it would in a worker.
 */
export async function runDueJobs(ctx: Context, options: { handlers?: Handlers; keepGoing?: boolean } = {}): Promise<number> {
  const handlers = options.handlers ?? (await import('./handlers.ts')).HANDLERS
  let done = 0
  for (let tries = 0; tries < MOST; tries++) {
    const [row] = await ctx.db
      .select({ id: outbox.id })
      .from(outbox)
      .where(and(isNull(outbox.done_at), lte(outbox.not_before, ctx.clock.now())))
      .orderBy(asc(outbox.not_before), asc(outbox.id))
      .limit(1)
    if (row === undefined) return done
    await ctx.db
      .update(outbox)
      .set({ rings: sql`${outbox.rings} + 1`, rung_at: sql`clock_timestamp()` })
      .where(eq(outbox.id, row.id))
    const performed = await performJob(ctx, handlers, row.id)
    if (performed.kind === 'failed' && options.keepGoing !== true) throw performed.error
    if (performed.kind === 'done') done += 1
  }
  throw new Error(`more than ${MOST} jobs: one of them asks for itself again without end`)
}
