import { and, eq } from 'drizzle-orm'
import { steps } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { enqueue } from '../../outbox.ts'
import { verb } from '../../verb.ts'
import { lockRequest } from '../find.ts'
import type { RequestRow } from '../transition.ts'

/** Tries a parked step again. */
export const retryStep = verb(
  { name: 'retryStep', permission: 'cases.work', audit: 'step.retried' },
  async (ctx, { reference, step_id: id }: { reference: string; step_id: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    const mine = and(eq(steps.id, id), eq(steps.request_id, request.id), eq(steps.state, 'parked'))
    const [step] = await ctx.db.update(steps).set({ state: 'ready', parked_reason: null }).where(mine).returning()
    if (step === undefined) throw new Refusal('wrong_state')
    await ctx.record('step.retried', { case: reference, step: id })
    await enqueue(ctx, step.kind === 'archive' ? 'build_archive' : 'carry_out_step', { step_id: id })
    return request
  },
)
