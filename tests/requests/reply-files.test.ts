import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { requests } from '../../src/db/schema/requests.ts'
import { tasks } from '../../src/db/schema/work.ts'
import { answerTask } from '../../src/requests/carrying-out/answer-task.ts'
import { listTasks } from '../../src/requests/list-tasks.ts'
import { archiveFiles } from '../../src/requests/reply/archive-tables.ts'
import { openInstallation } from '../support/installation.ts'
import { archiveOf } from './reply-people.ts'

it('the name of a file that was found on paper is sealed like the file, and stands in the copy', async () => {
  const habeas = await openInstallation({ company: 'second' })
  const librarian = await habeas.staff('dpo')
  const { reference } = await habeas.askAndProve({ email: 'juergen.gross@example.com', residence: 'DE' })
  const [task] = await listTasks(habeas.as(librarian), { state: 'open', limit: 200 })
  if (task === undefined) throw new Error('no task was opened')
  const file = { name: 'Juergen Gross 1958.pdf', content: Buffer.from('Karte').toString('base64') }
  await answerTask(habeas.as(librarian), { id: task.id, found: true, file })

  const [row] = await habeas.ctx.db.select().from(tasks).where(eq(tasks.id, task.id))
  expect(JSON.stringify(row)).not.toContain('Gross')
  expect(await habeas.ctx.keys.open(`tasks.file_name:${task.id}`, row?.file_name ?? '')).toBe(file.name)
  const [request] = await habeas.ctx.db.select().from(requests).where(eq(requests.reference, reference))
  const files = await archiveFiles(habeas.ctx, request?.id ?? '')
  expect(files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()])).toEqual([[file.name, 'Karte']])

  await habeas.work()
  const { manifest } = await archiveOf(habeas, reference)
  const paths = (manifest['entries'] as { path: string }[]).map(({ path }) => path).filter((path) => path.startsWith('data/files/'))
  expect(paths, 'it is in the copy, under a number').toEqual([expect.stringMatching(/^data\/files\/01-[a-z-]+\.pdf$/)])
})
