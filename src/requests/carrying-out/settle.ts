import { randomUUIDv7 } from 'node:crypto'
import { and, eq, isNull } from 'drizzle-orm'
import { canonicalJson, sha256Hex } from '../../canonical.ts'
import type { Context } from '../../context.ts'
import { erasureLedger } from '../../db/schema/retention.ts'
import { intents, receipts, steps } from '../../db/schema/work.ts'
import { enqueue } from '../../outbox.ts'
import { verb, type VerbContext } from '../../verb.ts'
import type { Outcome } from '../../sources/source.ts'
import { countCopy } from '../recovery/count-copy.ts'
import { isAbout, sumRows } from './batches.ts'
import type { ClaimedStep } from './claim.ts'
import { intentsOf, sealKeys, type Intent } from './intend.ts'

type Rows = Readonly<Record<string, number>>

/** What has become of the step: it is done, it goes on with another batch, or somebody else has taken it. */
type After = 'done' | 'goes on' | 'taken'

/**
 * Writes the outcome of a batch: the intent settled and the ledger of erased roots. When the batch was the whole step and nothing is left of
 * it, the step ends in the same transaction.
 */
export const settleStepBatch = verb(
  { name: 'settleStepBatch', permission: 'system', audit: ['step.batch_done', 'step.done', 'recovery.kept'], quiet: true },
  async (
    ctx,
    { claimed, intent, outcome, alone }: { claimed: ClaimedStep; intent: Intent; outcome: Outcome; alone: boolean },
  ): Promise<After> => {
    const { step, request } = claimed
    const { confirmed_by, rows, left } = outcome
    ctx.failpoint('before_outcome', step.source)
    if (!(await isOurs(ctx, claimed))) return 'taken'
    const now = ctx.clock.now()
    const last = intent.keys?.at(-1)
    await ctx.db
      .update(intents)
      .set({
        settled_at: now,
        confirmed_by,
        rows: { ...rows },
        left: { ...left },
        keys: last === undefined ? null : await sealKeys(ctx, claimed, intent.id, [last]),
      })
      .where(and(eq(intents.id, intent.id), isNull(intents.settled_at)))
    await rememberErased(ctx, claimed, intent, now)
    await countCopy(ctx, { claimed, batch: intent.batch, confirmed_by, rows })
    const nothingLeft = Object.values(left).every((number) => number === 0)
    if (alone && nothingLeft && intent.keys === undefined && claimed.changes.every((change) => isAbout(intent, change))) {
      await end(ctx, claimed)
      return 'done'
    }
    const { source, epoch } = step
    const detail = { case: request.reference, step: step.id, epoch, source, batch: intent.batch }
    await ctx.record('step.batch_done', { ...detail, confirmed_by, rows, left })
    return 'goes on'
  },
)

/** Ends a step of which no batch is left: a look has just found nothing more to do. */
export const endStep = verb(
  { name: 'endStep', permission: 'system', audit: 'step.done', quiet: true },
  async (ctx, { claimed }: { claimed: ClaimedStep }): Promise<void> => {
    if (await isOurs(ctx, claimed)) await end(ctx, claimed)
  },
)

async function end(ctx: VerbContext, claimed: ClaimedStep): Promise<void> {
  const { step, request } = claimed
  if (!(await finishStep(ctx, claimed))) return
  const all = await intentsOf(ctx, step.id)
  const rows = sumRows(all, ({ settled }) => settled?.rows ?? {})
  const left = Object.fromEntries(Object.keys(rows).map((collection) => [collection, 0]))
  const confirmed_by = weakest(all)
  const expected = sumRows(all, (intent) => intent.expected)
  await writeReceipt(ctx, claimed, { confirmed_by, would: false, actions: actionsOf(all), batches: all.length, expected, rows, left })
  // Which rows they were is needed no more.
  await ctx.db.update(intents).set({ keys: null }).where(eq(intents.step_id, step.id))
  const { source, epoch } = step
  await ctx.record('step.done', { case: request.reference, step: step.id, epoch, source, batches: all.length, confirmed_by, rows, left })
  ctx.failpoint('after_outcome_before_outbox', step.source)
  await enqueue(ctx, 'advance_request', { request_id: request.id })
}

/** What the receipt may say of several batches: no more than the least that is known of any. */
function weakest(all: readonly Intent[]): Outcome['confirmed_by'] {
  const known = all.map(({ settled }) => settled?.confirmed_by)
  return (['reread', 'marker'] as const).find((one) => known.includes(one)) ?? 'effect'
}

/** Each collection with what was done to it, once, in the order in which it was begun. */
function actionsOf(all: readonly Intent[]): { collection: string; action: string }[] {
  const actions = all.flatMap(({ predicate }) => predicate.map(({ collection, action }) => ({ collection, action })))
  return [...new Map(actions.map((one) => [`${one.collection} ${one.action}`, one])).values()]
}

/** Whether the step is still held under the epoch it was claimed with; holds it until the end of the transaction. */
async function isOurs(ctx: VerbContext, { step }: ClaimedStep): Promise<boolean> {
  const ours = and(eq(steps.id, step.id), eq(steps.epoch, step.epoch), eq(steps.state, 'running'))
  return (await ctx.db.select({ id: steps.id }).from(steps).where(ours).for('update')).length === 1
}

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
  { step, request }: ClaimedStep,
  stated: {
    confirmed_by: string
    would: boolean
    actions: readonly { collection: string; action: string }[]
    batches: number
    expected: Rows
    rows: Rows
    left: Rows
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
    actions: stated.actions,
    batches: stated.batches,
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
