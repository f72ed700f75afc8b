import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { Refusal, type FieldError } from '../../errors.ts'
import { answerTask, taskAnswer } from '../../requests/carrying-out/answer-task.ts'
import { listTasks, readTask } from '../../requests/list-tasks.ts'
import { isAllowed } from '../../security/permissions.ts'
import { TaskPage, TasksPage } from '../../web/console/tasks.tsx'
import { contextOf } from '../callers.ts'
import { fieldErrors } from '../field-errors.ts'
import { FormFields } from '../form-fields.ts'
import { goTo, sendPage } from '../pages.ts'
import { openDesk, savedFlash } from './shell.ts'
import { taskOf } from './task-parts.ts'

interface ById {
  Params: { id: string }
}

const FILE_BYTES = 8 * 1024 * 1024
const SAVED = { answer: 'The answer is kept.' }

/** Tasks of systems that only people can search: the list, each task, and the form for its answer. */
export async function taskPages(app: FastifyInstance, ctx: Context): Promise<void> {
  await app.register(multipart, {
    attachFieldsToBody: true,
    limits: { fileSize: FILE_BYTES, files: 1, fields: 10, fieldSize: 100_000, parts: 12, headerPairs: 50 },
  })

  app.get<{ Querystring: { saved?: string } }>('/console/tasks', async (request, reply) => {
    const desk = await openDesk(ctx, request, reply)
    const open = await listTasks(desk.ctx, { state: 'open', limit: 200 })
    const answered = await listTasks(desk.ctx, { state: 'answered', limit: 50 })
    const tasks = [...open, ...answered].map((task) => taskOf(desk, task))
    return sendPage(reply, TasksPage({ shell: desk.shell, tasks, flash: savedFlash(request.query.saved, SAVED) }))
  })

  app.get<ById>('/console/tasks/:id', async (request, reply) => showTask(request, reply, { values: {}, errors: [] }))

  app.post<ById>('/console/tasks/:id', { bodyLimit: FILE_BYTES + 512 * 1024 }, async (request, reply) => {
    const parts = await readParts(request.body)
    const answer = taskAnswer.safeParse(answerIn(parts))
    if (!answer.success) return showTask(request, reply, { values: parts.fields.values(), errors: fieldErrors(answer.error).map(onForm) })
    await answerTask(contextOf(ctx, request), { ...answer.data, id: idOf(request) })
    return goTo(reply, '/console/tasks?saved=answer')
  })

  async function showTask(
    request: FastifyRequest<ById>,
    reply: FastifyReply,
    said: { values: Record<string, string>; errors: readonly FieldError[] },
  ): Promise<FastifyReply> {
    const desk = await openDesk(ctx, request, reply)
    const task = taskOf(desk, await readTask(desk.ctx, { id: idOf(request) }))
    const may_answer = task.answered_at === null && isAllowed(desk.ctx.actor, 'tasks.answer')
    return sendPage(reply, TaskPage({ shell: desk.shell, task, may_answer, ...said }), said.errors.length > 0 ? 400 : 200)
  }
}

function idOf(request: FastifyRequest<ById>): string {
  const id = z.uuid().safeParse(request.params.id)
  if (!id.success) throw new Refusal('not_found')
  return id.data
}

interface Parts {
  readonly fields: FormFields
  readonly file: { readonly name: string; readonly content: string } | undefined
}

interface FilePart {
  readonly filename: string
  toBuffer(): Promise<Buffer>
}

function isFile(part: unknown): part is FilePart {
  return typeof part === 'object' && part !== null && 'toBuffer' in part && 'filename' in part && typeof part.filename === 'string'
}

/** The parts of a multipart form: values by name, and the file when one was chosen. */
async function readParts(body: unknown): Promise<Parts> {
  const parts = typeof body === 'object' && body !== null ? Object.entries(body) : []
  const values = parts.map(([name, part]) => [name, valueOf(part)] as const).filter(([, value]) => value !== undefined)
  const sent = parts.map(([, part]) => part).find(isFile)
  const bytes = await sent?.toBuffer()
  const file = sent === undefined || !bytes?.length ? undefined : { name: plainName(sent.filename), content: bytes.toString('base64') }
  return { fields: new FormFields(Object.fromEntries(values)), file }
}

function valueOf(part: unknown): unknown {
  return typeof part === 'object' && part !== null && 'value' in part ? part.value : undefined
}

function answerIn({ fields, file }: Parts): unknown {
  const found = { found: true, nothing_found: false }[fields.text('outcome')]
  return { ...(found !== undefined && { found }), ...fields.optional('text'), ...(file !== undefined && { file }) }
}

/** The form asks for the result by another name, and a missing choice is worth a sentence. */
function onForm({ pointer, detail }: FieldError): FieldError {
  return pointer === '/found' ? { pointer: '/outcome', detail: 'Choose what the result is' } : { pointer, detail }
}

/** A file's name as the archive can hold it: no path, nothing but plain characters. */
function plainName(name: string): string {
  const plain = (name.split(/[/\\]/).at(-1) ?? '').replaceAll(/[^A-Za-z0-9 ._-]/g, '_').slice(0, 120)
  return /^[A-Za-z0-9]/.test(plain) ? plain : `file${plain}`.slice(0, 120)
}
