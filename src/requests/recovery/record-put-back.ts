import { randomUUIDv7 } from 'node:crypto'
import { and, eq, inArray } from 'drizzle-orm'
import { canonicalJson, sha256Hex } from '../../canonical.ts'
import type { Context } from '../../context.ts'
import { recoveryCopies, type RecoveryConflict } from '../../db/schema/recovery.ts'
import { putBackLedger } from '../../db/schema/retention.ts'
import { intents, receipts } from '../../db/schema/work.ts'
import { enqueue } from '../../outbox.ts'
import type { PutBackOutcome } from '../../sources/source.ts'
import { verb, type VerbContext } from '../../verb.ts'
import type { RequestRow } from '../transition.ts'
import { agreedFinding, findingsOf, type CopyRow } from './copies.ts'

/** The outcome at one source. */
interface Put {
  readonly request: RequestRow
  readonly copies: readonly CopyRow[]
  readonly outcome: PutBackOutcome
}

/**
 * Writes down what putting back at one source led to, with a receipt: the copies are spent and the persons no longer count as erased, or what is
 * in the way stands beside the copies.
 */
export const recordPutBack = verb(
  { name: 'recordPutBack', permission: 'system', audit: ['recovery.put_back', 'recovery.blocked'], quiet: true },
  async (ctx, { request, copies, outcome }: Put): Promise<void> => {
    const [first] = copies
    const blocked = outcome.conflicts.length > 0
    // What is in the way is told once, beside the first piece.
    const ids = copies.slice(0, blocked ? 1 : undefined).map(({ id }) => id)
    const mine = and(inArray(recoveryCopies.id, ids), eq(recoveryCopies.state, 'kept'))
    const conflicts = conflictsOf(ctx, first?.source ?? '', outcome)
    const spent = { state: 'put_back', ended_at: ctx.clock.now(), conflicts: null, failure: null } as const
    const changed = await ctx.db
      .update(recoveryCopies)
      .set(blocked ? { conflicts, failure: null } : spent)
      .where(mine)
      .returning({ id: recoveryCopies.id })
    if (first === undefined || changed.length === 0) return
    if (!blocked) {
      await rememberPutBack(ctx, copies)
      // They have served; key and bytes go next.
      await enqueue(ctx, 'shred_copies', { request_id: request.id })
    }
    const said = { source: first.source, confirmed_by: outcome.confirmed_by, rows: outcome.rows, conflicts }
    await writeReceipt(ctx, request, { finding: agreedFinding(await findingsOf(ctx, [request.id])), ...said })
    if (blocked) await ctx.record('recovery.blocked', { case: request.reference, source: first.source, conflicts: conflicts.map(inWords) })
    else await ctx.record('recovery.put_back', { case: request.reference, source: first.source, rows: outcome.rows })
  },
)

/** Keyed digests stand in for the primary keys, as in an intent. */
function conflictsOf(ctx: Context, source: string, { conflicts }: PutBackOutcome): RecoveryConflict[] {
  return conflicts.map(({ keys, ...conflict }) => ({
    ...conflict,
    digests: keys.map((key) => ctx.keys.digest('primary_key', JSON.stringify([source, conflict.collection, ...key]))),
  }))
}

function inWords({ collection, kind, constraint, rows }: RecoveryConflict): string {
  return `${collection}: ${kind}${constraint === '' ? '' : ` (${constraint})`}, ${rows} rows`
}

/** A replay after a restore would erase them again. */
async function rememberPutBack(ctx: VerbContext, copies: readonly CopyRow[]): Promise<void> {
  const stepIds = [...new Set(copies.map(({ step_id }) => step_id))]
  const source = copies[0]?.source ?? ''
  const intended = await ctx.db.select({ digests: intents.key_digests }).from(intents).where(inArray(intents.step_id, stepIds))
  const put_back_at = ctx.clock.now()
  const rows = intended.flatMap(({ digests }) =>
    digests.map((entry) => {
      const [collection = '', digest = ''] = entry.split(':')
      return { digest, source, collection, put_back_at }
    }),
  )
  if (rows.length > 0) await ctx.db.insert(putBackLedger).values(rows).onConflictDoNothing()
}

async function writeReceipt(ctx: VerbContext, request: RequestRow, said: Readonly<Record<string, unknown>>): Promise<void> {
  const at = ctx.clock.now()
  const body = { kind: 'recovery', case: request.reference, policy: ctx.policy.hash, ...said, at: at.toISOString() }
  const text = canonicalJson(body)
  await ctx.db
    .insert(receipts)
    .values({ id: randomUUIDv7(), request_id: request.id, body, hash: sha256Hex(text), signature: ctx.keys.sign(text), at })
}
