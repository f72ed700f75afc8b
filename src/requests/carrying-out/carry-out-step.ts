import { actingAs, type Context } from '../../context.ts'
import { SourceError, type DataSource } from '../../sources/source.ts'
import { throughGate } from '../../standing/gate.ts'
import { claimStep, type ClaimedStep } from './claim.ts'
import { earlierIntent, intendBatch, type Intent } from './intend.ts'
import { observeStep } from './observe.ts'
import { parkStep } from './park.ts'
import { recordStandingFact } from './record-fact.ts'
import { settleStep } from './settle.ts'
import { notAgreedAnyMore, stillAgreed } from './still-agreed.ts'

/**
 * Carries out one step at one source: intent → effect → outcome (design.md §2.5). No transaction spans two databases, so an intent without
 * outcome is settled by the marker at the source, or by reading again, before anything is done a second time. Holds wait until it is through.
 */
export async function carryOutStep(ctx: Context, input: { step_id: string }): Promise<void> {
  const system = actingAs(ctx, { kind: 'system', name: 'worker' })
  const claimed = await claimStep(system, input)
  if (claimed === undefined) return
  if (claimed.step.kind === 'record') return recordStandingFact(system, claimed)
  try {
    await throughGate(system, `step ${claimed.step.id}`, () => carryOut(system, claimed))
  } catch (error) {
    const known = error instanceof SourceError
    await parkStep(system, {
      claimed,
      reason: known ? error.message : 'the service itself failed; it is tried again',
      retry: known && error.transient,
    })
    if (!known) throw error
  }
}

async function carryOut(ctx: Context, claimed: ClaimedStep): Promise<void> {
  const source = ctx.sources.get(claimed.step.source) as DataSource
  const earlier = await earlierIntent(ctx, claimed.step.id)
  if (earlier !== undefined && (await mayHaveHappened(claimed, source))) return finish(ctx, claimed, source, earlier, true)
  const agreed = await stillAgreed(ctx, claimed)
  if (agreed === undefined) return parkStep(ctx, { claimed, reason: notAgreedAnyMore(claimed), retry: false })
  const intent = earlier ?? (await intendBatch(ctx, { claimed: agreed, source }))
  if (agreed.observe) return observeStep(ctx, { claimed: agreed, intent })
  ctx.failpoint('after_intent')
  await finish(ctx, agreed, source, intent, earlier !== undefined)
}

/** Whether an earlier attempt got through: its marker says so, or there is nothing left that it was about. */
async function mayHaveHappened({ step, changes }: ClaimedStep, source: DataSource): Promise<boolean> {
  if ((await source.settle(step.id, 0)) !== undefined) return true
  for (const { selection } of changes) if ((await source.count(selection)) > 0) return false
  return true
}

async function finish(ctx: Context, claimed: ClaimedStep, source: DataSource, intent: Intent, again: boolean): Promise<void> {
  const outcome = await source.apply({ step: claimed.step.id, batch: 0, changes: claimed.changes, expected: intent.expected, again })
  ctx.failpoint('after_source_commit')
  await settleStep(ctx, { claimed, settled: { intent, ...outcome } })
}
