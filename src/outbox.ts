import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Context } from './context.ts'
import { outbox } from './db/schema/running.ts'

/** Every job there is, with its payload: ids only, never personal data (a queue stores payloads in clear text). */
export const JOBS = {
  send_letter: z.strictObject({ letter_id: z.uuid() }),
  plan_request: z.strictObject({ request_id: z.uuid() }),
  advance_request: z.strictObject({ request_id: z.uuid() }),
  carry_out_step: z.strictObject({ step_id: z.uuid() }),
  build_archive: z.strictObject({ step_id: z.uuid() }),
  put_back_copies: z.strictObject({ request_id: z.uuid() }),
  shred_copies: z.strictObject({ request_id: z.uuid() }),
  run_rule: z.strictObject({ run_id: z.uuid() }),
} as const

export type JobName = keyof typeof JOBS
export type JobPayload<N extends JobName> = z.infer<(typeof JOBS)[N]>

/** The channel on which a commit with outbox rows wakes the relay. */
export const OUTBOX_CHANNEL = 'habeas_outbox'

/** Writes a job into the caller's transaction; it rings once that has committed, and not before `notBefore`. */
export async function enqueue<N extends JobName>(ctx: Context, name: N, payload: JobPayload<N>, notBefore?: Date): Promise<void> {
  await ctx.db
    .insert(outbox)
    .values({ id: randomUUIDv7(), name, payload: JOBS[name].parse(payload), not_before: notBefore ?? ctx.clock.now() })
  await ctx.db.execute(sql`select pg_notify(${OUTBOX_CHANNEL}, '')`)
}
