import { actingAs, type Context } from '../../context.ts'
import { SourceError, type DataSource } from '../../sources/source.ts'
import { recordStandingFact } from './record-fact.ts'
import { claimStep, intendBatch, type ClaimedStep, type Intent } from './intend.ts'
import { observeStep } from './observe.ts'
import { parkStep } from './park.ts'
import { settleStep, type Settled } from './settle.ts'

/**
 * Carries out one step at one source: intent → effect → outcome (design.md §2.5). No transaction spans two databases, so an intent without
 * outcome is settled by the marker at the source, or by reading again, before anything is done a second time.
 */
export async function carryOutStep(ctx: Context, input: { step_id: string }): Promise<void> {
  const system = actingAs(ctx, { kind: 'system', name: 'worker' })
  const claimed = await claimStep(system, input)
  if (claimed === undefined) return
  if (claimed.step.kind === 'record') return recordStandingFact(system, claimed)
  try {
    const source = system.sources.get(claimed.step.source) as DataSource
    const intent = await intendBatch(system, { claimed, source })
    if (claimed.observe) return await observeStep(system, { claimed, intent })
    await settleStep(system, { claimed, settled: await applyOnce(system, claimed, intent, source) })
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    await parkStep(system, { claimed, reason: error.message, retry: error.transient })
  }
}

async function applyOnce(ctx: Context, claimed: ClaimedStep, intent: Intent, source: DataSource): Promise<Settled> {
  ctx.failpoint('after_intent')
  const outcome = await source.apply({ step: claimed.step.id, batch: 0, changes: claimed.changes })
  ctx.failpoint('after_source_commit')
  return { intent, ...outcome }
}
