import { and, eq } from 'drizzle-orm'
import { steps } from '../../db/schema/work.ts'
import { enqueue } from '../../outbox.ts'
import { verb } from '../../verb.ts'
import type { ClaimedStep } from './claim.ts'

const FIRST_RETRY_MS = 60_000
const LAST_RETRY_MS = 3_600_000

/** Puts a step aside with the sentence that says why; a source that was only down is tried again by itself, more and more seldom. */
export const parkStep = verb(
  { name: 'parkStep', permission: 'system', audit: 'step.parked', quiet: true },
  async (ctx, { claimed, reason, retry }: { claimed: ClaimedStep; reason: string; retry: boolean }): Promise<void> => {
    const { step, request } = claimed
    const parked = await ctx.db
      .update(steps)
      .set({ state: 'parked', parked_reason: reason })
      .where(and(eq(steps.id, step.id), eq(steps.epoch, step.epoch), eq(steps.state, 'running')))
      .returning({ id: steps.id })
    if (parked.length === 0) return
    await ctx.record('step.parked', { case: request.reference, step: step.id, epoch: step.epoch, reason })
    // Steps that wait for this one may begin with what need not.
    if (step.kind === 'apply') await enqueue(ctx, 'advance_request', { request_id: request.id })
    if (!retry) return
    const wait = Math.min(FIRST_RETRY_MS * 2 ** Math.min(step.attempts - 1, 10), LAST_RETRY_MS)
    await enqueue(
      ctx,
      step.kind === 'archive' ? 'build_archive' : 'carry_out_step',
      { step_id: step.id },
      new Date(ctx.clock.now().getTime() + wait),
    )
  },
)
