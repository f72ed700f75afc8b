import { eq } from 'drizzle-orm'
import { actingAs, type Context } from '../../context.ts'
import { steps } from '../../db/schema/work.ts'
import { SourceError, type DataSource } from '../../sources/source.ts'
import { throughGate } from '../../standing/gate.ts'
import { copyingFor } from '../recovery/keep-copy.ts'
import { nextBatch } from './batches.ts'
import { claimStep, type ClaimedStep } from './claim.ts'
import { effectOf } from './effect.ts'
import { intendBatch, intentsOf, type Intent } from './intend.ts'
import { observeStep } from './observe.ts'
import { parkStep } from './park.ts'
import { recordStandingFact } from './record-fact.ts'
import { endStep, settleStepBatch } from './settle.ts'
import { notAgreedAnyMore, stillAgreed } from './still-agreed.ts'

/**
 * Carries out one step at one source: intent → effect → outcome (design.md §2.5), once, or batch by batch where rows are many. No transaction
 * spans two databases, so an intent without outcome is settled by the marker at the source, or by reading again, before anything is done a
 * second time. Holds wait until it is through.
 */
export async function carryOutStep(ctx: Context, input: { step_id: string }): Promise<void> {
  const system = actingAs(ctx, { kind: 'system', name: 'worker' })
  const [step] = await ctx.db.select({ kind: steps.kind }).from(steps).where(eq(steps.id, input.step_id))
  if (step?.kind === 'record') {
    const claimed = await claimStep(system, input)
    return claimed === undefined ? undefined : recordStandingFact(system, claimed)
  }
  // Whoever finds somebody at work takes nothing from them: the one at work could no longer write what it has done.
  await throughGate(system, `step ${input.step_id}`, async () => {
    const claimed = await claimStep(system, input)
    if (claimed !== undefined) await carryOut(system, claimed).catch((error: unknown) => putAside(system, claimed, error))
  })
}

/** A source that refuses parks its step; what is our own failure is thrown again, so that it is seen. */
async function putAside(ctx: Context, claimed: ClaimedStep, error: unknown): Promise<void> {
  const known = error instanceof SourceError
  const reason = known ? reasonOf(error, claimed) : 'the service itself failed; it is tried again'
  await parkStep(ctx, { claimed, reason, retry: known && error.transient })
  if (!known) throw error
}

async function carryOut(ctx: Context, claimed: ClaimedStep): Promise<void> {
  const source = ctx.sources.get(claimed.step.source) as DataSource
  const open = (await intentsOf(ctx, claimed.step.id)).find(({ settled }) => settled === undefined)
  if (open !== undefined && (await mayHaveHappened(claimed, source, open)) && (await finish(ctx, claimed, source, open))) return
  const agreed = await stillAgreed(ctx, claimed)
  if (agreed === undefined) return parkStep(ctx, { claimed, reason: notAgreedAnyMore(claimed), retry: false })
  if (agreed.observe) return observeStep(ctx, { claimed: agreed, source })
  await batchByBatch(ctx, agreed, source)
}

/** A source that fails as a whole names no collection: the one that was next says what waits. */
function reasonOf(error: SourceError, { changes }: ClaimedStep): string {
  const next = changes[0]?.selection.collection
  const whole = error.collection === '' && !['too_many', 'unexpected_rows'].includes(error.cause_kind)
  return whole && next !== undefined ? error.message.replace(`${error.source}:`, `${error.source}.${next}:`) : error.message
}

/** Whether an earlier attempt got through: its marker says so, or there is nothing left that it was about. */
async function mayHaveHappened({ step, changes }: ClaimedStep, source: DataSource, open: Intent): Promise<boolean> {
  if ((await source.settle(step.id, open.batch)) !== undefined) return true
  for (const { selection } of changes) if ((await source.count(selection)) > 0) return false
  return true
}

async function batchByBatch(ctx: Context, claimed: ClaimedStep, source: DataSource): Promise<void> {
  for (;;) {
    const known = await intentsOf(ctx, claimed.step.id)
    const open = known.find(({ settled }) => settled === undefined)
    const batch = open === undefined ? await nextBatch(claimed, source, known) : undefined
    if (open === undefined && batch === undefined) return endStep(ctx, { claimed })
    const intent = open ?? (batch && (await intendBatch(ctx, { claimed, source, batch })))
    if (intent === undefined) return
    ctx.failpoint('after_intent', claimed.step.source)
    if (await finish(ctx, claimed, source, intent, batch !== undefined)) return
    ctx.failpoint('between_batches', claimed.step.source)
  }
}

/** Effect and outcome of one intent; true when the step is over, or somebody else's by now, or parked. */
async function finish(ctx: Context, claimed: ClaimedStep, source: DataSource, intent: Intent, first = false): Promise<boolean> {
  const earlier = (await intentsOf(ctx, claimed.step.id)).filter(({ settled }) => settled !== undefined)
  const effect = await effectOf(ctx, { claimed, intent, earlier, again: !first })
  const copying = await copyingFor(ctx, { claimed, source, batch: intent.batch, pseudonym_key: effect.pseudonym_key })
  const outcome = await source.apply({ ...effect, ...(copying !== undefined && { copying }) })
  ctx.failpoint('after_source_commit', claimed.step.source)
  const left = Object.entries(outcome.left).find(([, rows]) => rows > 0)
  const after = await settleStepBatch(ctx, { claimed, intent, outcome, alone: earlier.length === 0 })
  if (after !== 'goes on' || left === undefined) return after !== 'goes on'
  await parkStep(ctx, { claimed, reason: stillThere(source, left), retry: true })
  return true
}

function stillThere({ declaration }: DataSource, [collection, rows]: readonly [string, number]): string {
  const said = rows === 1 ? '1 row was' : `${rows} rows were`
  return `${declaration.id}.${collection}: ${said} written while the work was done, and stayed. The next try takes what is left.`
}
