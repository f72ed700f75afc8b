import { and, eq, isNull, sql } from 'drizzle-orm'
import { actingAs, type Context } from '../context.ts'
import { outbox } from '../db/schema/running.ts'
import { JOBS, type JobName, type JobPayload } from '../outbox.ts'
import { codeOf } from './code-of.ts'

/** For every job one line that calls a verb; the payload has been parsed. */
export type Handlers = { readonly [N in JobName]: (ctx: Context, payload: JobPayload<N>) => Promise<unknown> }

/** What became of one try: done, put off after a failure, or nothing left to do. */
export type Performed = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly error: unknown } | { readonly kind: 'nothing' }

// Well under the minute after which the relay takes a job for lost.
const HEARTBEAT_MS = 15_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 15 * 60_000

/**
 * Does the job of one outbox row and marks it done. A failure is kept as a code and the row put off: 1 s, 2 s, 4 s … 15 min, without end,
 * because what a case needs is never given up. Throws only when not even that could be written down.
 */
export async function performJob(ctx: Context, handlers: Handlers, id: string): Promise<Performed> {
  const [row] = await ctx.db
    .select()
    .from(outbox)
    .where(and(eq(outbox.id, id), isNull(outbox.done_at)))
  if (row === undefined) return { kind: 'nothing' }
  const system = actingAs(ctx, { kind: 'system', name: 'jobs' })
  try {
    await whileAlive(ctx, id, () => callHandler(system, handlers, row.name, row.payload))
  } catch (error) {
    ctx.log.warn({ job: row.name, outbox: id, rings: row.rings, failure: codeOf(error) }, 'job put off')
    const pause = pauseAfter(row.rings)
    const again = { rung_at: null, not_before: new Date(ctx.clock.now().getTime() + pause), failure: codeOf(error) }
    await ctx.db
      .update(outbox)
      .set(again)
      .where(and(eq(outbox.id, id), isNull(outbox.done_at)))
    return { kind: 'failed', error }
  }
  await ctx.db
    .update(outbox)
    .set({ done_at: ctx.clock.now(), failure: null })
    .where(and(eq(outbox.id, id), isNull(outbox.done_at)))
  return { kind: 'done' }
}

/** The pause in milliseconds before the try after this many rings. */
export function pauseAfter(rings: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, rings - 1), LONGEST_PAUSE_MS)
}

function isJobName(name: string): name is JobName {
  return Object.hasOwn(JOBS, name)
}

async function callHandler(ctx: Context, handlers: Handlers, name: string, payload: unknown): Promise<void> {
  if (!isJobName(name)) throw Object.assign(new Error('a job of another version'), { code: 'unknown_job' })
  await callNamed(ctx, handlers, name, payload)
}

function callNamed<N extends JobName>(ctx: Context, handlers: Handlers, name: N, payload: unknown): Promise<unknown> {
  // The table of schemas is keyed by the same name, which the compiler cannot follow through `parse`.
  return handlers[name](ctx, JOBS[name].parse(payload) as JobPayload<N>)
}

/** Tells the relay, by the database's clock, that somebody is at work on this row, so that a long job is not rung again. */
async function whileAlive(ctx: Context, id: string, act: () => Promise<unknown>): Promise<void> {
  const beat = (): void => {
    const alive = ctx.db
      .update(outbox)
      .set({ rung_at: sql`clock_timestamp()` })
      .where(and(eq(outbox.id, id), isNull(outbox.done_at)))
    alive.catch((error: unknown) => ctx.log.warn({ outbox: id, failure: codeOf(error) }, 'heartbeat failed'))
  }
  const heart = setInterval(beat, HEARTBEAT_MS).unref()
  try {
    await act()
  } finally {
    clearInterval(heart)
  }
}
