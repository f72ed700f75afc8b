import { randomUUIDv7 } from 'node:crypto'
import { tasks } from '../../db/schema/work.ts'
import { companyItems } from '../../planner/own-records.ts'
import type { PlanBody } from '../../planner/shape.ts'
import type { VerbContext } from '../../verb.ts'
import type { RequestRow } from '../transition.ts'

const TELL_WITHIN_MS = 72 * 3_600_000

/**
 * Opens a task for every recipient that must be told of a change (Art. 19 GDPR, §7022): within 72 hours, never delaying the reply, and none
 * for one that could not tell whose data it is.
 */
export async function openNotices(ctx: VerbContext, request: RequestRow, body: PlanBody): Promise<void> {
  if (!companyItems(body.items).some(({ action }) => action === 'erase' || action === 'change' || action === 'detach')) return
  const now = ctx.clock.now()
  for (const { recipient: id, name, notice } of body.recipients) {
    const recipient = ctx.policy.recipients.get(id)
    if (notice === 'none' || recipient === undefined) continue
    const task = randomUUIDv7()
    const instructions = `Tell ${name} (${recipient.gets}). ${recipient.on_erasure} Answer here when it has acknowledged.`
    const dueAt = new Date(now.getTime() + TELL_WITHIN_MS)
    await ctx.db
      .insert(tasks)
      .values({ id: task, request_id: request.id, kind: 'notice', source: id, instructions, due_at: dueAt, state: 'open' })
    await ctx.record('task.opened', { case: request.reference, task, kind: 'notice', recipient: id, due_at: dueAt.toISOString() })
  }
}
