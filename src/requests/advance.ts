import { actingAs, type Context } from '../context.ts'
import { enqueue } from '../outbox.ts'
import { proofFor } from '../policy/rights.ts'
import type { Right } from '../policy/schema.ts'
import { inTransaction } from '../context.ts'
import { continueCarryingOut } from './carrying-out/continue.ts'
import { copyIsOutstanding } from './carrying-out/copy-first.ts'
import { startCarryingOut } from './carrying-out/start.ts'
import { requestById } from './find.ts'
import type { State } from './state.ts'
import { transitionIf, type RequestRow } from './transition.ts'

const LOOK_AGAIN_MS = 60_000

/** The doorbell of a request: looks at where it stands and does the next thing that needs no person; harmless when rung twice. */
export async function advanceRequest(ctx: Context, { request_id: id }: { request_id: string }): Promise<void> {
  const system = actingAs(ctx, { kind: 'system', name: 'worker' })
  const request = await requestById(system, id)
  if (request === undefined) return
  switch (request.state as State) {
    case 'received':
      return planUnproven(system, request)
    case 'planning':
      return ring(system, request, 'plan_request')
    case 'approved':
      return afterCancelWindow(system, request)
    case 'carrying_out':
      return continueCarryingOut(system, request)
    case 'verifying':
    case 'awaiting_decision':
    case 'awaiting_release':
    case 'delivered':
    case 'closed':
    case 'refused':
    case 'withdrawn':
    case 'expired':
      return
  }
}

/** Rights without proof go straight on: an opt-out is obeyed at once (law.md §6). */
async function planUnproven(ctx: Context, request: RequestRow): Promise<void> {
  if (proofFor(request.right as Right, request.scope) !== 'none') return
  await inTransaction(ctx, async (tx) => {
    const moved = await transitionIf(tx, request.id, 'planning', {}, ['received'])
    if (moved !== undefined) await enqueue(tx, 'plan_request', { request_id: request.id })
  })
}

async function afterCancelWindow(ctx: Context, request: RequestRow): Promise<void> {
  const now = ctx.clock.now()
  if (request.cancel_until !== null && request.cancel_until > now) {
    await enqueue(ctx, 'advance_request', { request_id: request.id }, request.cancel_until)
    return
  }
  if (await copyIsOutstanding(ctx, request)) {
    await enqueue(ctx, 'advance_request', { request_id: request.id }, new Date(now.getTime() + LOOK_AGAIN_MS))
    return
  }
  await startCarryingOut(ctx, request)
}

async function ring(ctx: Context, request: RequestRow, name: 'plan_request'): Promise<void> {
  await enqueue(ctx, name, { request_id: request.id })
}
