import { and, eq, isNull, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Database } from '../db/client.ts'
import { idempotencyKeys } from '../db/schema/running.ts'
import { Refusal } from '../errors.ts'
import { openText, sealText } from './crypto.ts'
import type { Keys } from './keys.ts'

/** What idempotency needs of the context; `db` is the pool, never the transaction of the act: others must see at once that it is under way. */
interface Remembering {
  readonly db: Database
  readonly keys: Pick<Keys, 'digest'>
  readonly clock: { now(): Date }
}

const storedAnswer = z.strictObject({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.string() })

/** An answer as it was given: the body is the text that went out. */
export type StoredAnswer = z.infer<typeof storedAnswer>

/** The right to give the one answer to a key; worthless once somebody else has taken over. */
export interface Ticket {
  readonly caller: string
  readonly key: string
  readonly startedAt: Date
  readonly seal: Uint8Array
}

const KEPT_MS = 24 * 3_600_000
// No request is answered for longer than this: its process has died, and the client may try again.
const ABANDONED_MS = 120_000

/**
 * Begins a POST with an Idempotency-Key: a ticket when it must be carried out, or the answer that was given before, for 24 hours.
 * Refusals: `key_reused` with another body, `key_in_flight` while the first is not answered. `body` is the exact text, with method and path.
 */
export async function beginIdempotent(
  ctx: Remembering,
  call: { caller: string; key: string; body: string },
): Promise<Ticket | StoredAnswer> {
  if (!/^[\x21-\x7e]{1,255}$/.test(call.key)) {
    throw new Refusal('invalid_input', [{ pointer: '/headers/idempotency-key', detail: 'expected 1 to 255 visible ASCII characters' }])
  }
  const now = ctx.clock.now()
  const caller = ctx.keys.digest('idempotency', `caller\n${call.caller}`)
  const key = ctx.keys.digest('idempotency', `key\n${call.caller}\n${call.key}`)
  const digest = ctx.keys.digest('idempotency', `body\n${call.caller}\n${call.body}`)
  // Who repeats the call has key and body, the database has neither: only both together open the stored answer.
  const seal = Buffer.from(ctx.keys.digest('idempotency', `seal\n${call.caller}\n${call.key}\n${call.body}`), 'hex')
  const fresh = { caller, key, request_digest: digest, status: null, headers: null, answer: null, started_at: now }
  const taken = await ctx.db
    .insert(idempotencyKeys)
    .values(fresh)
    .onConflictDoUpdate({
      target: [idempotencyKeys.caller, idempotencyKeys.key],
      set: fresh,
      setWhere: sql`${idempotencyKeys.started_at} < ${iso(now, KEPT_MS)} or (${idempotencyKeys.answer} is null
        and ${idempotencyKeys.request_digest} = ${digest} and ${idempotencyKeys.started_at} < ${iso(now, ABANDONED_MS)})`,
    })
    .returning({ started_at: idempotencyKeys.started_at })
  if (taken.length > 0) return { caller, key, startedAt: now, seal }
  return readAnswer(ctx, { caller, key, digest, seal })
}

/** Keeps the answer, sealed, for repeats of the call; nothing when the ticket has lapsed. */
export async function finishIdempotent(ctx: Remembering, ticket: Ticket, answer: StoredAnswer): Promise<void> {
  const sealed = sealText('call', ticket.seal, placeOf(ticket), JSON.stringify(answer))
  await ctx.db.update(idempotencyKeys).set({ status: answer.status, answer: sealed }).where(isOurs(ticket))
}

/** Forgets a call that failed without an answer worth keeping (5xx, 429), so that the same key can be tried again. */
export async function abandonIdempotent(ctx: Remembering, ticket: Ticket): Promise<void> {
  await ctx.db.delete(idempotencyKeys).where(isOurs(ticket))
}

/** Deletes keys and answers older than 24 hours; returns how many. */
export async function forgetOldAnswers(ctx: Pick<Remembering, 'db' | 'clock'>): Promise<number> {
  const cutoff = new Date(ctx.clock.now().getTime() - KEPT_MS)
  const deleted = await ctx.db.delete(idempotencyKeys).where(lt(idempotencyKeys.started_at, cutoff))
  return deleted.rowCount ?? 0
}

async function readAnswer(
  ctx: Remembering,
  call: { caller: string; key: string; digest: string; seal: Uint8Array },
): Promise<StoredAnswer> {
  const [row] = await ctx.db
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.caller, call.caller), eq(idempotencyKeys.key, call.key)))
  if (row !== undefined && row.request_digest !== call.digest) throw new Refusal('key_reused')
  // No row: the first call was abandoned in this very moment.
  if (row === undefined || row.answer === null) throw new Refusal('key_in_flight')
  return storedAnswer.parse(JSON.parse(openText(call.seal, placeOf(call), row.answer)))
}

function isOurs(ticket: Ticket) {
  const { caller, key, started_at, answer } = idempotencyKeys
  return and(eq(caller, ticket.caller), eq(key, ticket.key), eq(started_at, ticket.startedAt), isNull(answer))
}

function iso(now: Date, ago: number): string {
  return new Date(now.getTime() - ago).toISOString()
}

function placeOf(call: { caller: string; key: string }): string {
  return `idempotency_keys.answer:${call.caller}:${call.key}`
}
