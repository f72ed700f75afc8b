import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { requests } from '../../db/schema/requests.ts'
import { steps, tasks } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { enqueue } from '../../outbox.ts'
import { verb } from '../../verb.ts'

/** The answer to a task: what was found as text or as a file (base64, up to 8 MiB), or that nothing was. */
export const taskAnswer = z
  .strictObject({
    found: z.boolean().describe('false: searched, nothing found'),
    text: z.string().trim().min(1).max(20_000).optional(),
    file: z
      .strictObject({
        name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,119}$/, 'expected a plain file name'),
        content: z.base64().max(11_200_000),
      })
      .optional(),
  })
  .superRefine((answer, check) => {
    const says = answer.text !== undefined || answer.file !== undefined
    if (answer.found && !says) check.addIssue({ code: 'custom', path: ['text'], message: 'say or attach what was found' })
    if (!answer.found && answer.file !== undefined)
      check.addIssue({ code: 'custom', path: ['file'], message: 'a file belongs to found: true' })
  })

/** Records what a person found in a system that only people can look into; the case goes on once every task is answered. */
export const answerTask = verb(
  { name: 'answerTask', permission: 'tasks.answer', audit: 'task.answered' },
  async (ctx, { id, ...answer }: z.output<typeof taskAnswer> & { id: string }): Promise<typeof tasks.$inferSelect> => {
    const [task] = await ctx.db.select().from(tasks).where(eq(tasks.id, id)).for('update')
    if (task === undefined) throw new Refusal('not_found')
    if (task.state === 'answered') throw new Refusal('already_answered')
    const [request] = await ctx.db.select().from(requests).where(eq(requests.id, task.request_id))
    if (request === undefined) throw new Refusal('not_found')
    const now = ctx.clock.now()
    const seal = async (column: string, value: string | undefined) =>
      value === undefined ? null : ctx.keys.seal(request.key_id, `tasks.${column}:${id}`, value)
    const [answered] = await ctx.db
      .update(tasks)
      .set({
        state: 'answered',
        found: answer.found,
        answer: await seal('answer', answer.text),
        file_name: await seal('file_name', answer.file?.name),
        file: await seal('file', answer.file?.content),
        answered_by: ctx.actor.kind === 'operator' ? ctx.actor.id : null,
        answered_at: now,
      })
      .where(eq(tasks.id, id))
      .returning()
    if (task.step_id !== null) await ctx.db.update(steps).set({ state: 'done', done_at: now }).where(eq(steps.id, task.step_id))
    await ctx.record('task.answered', {
      case: request.reference,
      task: id,
      source: task.source,
      found: answer.found,
      file: answer.file !== undefined,
    })
    if (task.kind === 'search') await enqueue(ctx, 'advance_request', { request_id: request.id })
    if (answered === undefined) throw new Error('the answer was not stored')
    return answered
  },
)
