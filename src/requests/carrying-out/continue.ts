import { asc, eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { steps } from '../../db/schema/work.ts'
import { enqueue } from '../../outbox.ts'
import { deliver } from '../reply/deliver.ts'
import type { RequestRow } from '../transition.ts'
import { splitStep } from './split-step.ts'

/** What comes next in a case whose steps run: those that waited for others, the archive once every other step is done, the reply once there is nothing left to do. */
export async function continueCarryingOut(ctx: Context, request: RequestRow): Promise<void> {
  const all = await ctx.db.select().from(steps).where(eq(steps.request_id, request.id)).orderBy(asc(steps.position))
  const open = all.filter(({ state }) => state !== 'done')
  const [next, ...others] = open
  if (next === undefined) return deliver(ctx, { request_id: request.id })
  for (const step of open) {
    if (step.state !== 'ready' || step.waits_for.length === 0) continue
    const awaited = open.filter(({ id }) => step.waits_for.includes(id))
    if (awaited.length === 0) await enqueue(ctx, 'carry_out_step', { step_id: step.id })
    else if (awaited.every(({ state }) => state === 'parked')) await splitStep(ctx, { request, step, parked: awaited })
  }
  if (next.kind === 'archive' && others.length === 0 && next.state === 'ready') await enqueue(ctx, 'build_archive', { step_id: next.id })
}
