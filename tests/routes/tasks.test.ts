import type { FastifyInstance } from 'fastify'
import { beforeAll, expect, test } from 'vitest'
import { listTasks } from '../../src/requests/list-tasks.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'
import { openApp, textOf, Visitor } from './library.ts'

let habeas: Installation
let app: FastifyInstance
let librarian: Staff
let visitor: Visitor

beforeAll(async () => {
  habeas = await openInstallation({ company: 'second' })
  app = await openApp(habeas.ctx)
  librarian = await habeas.staff('dpo')
  visitor = new Visitor(app)
  await visitor.get('/console/sign-in')
  await visitor.send('/console/sign-in', { token: librarian.token })
})

/** The task that an access request of this person leads to. */
async function taskOf(email: string): Promise<{ id: string; case: string }> {
  const { reference } = await habeas.askAndProve({ email, residence: 'DE' })
  const open = await listTasks(habeas.as(librarian), { state: 'open', limit: 200 })
  const task = open.find((one) => one.case === reference)
  if (task === undefined) throw new Error(`no task for ${email}`)
  return task
}

interface Sent {
  readonly fields: Readonly<Record<string, string>>
  readonly file?: { readonly name: string; readonly bytes: Buffer }
}

/** Sends the form of a task as a browser does: parts with a boundary, the file among them. */
async function answer(id: string, { fields, file }: Sent, token?: string) {
  const page = await visitor.get(`/console/tasks/${id}`)
  const csrf = token ?? /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
  const boundary = 'boundary-of-the-test'
  const parts = Object.entries({ _csrf: csrf, ...fields }).map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${file?.name ?? ''}"\r\ncontent-type: application/octet-stream\r\n\r\n`
  const payload = Buffer.concat([
    Buffer.from(parts.join('') + head),
    file?.bytes ?? Buffer.alloc(0),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}`, cookie: visitor.cookies }
  return app.inject({ method: 'POST', url: `/console/tasks/${id}`, headers, payload })
}

async function storedFile(id: string): Promise<{ file_name: string | null; content: string | null }> {
  const { rows } = await habeas.ctx.db.execute<{ file_name: string | null; file: string | null }>(
    `select file_name, file from tasks where id = '${id}'`,
  )
  const [row] = rows
  if (row?.file == null) return { file_name: row?.file_name ?? null, content: null }
  const opened = await habeas.ctx.keys.open(`tasks.file:${id}`, row.file)
  const file_name = row.file_name === null ? null : await habeas.ctx.keys.open(`tasks.file_name:${id}`, row.file_name)
  return { file_name, content: Buffer.from(opened, 'base64').toString() }
}

test('a task is listed with its system, shown with its instructions, and answered with a file', async () => {
  const task = await taskOf('juergen.gross@example.com')
  expect(textOf((await visitor.get('/console/tasks')).body)).toContain('Search Papierakten')
  expect(textOf((await visitor.get(`/console/tasks/${task.id}`)).body)).toContain('Anmeldekarte')
  const file = { name: '../../etc/Karte (1).txt', bytes: Buffer.from('Anmeldung vom 2. Mai 2011') }
  const sent = await answer(task.id, { fields: { outcome: 'found', text: 'Karte liegt bei.' }, file })
  expect([sent.statusCode, sent.headers.location]).toEqual([303, '/console/tasks?saved=answer'])
  expect(await storedFile(task.id)).toEqual({ file_name: 'Karte _1_.txt', content: 'Anmeldung vom 2. Mai 2011' })
  expect(textOf((await visitor.get(`/console/tasks/${task.id}`)).body)).toContain('Answered')
  const twice = await answer(task.id, { fields: { outcome: 'nothing_found' } })
  expect(twice.statusCode).toBe(409)
})

test('"nothing found" needs no words, "found" needs some', async () => {
  const task = await taskOf('nobody@example.com')
  const silent = await answer(task.id, { fields: { outcome: 'found', text: '' } })
  expect([silent.statusCode, textOf(silent.body)]).toEqual([400, expect.stringContaining('say or attach what was found')])
  expect((await answer(task.id, { fields: { outcome: 'nothing_found', text: '' } })).statusCode).toBe(303)
  expect(await storedFile(task.id)).toEqual({ file_name: null, content: null })
})

test('a file of 8 MiB is taken, one byte more is not', async () => {
  const task = await taskOf('large@example.com')
  const bytes = Buffer.alloc(8 * 1024 * 1024 + 1, 65)
  const large = await answer(task.id, { fields: { outcome: 'found' }, file: { name: 'a.bin', bytes } })
  expect([large.statusCode, textOf(large.body)]).toEqual([413, expect.stringContaining('larger than is accepted')])
  expect((await answer(task.id, { fields: { outcome: 'found' }, file: { name: 'a.bin', bytes: bytes.subarray(1) } })).statusCode).toBe(303)
})

test('a form without the token of its page is refused', async () => {
  const task = await taskOf('token@example.com')
  expect((await answer(task.id, { fields: { outcome: 'nothing_found' } }, 'none')).statusCode).toBe(403)
  expect((await visitor.get('/console/tasks/not-an-id')).statusCode).toBe(404)
})
