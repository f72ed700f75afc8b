import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { Refusal, type FieldError } from '../../errors.ts'
import { answerTask, taskAnswer } from '../../requests/carrying-out/answer-task.ts'
import { assignTask } from '../../requests/carrying-out/assign-task.ts'
import { listTasks, readTask } from '../../requests/list-tasks.ts'
import { revealTask, type LookedUpUnder } from '../../requests/reveal-task.ts'
import { isAllowed } from '../../security/permissions.ts'
import { TaskPage } from '../../web/console/task.tsx'
import { TasksPage } from '../../web/console/tasks.tsx'
import { contextOf } from '../callers.ts'
import { fieldErrors } from '../field-errors.ts'
import { FormFields } from '../form-fields.ts'
import { goTo, sendPage } from '../pages.ts'
import type { Choice } from '../../web/components/choices.tsx'
import { openDesk, savedFlash, type Desk } from './shell.ts'
import { taskOf } from './task-parts.ts'

interface ById {
  Params: { id: string }
  Querystring: { saved?: string }
}

interface Said {
  readonly values: Record<string, string>
  readonly errors: readonly FieldError[]
  readonly looked_up?: readonly LookedUpUnder[]
}

const FILE_BYTES = 8 * 1024 * 1024
const SAVED = { answer: 'The answer is kept.', assignment: 'The task is assigned.' }

/** Tasks of systems that only people can search: the list, each task, and the form for its answer. */
export async function taskPages(app: FastifyInstance, ctx: Context): Promise<void> {
  await app.register(multipart, {
    attachFieldsToBody: true,
    limits: { fileSize: FILE_BYTES, files: 2, fields: 12, fieldSize: 1_000_000, parts: 14, headerPairs: 50 },
  })

  app.get<{ Querystring: { saved?: string } }>('/console/tasks', async (request, reply) => {
    const desk = await openDesk(ctx, request, reply)
    const open = await listTasks(desk.ctx, { state: 'open', limit: 200 })
    const answered = await listTasks(desk.ctx, { state: 'answered', limit: 50 })
    const tasks = [...open, ...answered].map((task) => taskOf(desk, task))
    return sendPage(reply, TasksPage({ shell: desk.shell, tasks, flash: savedFlash(request.query.saved, SAVED) }))
  })

  app.get<ById>('/console/tasks/:id', async (request, reply) => showTask(request, reply, { values: {}, errors: [] }))

  app.post<ById>('/console/tasks/:id', { bodyLimit: 2 * FILE_BYTES + 2_000_000 }, async (request, reply) => {
    const parts = await readParts(request.body)
    const answer = taskAnswer.safeParse(answerIn(parts))
    if (!answer.success) return showTask(request, reply, { values: parts.fields.values(), errors: fieldErrors(answer.error).map(onForm) })
    await answerTask(contextOf(ctx, request), { ...answer.data, id: idOf(request) })
    return goTo(reply, '/console/tasks?saved=answer')
  })

  app.post<ById>('/console/tasks/:id/assignment', async (request, reply) => {
    const fields = new FormFields(request.body)
    await assignTask(contextOf(ctx, request), { id: idOf(request), operator: fields.text('operator') })
    return goTo(reply, `/console/tasks/${idOf(request)}?saved=assignment`)
  })

  app.post<ById>('/console/tasks/:id/reveal', async (request, reply) => {
    const looked_up = await revealTask(contextOf(ctx, request), { id: idOf(request) })
    return showTask(request, reply, { values: {}, errors: [], looked_up })
  })

  async function showTask(request: FastifyRequest<ById>, reply: FastifyReply, said: Said): Promise<FastifyReply> {
    const desk = await openDesk(ctx, request, reply)
    const read = await readTask(desk.ctx, { id: idOf(request) })
    const task = taskOf(desk, read)
    const may_answer = task.answered_at === null && isAllowed(desk.ctx.actor, 'tasks.answer')
    const page = TaskPage({
      shell: desk.shell,
      flash: savedFlash(request.query.saved, SAVED),
      task,
      may_answer,
      staff: staffFor(desk),
      grounds: read.grounds.map(({ code, sentence, article }) => ({ value: code, text: `${sentence} (${article})` })),
      looked_up: null,
      ...said,
    })
    return sendPage(reply, page, said.errors.length > 0 ? 400 : 200)
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
  /** Text of the CSV file, when one was chosen. */
  readonly table: string | undefined
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
  const sent = await sentFile(parts, 'file')
  const table = await sentFile(parts, 'table_file')
  return {
    fields: new FormFields(Object.fromEntries(values)),
    file: sent && { name: plainName(sent.name), content: sent.bytes.toString('base64') },
    table: table?.bytes.toString('utf8'),
  }
}

async function sentFile(
  parts: readonly (readonly [string, unknown])[],
  name: string,
): Promise<{ name: string; bytes: Buffer } | undefined> {
  const part = parts.find((one) => one[0] === name)?.[1]
  if (!isFile(part)) return undefined
  const bytes = await part.toBuffer()
  return bytes.length === 0 ? undefined : { name: part.filename, bytes }
}

function valueOf(part: unknown): unknown {
  return typeof part === 'object' && part !== null && 'value' in part ? part.value : undefined
}

function answerIn({ fields, file, table }: Parts): unknown {
  const outcome = fields.text('outcome')
  const found = { found: true, exception: true, nothing_found: false }[outcome]
  const exception = { ground: fields.text('ground'), facts: fields.text('facts') }
  return {
    ...(found !== undefined && { found }),
    ...fields.optional('text'),
    ...fields.optional('table'),
    ...(table !== undefined && { table }),
    ...(file !== undefined && { file }),
    ...(outcome === 'exception' && { exception }),
  }
}

/** The form asks for the result by another name, and a missing choice is worth a sentence. */
function onForm({ pointer, detail }: FieldError): FieldError {
  if (pointer === '/found') return { pointer: '/outcome', detail: 'Choose what the result is' }
  return { pointer: pointer.replace(/^\/exception/, ''), detail }
}

/** Colleagues who can be asked to answer. */
function staffFor(desk: Desk): Choice[] {
  const able = desk.names.staff.filter(({ active, role }) => active && (role === 'caseworker' || role === 'dpo'))
  return able.map(({ email }) => ({ value: email, text: email }))
}

/** A file's name as the archive can hold it: no path, nothing but plain characters. */
function plainName(name: string): string {
  const plain = (name.split(/[/\\]/).at(-1) ?? '').replaceAll(/[^A-Za-z0-9 ._-]/g, '_').slice(0, 120)
  return /^[A-Za-z0-9]/.test(plain) ? plain : `file${plain}`.slice(0, 120)
}
