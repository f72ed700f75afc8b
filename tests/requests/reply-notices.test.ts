import { beforeEach, describe, expect, it } from 'vitest'
import { listTasks, readTask, type TaskView } from '../../src/requests/list-tasks.ts'
import { readCase } from '../../src/requests/read-case.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'
import { release } from './reply-people.ts'

let habeas: Installation
let dpo: Staff

beforeEach(async () => {
  habeas = await openInstallation({ accounts: 150 })
  dpo = await habeas.staff('dpo')
})

/** Somebody who only has an account that an organisation gave them, with conversations there. */
async function employee(): Promise<string> {
  const { rows } = await habeas.company.query<{ email: string }>(
    `select a.email from accounts a where a.organisation_id is not null and email ~ '^[a-z0-9.]+@'
      and exists (select from conversations c where c.account_id = a.id and c.organisation_id is not null)
      and not exists (select from accounts b where lower(b.email) = lower(a.email) and b.id <> a.id) order by id limit 1`,
  )
  const [row] = rows
  if (row === undefined) throw new Error('nobody works for an organisation')
  return row.email
}

const tasksOf = async (reference: string): Promise<TaskView[]> =>
  (await listTasks(habeas.as(dpo), { state: 'open', limit: 200 })).filter((task) => task.case === reference)

describe('what the reply says is passed on to an organisation', () => {
  it('becomes a task, due three working days later, once the reply has gone', async () => {
    const { reference } = await habeas.askAndProve({ email: await employee(), residence: 'NL' })
    expect(await tasksOf(reference)).toEqual([])
    if ((await readCase(habeas.as(dpo), { reference })).state === 'awaiting_release') await release(habeas, dpo, reference)
    expect((await readCase(habeas.as(dpo), { reference })).state).toBe('delivered')
    expect(habeas.mails.at(-1)?.text).toMatch(/pass(ed)? (on )?your request on|pass your request on/)
    // Delivered on Friday 20 November 2026: Monday, Tuesday, Wednesday, until midnight in Amsterdam.
    expect(await tasksOf(reference)).toMatchObject([
      {
        kind: 'notice',
        source: 'organisation',
        due_at: '2026-11-25T23:00:00.000Z',
        instructions: expect.stringMatching(/^Pass this request on to the organisation that decides about: .*[Cc]onversations/),
      },
    ])
  })

  it('names the organisation’s privacy contact to who does it, in full, and masked to an auditor', async () => {
    const email = await employee()
    const { reference } = await habeas.askAndProve({ email, residence: 'NL' })
    if ((await readCase(habeas.as(dpo), { reference })).state === 'awaiting_release') await release(habeas, dpo, reference)
    const { rows } = await habeas.company.query<{ contact: string }>(
      'select o.privacy_contact as contact from accounts a join organisations o on o.id = a.organisation_id where a.email = $1',
      [email],
    )
    const [task] = await tasksOf(reference)
    expect(task).not.toHaveProperty('contact')
    expect((await readTask(habeas.as(dpo), { id: task?.id ?? '' })).contact).toBe(rows[0]?.contact)
    const auditor = await habeas.staff('auditor')
    expect((await readTask(habeas.as(auditor), { id: task?.id ?? '' })).contact).not.toBe(rows[0]?.contact)
  })

  it('and where no organisation decides about anything there is no such task', async () => {
    const { reference } = await habeas.askAndProve({ email: 'ada@example.com', residence: 'NL' })
    await release(habeas, dpo, reference)
    expect(await tasksOf(reference)).toEqual([])
  })
})
