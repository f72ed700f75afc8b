import { randomUUIDv7 } from 'node:crypto'
import { z } from 'zod'
import { approvals } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { enqueue } from '../../outbox.ts'
import { openQuestions } from '../../planner/plan.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { transition, type RequestRow } from '../transition.ts'
import { approvalsFor, areEnough } from './approvals.ts'
import { lockForDecision } from './lock-for-decision.ts'

export const approvalInput = z.strictObject({ plan_hash: z.string().max(128), note: z.string().trim().min(1).max(2000).optional() })

type Approval = z.output<typeof approvalInput> & { reference: string }

/** Lets the planned steps be carried out once enough different people have agreed to exactly this plan. */
export const approveRequest = verb(
  { name: 'approveRequest', permission: 'cases.approve', audit: 'request.approved' },
  async (ctx, { reference, plan_hash, note }: Approval): Promise<RequestRow> => {
    const { request, plan } = await lockForDecision(ctx, reference, plan_hash)
    if (openQuestions(plan.body).length > 0) throw new Refusal('questions_open')
    await recordApproval(ctx, request, plan_hash, note)
    const given = await approvalsFor(ctx, request, plan_hash)
    await ctx.record('request.approved', { case: reference, plan: plan_hash, approval: given.length, of: request.approvals_needed })
    if (!areEnough(given, request.approvals_needed)) return request
    const approved = await transition(ctx, request.id, 'approved', { approved_at: ctx.clock.now() }, ['awaiting_decision'])
    await enqueue(ctx, 'advance_request', { request_id: request.id }, request.cancel_until ?? undefined)
    return approved
  },
)

/** Writes one person's agreement; nobody agrees twice, nor to a case they opened or amended. */
async function recordApproval(ctx: VerbContext, request: RequestRow, planHash: string, note: string | undefined): Promise<void> {
  if (ctx.actor.kind !== 'operator') throw new Refusal('permission_denied')
  const { id: operator } = ctx.actor
  if (request.opened_by === operator || request.amended_by.includes(operator)) throw new Refusal('same_person')
  const earlier = await approvalsFor(ctx, request, planHash)
  if (earlier.some(({ operator_id }) => operator_id === operator)) throw new Refusal('same_person')
  const id = randomUUIDv7()
  await ctx.db.insert(approvals).values({
    id,
    request_id: request.id,
    plan_hash: planHash,
    operator_id: operator,
    note: note === undefined ? null : await ctx.keys.seal(request.key_id, `approvals.note:${id}`, note),
    at: ctx.clock.now(),
  })
}
