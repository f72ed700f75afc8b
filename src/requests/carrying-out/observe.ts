import { and, eq } from 'drizzle-orm'
import { steps } from '../../db/schema/work.ts'
import type { DataSource } from '../../sources/source.ts'
import { enqueue } from '../../outbox.ts'
import { verb } from '../../verb.ts'
import type { ClaimedStep } from './claim.ts'
import { writeReceipt } from './settle.ts'

/**
 * Writes down what a step would do at a source that is only observed, and parks it: nothing was changed, so nobody may be told that it was.
 */
export const observeStep = verb(
  { name: 'observeStep', permission: 'system', audit: 'step.parked', quiet: true },
  async (ctx, { claimed, source }: { claimed: ClaimedStep; source: DataSource }): Promise<void> => {
    const { step, request, changes } = claimed
    const expected: Record<string, number> = {}
    for (const { selection } of changes) expected[selection.collection] = await source.count(selection)
    const reason = `${step.source}: only observed; the receipt says what would be done. Set the source to "mode: enforce", then retry.`
    const parked = await ctx.db
      .update(steps)
      .set({ state: 'parked', parked_reason: reason })
      .where(and(eq(steps.id, step.id), eq(steps.epoch, step.epoch), eq(steps.state, 'running')))
      .returning({ id: steps.id })
    if (parked.length === 0) return
    const actions = changes.map(({ selection, action }) => ({ collection: selection.collection, action: action.kind }))
    // The intent of a rehearsal is none: the real one is counted anew.
    await writeReceipt(ctx, claimed, { confirmed_by: 'observe', would: true, actions, batches: 0, expected, rows: {}, left: expected })
    await ctx.record('step.parked', { case: request.reference, step: step.id, epoch: step.epoch, reason: 'observe' })
    await enqueue(ctx, 'advance_request', { request_id: request.id })
  },
)
