import { enqueue } from '../../outbox.ts'
import { verb } from '../../verb.ts'
import { lockRequest } from '../find.ts'
import { transition, type RequestRow } from '../transition.ts'

/** Searches and plans a case again; approvals of the earlier plan do not count for a different one. */
export const planRequestAgain = verb(
  { name: 'planRequestAgain', permission: 'cases.plan', audit: 'request.plan_asked' },
  async (ctx, { reference }: { reference: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    const moved = await transition(ctx, request.id, 'planning', {}, ['awaiting_decision', 'approved'])
    await ctx.record('request.plan_asked', { case: reference, reason: 'asked by an operator' })
    await enqueue(ctx, 'plan_request', { request_id: request.id })
    return moved
  },
)
