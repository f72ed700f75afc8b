import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { requests } from '../../db/schema/requests.ts'
import { steps, tasks } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { enqueue } from '../../outbox.ts'
import { groundsFor } from '../../letters/grounds.ts'
import type { Regime, Right } from '../../policy/schema.ts'
import { verb } from '../../verb.ts'
import { readTable } from './answered-table.ts'

const TABLE_CHARACTERS = 4_000_000

/**
 * The answer to a task: what was found or done, as text, as a table, or as a file (base64, up to 8 MiB); that nothing was; or why what was found,
 * or a part of it, is kept back: on a ground that the law has for this right, with its facts for the reply.
 */
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
    table: z
      .string()
      .max(TABLE_CHARACTERS)
      .optional()
      .describe('rows that were found: CSV with a first line of names; becomes a table of the copy')
      .superRefine((text, check) => {
        const table = text === undefined ? undefined : readTable(text)
        if (typeof table === 'string') check.addIssue({ code: 'custom', message: table })
      }),
    exception: z
      .strictObject({
        ground: z.string().max(40).describe('code of a ground that this right has'),
        facts: z.string().trim().min(1).max(5000).describe('what the reply says of it'),
      })
      .optional()
      .describe('what was found, or a part of it, is kept back'),
  })
  .superRefine((answer, check) => {
    const given = (['file', 'table', 'exception'] as const).filter((name) => answer[name] !== undefined)
    if (answer.found && given.length === 0 && answer.text === undefined)
      check.addIssue({ code: 'custom', path: ['text'], message: 'say or attach what was found' })
    for (const name of answer.found ? [] : given)
      check.addIssue({ code: 'custom', path: [name], message: `${name === 'exception' ? 'an' : 'a'} ${name} belongs to found: true` })
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
    const ground = groundOf(task, request, answer.exception?.ground)
    const now = ctx.clock.now()
    const seal = async (column: string, value: string | undefined) =>
      value === undefined ? null : ctx.keys.seal(request.key_id, `tasks.${column}:${id}`, value)
    const [answered] = await ctx.db
      .update(tasks)
      .set({
        state: 'answered',
        found: answer.found,
        answer: await seal('answer', answer.text),
        rows: await seal('rows', answer.table),
        ground,
        facts: await seal('facts', answer.exception?.facts),
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
      table: answer.table !== undefined,
      ...(ground !== null && { ground }),
    })
    if (task.kind === 'search') await enqueue(ctx, 'advance_request', { request_id: request.id })
    if (answered === undefined) throw new Error('the answer was not stored')
    return answered
  },
)

/** Only a search keeps anything back, and only on a ground that the law has for this right and regime. */
function groundOf(task: typeof tasks.$inferSelect, request: typeof requests.$inferSelect, code: string | undefined): string | null {
  if (code === undefined) return null
  const open = task.kind === 'search' ? groundsFor(request.right as Right, request.regime as Regime, request.scope) : []
  if (open.some((ground) => ground.code === code)) return code
  const detail = open.length === 0 ? 'nothing can be kept back here' : `expected one of ${open.map((ground) => ground.code).join(', ')}`
  throw new Refusal('invalid_input', [{ pointer: '/exception/ground', detail }])
}
