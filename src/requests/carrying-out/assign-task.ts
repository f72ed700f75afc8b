import { eq } from 'drizzle-orm'
import { requests } from '../../db/schema/requests.ts'
import { operators } from '../../db/schema/running.ts'
import { tasks } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { isAllowed } from '../../security/permissions.ts'
import { verb } from '../../verb.ts'

/** Asks another operator to answer a task, by id or e-mail address; an empty one asks whoever may answer. */
export const assignTask = verb(
  { name: 'assignTask', permission: 'tasks.answer', audit: 'task.assigned' },
  async (ctx, { id, operator }: { id: string; operator: string }): Promise<void> => {
    const [task] = await ctx.db.select().from(tasks).where(eq(tasks.id, id)).for('update')
    if (task === undefined) throw new Refusal('not_found')
    if (task.state === 'answered') throw new Refusal('already_answered')
    const staff = operator === '' ? [] : await ctx.db.select().from(operators)
    const found = staff.find((one) => (one.id === operator || one.email === operator) && one.disabled_at === null)
    const may =
      found !== undefined && isAllowed({ kind: 'operator', id: found.id, email: found.email, role: found.role, grants: [] }, 'tasks.answer')
    if (operator !== '' && !may)
      throw new Refusal('invalid_input', [{ pointer: '/operator', detail: 'expected an operator who may answer tasks' }])
    await ctx.db
      .update(tasks)
      .set({ assignee: found?.id ?? null })
      .where(eq(tasks.id, id))
    const [request] = await ctx.db.select({ reference: requests.reference }).from(requests).where(eq(requests.id, task.request_id))
    await ctx.record('task.assigned', { case: request?.reference ?? '', task: id, operator: found?.id ?? null })
  },
)
