import { Refusal } from '../../errors.ts'
import { enqueue } from '../../outbox.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { lockRequest } from '../find.ts'
import { transition, type RequestRow } from '../transition.ts'
import { recordAmendments, type Amendments } from './amend.ts'
import { voidApprovals } from './approvals.ts'
import { currentPlan } from './lock-for-decision.ts'
import { takeBackCopy, takeBackSteps } from './take-back-work.ts'

/**
 * Searches and plans a case again, with what the caller amends: left out, kept on a ground, added (design.md §2.4). Approvals of the earlier
 * plan do not count for a different one. A case whose work has begun can be planned again while none of its steps has changed anything, and a
 * copy that was built while nobody has been given it.
 */
export const planRequestAgain = verb(
  { name: 'planRequestAgain', permission: 'cases.plan', audit: ['request.plan_asked', 'request.amended', 'archive.erased'] },
  async (ctx, { reference, ...input }: Amendments & { reference: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    const amends = Object.values(input).some((list) => list !== undefined)
    if (amends) await amend(ctx, request, input)
    if (request.state === 'carrying_out') {
      await takeBackSteps(ctx, request)
      // Its work stopped for what has changed since they were given, of which the hash need not tell.
      await voidApprovals(ctx, request)
    }
    if (request.state === 'awaiting_release') await takeBackCopy(ctx, request)
    const amended = amends && ctx.actor.kind === 'operator' ? { amended_by: [...new Set([...request.amended_by, ctx.actor.id])] } : {}
    const changes = { ...amended, approved_at: null }
    const moved = await transition(ctx, request.id, 'planning', changes, [
      'awaiting_decision',
      'approved',
      'carrying_out',
      'awaiting_release',
    ])
    await ctx.record('request.plan_asked', { case: reference, reason: 'asked by an operator' })
    await enqueue(ctx, 'plan_request', { request_id: request.id })
    return moved
  },
)

async function amend(ctx: VerbContext, request: RequestRow, input: Amendments): Promise<void> {
  const plan = await currentPlan(ctx, request)
  if (plan === undefined || request.state === 'planning') throw new Refusal('wrong_state')
  await recordAmendments(ctx, request, plan, input)
}
