import { randomUUIDv7 } from 'node:crypto'
import { and, eq, isNull } from 'drizzle-orm'
import { canonicalJson, sha256Hex } from '../../canonical.ts'
import type { Context } from '../../context.ts'
import { erasureLedger } from '../../db/schema/retention.ts'
import { intents, receipts, steps } from '../../db/schema/work.ts'
import { enqueue } from '../../outbox.ts'
import { verb, type VerbContext } from '../../verb.ts'
import type { ClaimedStep } from './claim.ts'
import type { Intent } from './intend.ts'

export interface Settled {
  readonly intent: Intent
  readonly confirmed_by: 'effect' | 'marker' | 'reread'
  readonly rows: Readonly<Record<string, number>>
  readonly left: Readonly<Record<string, number>>
}

/** Writes the outcome of a step: the intent settled, the receipt, the ledger of erased roots, and the bell for what comes next. */
export const settleStep = verb(
  { name: 'settleStep', permission: 'system', audit: 'step.done', quiet: true },
  async (ctx, { claimed, settled }: { claimed: ClaimedStep; settled: Settled }): Promise<void> => {
    const { step, request } = claimed
    ctx.failpoint('before_outcome')
    if (!(await finishStep(ctx, claimed))) return
    const now = ctx.clock.now()
    await ctx.db
      .update(intents)
      .set({ settled_at: now, confirmed_by: settled.confirmed_by, rows: { ...settled.rows } })
      .where(and(eq(intents.id, settled.intent.id), isNull(intents.settled_at)))
    await writeReceipt(ctx, claimed, { ...settled, expected: settled.intent.expected, would: false })
    await rememberErased(ctx, claimed, settled.intent, now)
    await ctx.record('step.done', {
      case: request.reference,
      step: step.id,
      epoch: step.epoch,
      source: step.source,
      confirmed_by: settled.confirmed_by,
      rows: settled.rows,
      left: settled.left,
    })
    ctx.failpoint('after_outcome_before_outbox')
    await enqueue(ctx, 'advance_request', { request_id: request.id })
  },
)

/** Marks a step as done under the epoch it was claimed with; false for a worker that has been overtaken. */
export async function finishStep(ctx: Context, { step }: ClaimedStep): Promise<boolean> {
  const done = await ctx.db
    .update(steps)
    .set({ state: 'done', done_at: ctx.clock.now() })
    .where(and(eq(steps.id, step.id), eq(steps.epoch, step.epoch), eq(steps.state, 'running')))
    .returning({ id: steps.id })
  return done.length === 1
}

/** The signed statement of a step: counts, hashes, times, never values; `would` when nothing was done. */
export async function writeReceipt(
  ctx: VerbContext,
  { step, request, changes }: ClaimedStep,
  stated: {
    confirmed_by: string
    would: boolean
    expected: Readonly<Record<string, number>>
    rows: Readonly<Record<string, number>>
    left: Readonly<Record<string, number>>
  },
): Promise<void> {
  const at = ctx.clock.now()
  const body = {
    kind: 'step',
    case: request.reference,
    step: step.id,
    epoch: step.epoch,
    source: step.source,
    policy: ctx.policy.hash,
    would: stated.would,
    confirmed_by: stated.confirmed_by,
    actions: changes.map(({ selection, action }) => ({ collection: selection.collection, action: action.kind })),
    expected: stated.expected,
    rows: stated.rows,
    left: stated.left,
    at: at.toISOString(),
  }
  const text = canonicalJson(body)
  await ctx.db.insert(receipts).values({
    id: randomUUIDv7(),
    request_id: request.id,
    step_id: step.id,
    body,
    hash: sha256Hex(text),
    signature: ctx.keys.sign(text),
    at,
  })
}

/** Keyed digests of the persons' rows that are gone: what a replay after a restore goes by. */
async function rememberErased(ctx: VerbContext, claimed: ClaimedStep, intent: Intent, now: Date): Promise<void> {
  const rows = intent.key_digests.map((entry) => {
    const [collection = '', digest = ''] = entry.split(':')
    return { digest, source: claimed.step.source, collection, erased_at: now }
  })
  if (rows.length > 0) await ctx.db.insert(erasureLedger).values(rows).onConflictDoNothing()
}
