import { eq } from 'drizzle-orm'
import { canonicalJson } from '../../canonical.ts'
import { actingAs, type Context } from '../../context.ts'
import { steps } from '../../db/schema/work.ts'
import { SourceError, type DataSource } from '../../sources/source.ts'
import { throughGate } from '../../standing/gate.ts'
import { holdsFor } from '../../standing/protected.ts'
import { copyingFor } from '../recovery/keep-copy.ts'
import { nextBatch } from './batches.ts'
import { claimStep, isStillOurs, type ClaimedStep } from './claim.ts'
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
 * second time. Holds wait for the batch at work, and win over the next one.
 */
export async function carryOutStep(ctx: Context, input: { step_id: string }): Promise<void> {
  const system = actingAs(ctx, { kind: 'system', name: 'worker' })
  const [step] = await ctx.db.select({ kind: steps.kind }).from(steps).where(eq(steps.id, input.step_id))
  if (step?.kind === 'record') {
    const claimed = await claimStep(system, input)
    return claimed === undefined ? undefined : recordStandingFact(system, claimed)
  }
  // Whoever finds somebody at work takes nothing from them: the one at work could no longer write what it has done.
  const once = (act: () => Promise<Going | undefined>) => throughGate(system, `step ${input.step_id}`, act)
  let going = await once(async () => {
    const claimed = await claimStep(system, input)
    return claimed && guarded(system, claimed, () => begin(system, claimed))
  })
  while (going !== undefined) {
    const last: Going = going
    going = await once(async () => guarded(system, last.claimed, () => goOn(system, last)))
  }
}

/** A step between two batches: as it was agreed to, and the holds that were considered. */
interface Going {
  readonly claimed: ClaimedStep
  readonly holds: string
}

async function guarded(ctx: Context, claimed: ClaimedStep, act: () => Promise<Going | undefined>): Promise<Going | undefined> {
  return act().catch(async (error: unknown) => {
    await putAside(ctx, claimed, error)
    return undefined
  })
}

/** A source that refuses parks its step; what is our own failure is thrown again, so that it is seen. */
async function putAside(ctx: Context, claimed: ClaimedStep, error: unknown): Promise<void> {
  const known = error instanceof SourceError
  const reason = known ? reasonOf(error, claimed) : 'the service itself failed; it is tried again'
  await parkStep(ctx, { claimed, reason, retry: known && error.transient })
  if (!known) throw error
}

async function begin(ctx: Context, claimed: ClaimedStep): Promise<Going | undefined> {
  const source = sourceOf(ctx, claimed)
  const open = (await intentsOf(ctx, claimed.step.id)).find(({ settled }) => settled === undefined)
  if (open !== undefined && (await mayHaveHappened(claimed, source, open)) && (await finish(ctx, claimed, source, open))) return undefined
  return agreedBatch(ctx, claimed)
}

/** The next batch, unless the step has been taken over meanwhile; whatever now stands in the way parks it. */
async function goOn(ctx: Context, { claimed, holds }: Going): Promise<Going | undefined> {
  ctx.failpoint('between_batches', claimed.step.source)
  if (!(await isStillOurs(ctx, claimed))) return undefined
  return (await holdsOn(ctx, claimed)) === holds ? nextOf(ctx, { claimed, holds }) : agreedBatch(ctx, claimed)
}

async function agreedBatch(ctx: Context, claimed: ClaimedStep): Promise<Going | undefined> {
  const agreed = await stillAgreed(ctx, claimed)
  if (agreed === undefined) await parkStep(ctx, { claimed, reason: notAgreedAnyMore(claimed), retry: false })
  else if (agreed.observe) await observeStep(ctx, { claimed: agreed, source: sourceOf(ctx, claimed) })
  else return nextOf(ctx, { claimed: agreed, holds: await holdsOn(ctx, agreed) })
  return undefined
}

/** The holds that concern the person, to be compared. */
async function holdsOn(ctx: Context, { frozen }: ClaimedStep): Promise<string> {
  return canonicalJson(await holdsFor(ctx, frozen.identifiers))
}

function sourceOf(ctx: Context, { step }: ClaimedStep): DataSource {
  return ctx.sources.get(step.source) as DataSource
}

/** A source that fails as a whole names no collection: the one that was next says what waits. */
function reasonOf(error: SourceError, { changes }: ClaimedStep): string {
  const next = changes[0]?.selection.collection
  const whole = error.collection === '' && !['too_many', 'unexpected_rows'].includes(error.cause_kind)
  return whole && next !== undefined ? error.message.replace(`${error.source}:`, `${error.source}.${next}:`) : error.message
}

/** Whether an earlier attempt got through: its marker says so, or there is nothing left that it was about. */
async function mayHaveHappened({ step, changes }: ClaimedStep, source: DataSource, open: Intent): Promise<boolean> {
  if (typeof (await source.settle(step.id, open.batch)) === 'object') return true
  for (const { selection } of changes) if ((await source.count(selection)) > 0) return false
  return true
}

/** One batch; undefined when the step is over. */
async function nextOf(ctx: Context, going: Going): Promise<Going | undefined> {
  const { claimed } = going
  const source = sourceOf(ctx, claimed)
  const known = await intentsOf(ctx, claimed.step.id)
  const open = known.find(({ settled }) => settled === undefined)
  const batch = open === undefined ? await nextBatch(claimed, source, known) : undefined
  const intent = open ?? (batch && (await intendBatch(ctx, { claimed, source, batch })))
  if (intent === undefined) {
    await endStep(ctx, { claimed })
    return undefined
  }
  ctx.failpoint('after_intent', claimed.step.source)
  return (await finish(ctx, claimed, source, intent, batch !== undefined)) ? undefined : going
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
