import { buffer } from 'node:stream/consumers'
import { and, desc, eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { openArchive } from '../../src/archives/store.ts'
import { auditEntries } from '../../src/db/schema/audit.ts'
import { letters } from '../../src/db/schema/requests.ts'
import { archives, tasks } from '../../src/db/schema/work.ts'
import { Refusal } from '../../src/errors.ts'
import { answerTask, taskAnswer } from '../../src/requests/carrying-out/answer-task.ts'
import { assignTask } from '../../src/requests/carrying-out/assign-task.ts'
import { answerQuestion } from '../../src/requests/decision/answer-question.ts'
import { approveRequest } from '../../src/requests/decision/approve.ts'
import { planRequestAgain } from '../../src/requests/decision/plan-again.ts'
import { findRequest } from '../../src/requests/find.ts'
import { readTask } from '../../src/requests/list-tasks.ts'
import { readCase, readPlan } from '../../src/requests/read-case.ts'
import { releaseArchive } from '../../src/requests/reply/release.ts'
import { revealTask } from '../../src/requests/reveal-task.ts'
import { unzip } from '../support/archive.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'

const BELLE = 'belle@example.com'
let habeas: Installation
let dpo: Staff
let caseworker: Staff
let auditor: Staff

beforeAll(async () => {
  habeas = await openInstallation()
  dpo = await habeas.staff('dpo')
  caseworker = await habeas.staff('caseworker')
  auditor = await habeas.staff('auditor')
})

async function taskOf(reference: string): Promise<typeof tasks.$inferSelect | undefined> {
  const { id } = await findRequest(habeas.ctx, reference)
  const [task] = await habeas.ctx.db
    .select()
    .from(tasks)
    .where(and(eq(tasks.request_id, id), eq(tasks.kind, 'search')))
  return task
}

const refusedBy = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.catch((thrown: unknown) => thrown)
  if (error instanceof Refusal) return `${error.code} ${error.errors?.map(({ detail }) => detail).join() ?? ''}`
  throw new Error('it was not refused', { cause: error })
}

describe('Belle, of whose calls the desk keeps notes on paper', () => {
  it('gets them as a table, and is told what is kept back and why', async () => {
    const { reference } = await habeas.askAndProve({ email: BELLE, residence: 'NL' })
    const task = await taskOf(reference)
    if (task === undefined) throw new Error('nobody was asked')
    expect([task.source, task.state, task.assignee], 'the operator whom the policy names does not work here').toEqual([
      'support_desk',
      'open',
      null,
    ])

    await assignTask(habeas.as(dpo), { id: task.id, operator: caseworker.actor.email })
    expect((await readTask(habeas.as(dpo), { id: task.id })).assignee).toBe(caseworker.actor.id)
    expect(await refusedBy(assignTask(habeas.as(dpo), { id: task.id, operator: auditor.actor.email }))).toContain('who may answer tasks')
    expect(await revealTask(habeas.as(caseworker), { id: task.id })).toEqual([{ label: 'number of a call to support', values: ['T-2041'] }])
    const looks = await habeas.ctx.db.select().from(auditEntries)
    expect(looks.filter(({ action }) => action === 'request.revealed' || action === 'task.assigned')).toHaveLength(2)

    const ground = 'THIRD_PARTY_RIGHTS'
    const wrong = { found: true, exception: { ground: 'LEGAL_OBLIGATION', facts: 'x' } }
    expect(await refusedBy(answerTask(habeas.as(caseworker), { id: task.id, ...wrong }))).toContain('expected one of')
    const facts = 'Two lines are about a colleague of hers.'
    const table = 'called at;=cmd|x!A1\n2026-10-20;"=asked how to cancel; was told"\n2026-10-21;rang again'
    await answerTask(habeas.as(caseworker), { id: task.id, found: true, table, exception: { ground, facts } })
    await habeas.work()

    const [archive] = await habeas.ctx.db.select().from(archives).orderBy(desc(archives.built_at)).limit(1)
    if (archive === undefined) throw new Error('no archive was built')
    const entries = await unzip(await buffer(await openArchive(habeas.ctx, archive)))
    const file = [...entries].find(([path]) => path.includes('support_desk') && path.endsWith('.json'))
    expect(JSON.parse(file?.[1].toString() ?? '')).toEqual([
      { 'called at': '2026-10-20', '=cmd|x!A1': '=asked how to cancel; was told' },
      { 'called at': '2026-10-21', '=cmd|x!A1': 'rang again' },
    ])
    const csv = [...entries].find(([path]) => path.includes('support_desk') && path.endsWith('.csv'))
    expect(csv?.[1].toString()).toMatch(/^called at,'=cmd/)
    expect(csv?.[1].toString()).toContain("'=asked how to cancel; was told")
    await releaseArchive(habeas.as(dpo), { reference, archive_sha256: archive.sha256 })
    await habeas.work()
    expect((await findRequest(habeas.ctx, reference)).outcome).toBe('partly')
    const text = await replyText(reference)
    expect(text).toContain('Kept back, and why')
    expect(text).toContain(`Notes of calls at the support desk: A part would harm the rights of other people`)
    expect(text).toContain(facts)
  })

  it('is erased there by hand, and the letter says who searched', async () => {
    const { reference } = await habeas.askAndProve({ email: BELLE, right: 'erasure', residence: 'NL' })
    const second = await habeas.staff('dpo')
    const { plan_hash } = await readCase(habeas.as(dpo), { reference })
    for (const staff of [dpo, second]) await approveRequest(habeas.as(staff), { reference, plan_hash: plan_hash ?? '' })
    habeas.clock.advance({ hours: 72 })
    await habeas.work()
    expect((await readCase(habeas.as(dpo), { reference })).state, 'not before somebody has done it').toBe('carrying_out')
    const task = await taskOf(reference)
    await answerTask(habeas.as(caseworker), { id: task?.id ?? '', found: true, text: 'The sheet is shredded.' })
    await habeas.work()
    expect((await readCase(habeas.as(dpo), { reference })).state).toBe('delivered')
    expect(await replyText(reference)).toContain('Notes of calls at the support desk: searched by a person, data found')
  })
})

describe('Ada, who never called', () => {
  it('waits for nobody, and is told that the desk was not searched, and why', async () => {
    const { reference } = await habeas.askAndProve({ email: 'ada@example.com', residence: 'NL' })
    expect(await taskOf(reference)).toBeUndefined()
    expect((await readCase(habeas.as(dpo), { reference })).state).toBe('awaiting_release')
    const { searched } = await readPlan(habeas.as(dpo), { reference })
    expect(searched.filter(({ skipped }) => skipped === true).map(({ source }) => source)).toEqual(['support_desk'])
    const [archive] = await habeas.ctx.db.select().from(archives).orderBy(desc(archives.built_at)).limit(1)
    await releaseArchive(habeas.as(dpo), { reference, archive_sha256: archive?.sha256 ?? '' })
    expect(await replyText(reference)).toContain('not searched: people stand there by number of a call to support, and you have none')
  })
})

describe('a card that was handed in for a reader', () => {
  it('is not asked for again while it is the same reader, and never given to the other one at the same address', async () => {
    const library = await openInstallation({ company: 'second' })
    const librarian = library.as(await library.staff('dpo'))
    const email = 'juergen.gross@example.com'
    const move = (card: number, to: string) =>
      library.company.query(`update bibliothek.leser set mailadresse = $2 where zweigstelle = 'NORD' and ausweisnummer = $1`, [card, to])
    await move(18, email)
    const { reference } = await library.askAndProve({ email })
    const choose = async (place: number): Promise<void> => {
      const choice = (await readCase(librarian, { reference })).questions[0]?.choices[place] ?? ''
      await answerQuestion(librarian, { reference, question_id: 'identity', choice })
      await library.work()
    }
    const open = async () => (await library.ctx.db.select().from(tasks)).filter(({ state }) => state === 'open')
    const files = async (): Promise<string[]> => {
      const [archive] = await library.ctx.db.select().from(archives)
      if (archive === undefined) throw new Error('no archive was built')
      return [...(await unzip(await buffer(await openArchive(library.ctx, archive)))).values()].map(String)
    }
    await choose(0)
    await answerTask(librarian, { id: (await open())[0]?.id ?? '', found: true, text: 'The card of the first reader.' })
    await library.work()
    await planRequestAgain(librarian, { reference })
    await library.work()
    expect(await open(), 'it is the same reader').toEqual([])
    expect((await files()).join()).toContain('The card of the first reader.')

    await move(17, 'moved@example.com')
    await planRequestAgain(librarian, { reference })
    await library.work()
    await choose(0)
    expect(await open(), 'it is another reader').toHaveLength(1)
    await answerTask(librarian, { id: (await open())[0]?.id ?? '', found: true, text: 'The card of the second reader.' })
    await library.work()
    const given = (await files()).join()
    expect(given).toContain('The card of the second reader.')
    expect(given).not.toContain('The card of the first reader.')
  })
})

describe('a table that is handed in', () => {
  it.each([
    ['a,b\n1,2', undefined],
    ['a;b\r\n1;"x;""y""\nz"\r\n', undefined],
    ['a\tb\n1\t', undefined],
    ['a,b', 'expected at least one row below the names of the columns'],
    ['a,a\n1,2', 'expected each column to have a name of its own'],
    ['a,\n1,2', 'expected a first line with a name for each column'],
    ['a,b\n1,2\n3', 'expected 2 cells in row 2, got 1'],
    ['a,b\n"1,2', 'expected the end of a cell after the quote in line 2'],
    ['', 'expected at least one row below the names of the columns'],
  ])('%j', (table, sentence) => {
    const result = taskAnswer.safeParse({ found: true, table })
    expect(result.error?.issues.map(({ message }) => message)).toEqual(sentence === undefined ? undefined : [sentence])
  })

  it('belongs to something that was found', () => {
    expect(taskAnswer.safeParse({ found: false, table: 'a\n1' }).success).toBe(false)
    expect(taskAnswer.safeParse({ found: false, exception: { ground: 'X', facts: 'y' } }).success).toBe(false)
  })
})

/** The reply as it was kept. */
async function replyText(reference: string): Promise<string> {
  const { reply_letter_id } = await findRequest(habeas.ctx, reference)
  const [letter] = await habeas.ctx.db
    .select()
    .from(letters)
    .where(eq(letters.id, reply_letter_id ?? ''))
  return letter === undefined ? 'no letter' : habeas.ctx.keys.open(`letters.text:${letter.id}`, letter.text)
}
