import { and, eq, inArray, isNull, sql, type SQL } from 'drizzle-orm'
import { shredRecoveryCopy } from '../archives/recovery.ts'
import { eraseArchive } from '../archives/store.ts'
import type { Context } from '../context.ts'
import { recoveryCopies } from '../db/schema/recovery.ts'
import { codes, letters, messages, requests, subjectTokens } from '../db/schema/requests.ts'
import { archives, intents, steps } from '../db/schema/work.ts'
import { verb, type VerbContext } from '../verb.ts'
import { holdsFor } from '../standing/protected.ts'
import { throughGate } from '../standing/gate.ts'
import { parseIdentifiers } from '../standing/identifier.ts'
import { isOver } from './own-traces.ts'

/** The record of a request stays at least so long after its answer (11 CCR §7101), whatever the policy says. */
const LOG_FLOOR = 'P24M'

/** How many case files went, how many had to stay under a legal hold. */
export interface CasesErased {
  readonly case_files: number
  readonly never_proven: number
  readonly held: number
}

/** How many are due; held ones are among them, since only their erasure looks who is meant. */
export async function countDueCases(ctx: Context, now: Date): Promise<Omit<CasesErased, 'held'>> {
  const files = await idsWhere(ctx, isFileOver(ctx, now))
  const unproven = await idsWhere(ctx, isNeverProven(ctx, now))
  return { case_files: files.length, never_proven: unproven.filter((id) => !files.includes(id)).length }
}

/**
 * Erases case files at their end, with keys, archives and letters, and requests that nobody ever proved. What is left of a request that
 * Californian law may cover is its six fields without a person (11 CCR §7101(b)); the file of somebody under legal hold stays.
 */
export async function eraseDueCases(ctx: Context, now: Date): Promise<CasesErased> {
  const counts = { case_files: 0, never_proven: 0, held: 0 }
  for (const id of await idsWhere(ctx, isFileOver(ctx, now))) {
    const outcome = await throughGate(ctx, 'own records', async () => ((await isHeld(ctx, id)) ? 'held' : eraseCase(ctx, { id, now })))
    if (outcome === 'held') counts.held += 1
    if (outcome === 'erased') counts.case_files += 1
  }
  for (const id of await idsWhere(ctx, isNeverProven(ctx, now)))
    counts.never_proven += (await eraseUnproven(ctx, { id, now })) === 'erased' ? 1 : 0
  return counts
}

const eraseCase = verb(
  { name: 'eraseCase', permission: 'system', audit: 'request.erased_by_retention', quiet: true },
  async (ctx, { id, now }: { id: string; now: Date }): Promise<'erased' | 'not_due'> => eraseIf(ctx, id, isFileOver(ctx, now), 'case_file'),
)

const eraseUnproven = verb(
  { name: 'eraseUnproven', permission: 'system', audit: 'request.erased_by_retention', quiet: true },
  async (ctx, { id, now }: { id: string; now: Date }): Promise<'erased' | 'not_due'> =>
    eraseIf(ctx, id, isNeverProven(ctx, now), 'never_proven'),
)

/** A late proof may have reopened it since it was found, so the row is locked and judged again. */
async function eraseIf(
  ctx: VerbContext,
  id: string,
  due: SQL | undefined,
  why: 'case_file' | 'never_proven',
): Promise<'erased' | 'not_due'> {
  const [request] = await ctx.db
    .select()
    .from(requests)
    .where(and(eq(requests.id, id), due))
    .for('update')
  if (request === undefined) return 'not_due'
  const built = await ctx.db.select({ id: archives.id, key_id: archives.key_id }).from(archives).where(eq(archives.request_id, id))
  for (const archive of built) await eraseArchive(ctx, archive)
  for (const copy of await ctx.db.select().from(recoveryCopies).where(eq(recoveryCopies.request_id, id))) await shredRecoveryCopy(ctx, copy)
  // Keys go before rows: after a crash the row is still there and tried again, while a key without its row would be forgotten.
  await ctx.keys.shred(request.key_id)
  const californian = why === 'never_proven' && [request.regime, ...request.candidate_regimes].includes('ccpa')
  await (californian ? keepSixFields(ctx, id) : deleteCase(ctx, id))
  await ctx.record('request.erased_by_retention', { case: request.reference, why, kept: californian ? 'six_fields' : 'nothing' })
  return 'erased'
}

async function deleteCase(ctx: Context, id: string): Promise<void> {
  const own = ctx.db.select({ id: steps.id }).from(steps).where(eq(steps.request_id, id))
  await ctx.db.delete(intents).where(inArray(intents.step_id, own))
  await ctx.db.delete(requests).where(eq(requests.id, id))
}

async function keepSixFields(ctx: Context, id: string): Promise<void> {
  for (const table of [letters, messages, codes, subjectTokens]) await ctx.db.delete(table).where(eq(table.request_id, id))
  const nobody = Object.fromEntries([...PERSONAL, 'email_lookup', 'residence'].map((column) => [column, null]))
  await ctx.db.update(requests).set(nobody).where(eq(requests.id, id))
}

/** Sealed columns of a request: while one holds something, the request is somebody's. */
const PERSONAL = [
  'email',
  'name',
  'postal_address',
  'identifiers',
  'details',
  'corrections',
  'requester',
  'proven',
  'refusal_facts',
] as const

async function isHeld(ctx: Context, id: string): Promise<boolean> {
  const [request] = await ctx.db.select().from(requests).where(eq(requests.id, id))
  if (request === undefined) return false
  const { proven, email } = request
  const identifiers =
    proven !== null
      ? parseIdentifiers(await ctx.keys.open(`requests.proven:${id}`, proven))
      : email !== null
        ? { email: [[await ctx.keys.open(`requests.email:${id}`, email)]] }
        : {}
  return (await holdsFor(ctx, identifiers)).some(({ collection }) => collection === undefined)
}

function isFileOver(ctx: Context, now: Date): SQL | undefined {
  const { zone } = ctx.policy.main
  const closed = sql`${requests.closed_at}`
  return and(isOver(closed, ctx.policy.own_records.case_file, zone, now), isOver(closed, LOG_FLOOR, zone, now))
}

function isNeverProven(ctx: Context, now: Date): SQL | undefined {
  const personal = sql.join(
    PERSONAL.map((column) => sql`${requests[column]}`),
    sql`, `,
  )
  const over = isOver(sql`${requests.received_at}`, ctx.policy.own_records.never_proven, ctx.policy.main.zone, now)
  return and(eq(requests.state, 'expired'), isNull(requests.proven_at), over, sql`coalesce(${personal}) is not null`)
}

async function idsWhere(ctx: Context, due: SQL | undefined): Promise<readonly string[]> {
  const rows = await ctx.db.select({ id: requests.id }).from(requests).where(due).orderBy(requests.id)
  return rows.map(({ id }) => id)
}
