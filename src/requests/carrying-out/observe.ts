import { and, eq } from 'drizzle-orm'
import { intents, steps } from '../../db/schema/work.ts'
import { verb } from '../../verb.ts'
import type { ClaimedStep } from './claim.ts'
import type { Intent } from './intend.ts'
import { writeReceipt } from './settle.ts'

/**
 * Writes down what a step would do at a source that is only observed, and parks it: nothing was changed, so nobody may be told that it was.
 */
export const observeStep = verb(
  { name: 'observeStep', permission: 'system', audit: 'step.parked', quiet: true },
  async (ctx, { claimed, intent }: { claimed: ClaimedStep; intent: Intent }): Promise<void> => {
    const { step, request } = claimed
    const reason = `${step.source}: only observed; the receipt says what would be done. Set the source to "mode: enforce", then retry.`
    const parked = await ctx.db
      .update(steps)
      .set({ state: 'parked', parked_reason: reason })
      .where(and(eq(steps.id, step.id), eq(steps.epoch, step.epoch), eq(steps.state, 'running')))
      .returning({ id: steps.id })
    if (parked.length === 0) return
    // The intent of a rehearsal is none: the real one is counted anew.
    await ctx.db.delete(intents).where(eq(intents.id, intent.id))
    await writeReceipt(ctx, claimed, { confirmed_by: 'observe', would: true, expected: intent.expected, rows: {}, left: intent.expected })
    await ctx.record('step.parked', { case: request.reference, step: step.id, epoch: step.epoch, reason: 'observe' })
  },
)
