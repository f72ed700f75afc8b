import { beforeEach, describe, expect, it } from 'vitest'
import { carryOutStep } from '../../src/requests/carrying-out/carry-out-step.ts'
import { advanceRequest } from '../../src/requests/advance.ts'
import { steps, tasks } from '../../src/db/schema/work.ts'
import { answerTask } from '../../src/requests/carrying-out/answer-task.ts'
import { retryStep } from '../../src/requests/carrying-out/retry-step.ts'
import { answerQuestion } from '../../src/requests/decision/answer-question.ts'
import { approveRequest } from '../../src/requests/decision/approve.ts'
import { extensionInput } from '../../src/requests/decision/extend.ts'
import { pauseRequest } from '../../src/requests/decision/pause.ts'
import { planRequestAgain } from '../../src/requests/decision/plan-again.ts'
import { refuseRequest } from '../../src/requests/decision/refuse.ts'
import { findRequest } from '../../src/requests/find.ts'
import { writeMessage } from '../../src/requests/messages.ts'
import { recordIdentity } from '../../src/requests/proof/record-identity.ts'
import { readCase, readReceipts } from '../../src/requests/read-case.ts'
import { placeHold } from '../../src/standing/place-hold.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'

const ADA = 'ada@example.com'
const MARIA = 'maria@example.com'
let habeas: Installation
let dpo: Staff
let second: Staff

beforeEach(async () => {
  habeas = await openInstallation()
  dpo = await habeas.staff('dpo')
  second = await habeas.staff('dpo')
})

const theCase = (reference: string) => readCase(habeas.as(dpo), { reference })
const emails = async () =>
  (
    await habeas.company.query<{ email: string }>(`select email from accounts where id in (1, 7) or email ilike '%ada%' order by id`)
  ).rows.map(({ email }) => email)

/** An erasure that two people have agreed to, before its window is over. */
async function agreed(email = ADA): Promise<string> {
  const { reference } = await habeas.askAndProve({ email, right: 'erasure' })
  await approveBy(reference, dpo, second)
  return reference
}

async function approveBy(reference: string, ...staff: Staff[]): Promise<void> {
  for (const one of staff) await approveRequest(habeas.as(one), { reference, plan_hash: (await theCase(reference)).plan_hash ?? '' })
}

/** The step of it that waits for no other, opened and not begun. */
async function openedStep(reference: string): Promise<{ step_id: string }> {
  habeas.clock.advance({ hours: 72 })
  await advanceRequest(habeas.ctx, { request_id: (await findRequest(habeas.ctx, reference)).id })
  const step = (await habeas.ctx.db.select().from(steps)).find(({ waits_for }) => waits_for.length === 0)
  if (step === undefined) throw new Error('no step')
  return { step_id: step.id }
}

describe('an address that leads to somebody else after two people agreed', () => {
  it('before the work begins: is planned again, and neither is erased', async () => {
    const reference = await agreed()
    await habeas.company.query(`update accounts set email = 'ada.moved@example.com' where email = $1`, [ADA])
    await habeas.company.query(`update accounts set email = $1 where email = $2`, [ADA, MARIA])
    const before = await emails()
    habeas.clock.advance({ hours: 73 })
    await habeas.work()
    expect(await emails()).toEqual(before)
    expect(await theCase(reference)).toMatchObject({ state: 'awaiting_decision', approvals: [] })
  })

  it('between the opening of the step and its effect: the step parks, and neither is erased', async () => {
    const reference = await agreed()
    const step = await openedStep(reference)
    await habeas.company.query(
      `insert into accounts (id, email, display_name, plan, country, locale, password_hash, created_at) values (900001, 'Ada@example.com', 'Another Ada', 'free', 'NL', 'nl', 'x', now())`,
    )
    await carryOutStep(habeas.ctx, step)
    const { rows } = await habeas.company.query<{ n: number }>(`select count(*)::int as n from accounts where lower(email) = $1`, [ADA])
    expect(rows).toEqual([{ n: 2 }])
    expect(await theCase(reference)).toMatchObject({ state: 'carrying_out', steps: { parked: 1, done: 0 } })
    const again = await planRequestAgain(habeas.as(dpo), { reference })
    expect(again.state).toBe('planning')
    await habeas.work()
    expect((await theCase(reference)).questions).toMatchObject([{ id: 'identity' }])
  })
})

describe('rows that somebody else has a part in by now', () => {
  it('park the step: they would silently be left alone', async () => {
    const reference = await agreed('pieter@example.com')
    await openedStep(reference)
    await habeas.company.query(
      `update telemetry_events set account_id = (select id from accounts where email = 'bram@example.com')
       where account_id = (select id from accounts where email = 'pieter@example.com') and id % 2 = 0`,
    )
    await habeas.work()
    expect(await theCase(reference)).toMatchObject({ state: 'carrying_out', steps: { parked: 1 } })
    const { rows } = await habeas.company.query(`select 1 as one from accounts where email = 'pieter@example.com'`)
    expect(rows).toHaveLength(1)
  })
})

describe('a hold', () => {
  it('that is placed after the step was opened still binds', async () => {
    const reference = await agreed()
    const step = await openedStep(reference)
    await placeHold(habeas.as(dpo), { matter: 'Case 7', reason: 'claim', scope: { subject: ADA }, review_at: '2027-03-01' })
    await carryOutStep(habeas.ctx, step)
    expect(await theCase(reference)).toMatchObject({ steps: { parked: 1, done: 0 } })
    const { rows } = await habeas.company.query(`select 1 as one from accounts where email = $1`, [ADA])
    expect(rows).toHaveLength(1)
  })
})

describe('work that stopped half way at a vendor', () => {
  it('is not taken back: nobody could say what went. It is tried again, and the receipt counts all of it', async () => {
    const reference = await agreed()
    const step = await openedStep(reference)
    await habeas.company.query(`
      create function vendors.fails() returns trigger language plpgsql as $$
      begin
        if exists (select from vendors.grants where customer = old.customer and ended is not null) then raise 'not now'; end if;
        return new;
      end $$;
      create trigger fails before update on vendors.grants for each row execute function vendors.fails()`)
    await carryOutStep(habeas.ctx, step)
    expect((await habeas.ctx.db.select().from(steps)).find(({ id }) => id === step.step_id)?.parked_reason).toContain(
      '1 of 2 rows are done',
    )
    await expect(planRequestAgain(habeas.as(dpo), { reference })).rejects.toMatchObject({ code: 'too_late' })
    await habeas.company.query('drop trigger fails on vendors.grants')
    await retryStep(habeas.as(dpo), { reference, step_id: step.step_id })
    await habeas.work()
    expect((await theCase(reference)).state).toBe('delivered')
    const receipt = (await readReceipts(habeas.as(dpo), { reference })).find(({ body }) => body['source'] === 'tool_vendors')
    expect(receipt?.body['rows']).toEqual({ vendor_grants: 2 })
  })

  it('is taken back when the vendor was not asked yet', async () => {
    const reference = await agreed()
    await openedStep(reference)
    expect((await planRequestAgain(habeas.as(dpo), { reference })).state).toBe('planning')
  })
})

describe('a copy and an erasure asked together', () => {
  it('are done in this order: nothing is erased while somebody still searches for the copy', async () => {
    const library = await openInstallation({ company: 'second' })
    const librarian = await library.staff('dpo')
    const email = 'juergen.gross@example.com'
    const both = await library.askAndProve({ email, right: undefined, rights: ['erasure', 'access'] } as never)
    const [erasure = '', access = ''] = both.references ?? []
    const look = (reference: string) => readCase(library.as(librarian), { reference })
    await approveRequest(library.as(librarian), { reference: erasure, plan_hash: (await look(erasure)).plan_hash ?? '' })
    library.clock.advance({ days: 3 })
    await library.work()
    expect([(await look(erasure)).state, (await look(access)).state]).toEqual(['approved', 'carrying_out'])
    const [task] = await library.ctx.db.select().from(tasks)
    await answerTask(library.as(librarian), { id: task?.id ?? '', found: false })
    await library.work()
    expect((await look(access)).state).toBe('awaiting_release')
    library.clock.advance({ minutes: 2 })
    await library.work()
    expect((await look(erasure)).state).toBe('carrying_out')
    const { rows } = await library.company.query('select 1 as one from bibliothek.leser where mailadresse = $1', [email])
    expect(rows).toEqual([])
  })
})

describe('a choice between two people', () => {
  it('is asked again when the chosen one has another address by the time', async () => {
    const samuel = 'Sam.Okafor@example.com'
    const { reference } = await habeas.askAndProve({ email: samuel.toLowerCase() })
    const { rows } = await habeas.company.query<{ email: string }>(
      `select email from accounts where lower(email) = lower($1) order by id::text`,
      [samuel],
    )
    const [question] = (await theCase(reference)).questions
    const choice = question?.choices[rows.findIndex(({ email }) => email === samuel)] ?? ''
    await answerQuestion(habeas.as(dpo), { reference, question_id: 'identity', choice })
    await habeas.company.query(`update accounts set email = 'sam.moved@example.com' where email = $1`, [samuel])
    await habeas.work()
    const after = await theCase(reference)
    expect(after).toMatchObject({ state: 'awaiting_decision', questions: [{ id: 'identity' }] })
    expect(after.questions[0]?.choices).not.toContain(choice)
  })

  it('may be nobody: the person is told that we cannot tell, and not that we hold nothing', async () => {
    const { reference } = await habeas.askAndProve({ email: 'familie.jansen@example.com', right: 'erasure' })
    await answerQuestion(habeas.as(dpo), { reference, question_id: 'identity', choice: 'none' })
    await habeas.work()
    expect(await theCase(reference)).toMatchObject({ state: 'refused', outcome: 'refused' })
    const letter = habeas.mails.at(-1)
    expect(letter?.text).not.toContain('hold nothing')
    expect(letter?.text).toContain('Autoriteit Persoonsgegevens')
  })
})

describe('two voices', () => {
  it('are not two caseworkers with a grant', async () => {
    const one = await habeas.staff('caseworker', ['approver'])
    const two = await habeas.staff('caseworker', ['approver'])
    const { reference } = await habeas.askAndProve({ email: ADA, right: 'erasure' })
    await approveBy(reference, one, two)
    expect((await theCase(reference)).state).toBe('awaiting_decision')
    await approveBy(reference, dpo)
    expect((await theCase(reference)).state).toBe('approved')
  })

  it('are not that of who checked the identity', async () => {
    const { reference } = await habeas.ask({ email: ADA, right: 'erasure' })
    await recordIdentity(habeas.as(dpo), { reference, method: 'called back', note: 'Called Ada van Dam on +31 6 12345678.' })
    await habeas.work()
    await expect(approveBy(reference, dpo)).rejects.toMatchObject({ code: 'same_person' })
    const { rows } = await habeas.ctx.db.execute<{ body: string }>('select body from audit_entries')
    expect(JSON.stringify(rows)).not.toMatch(/12345678|van Dam|called back/)
  })

  it('refuse a request in whole', async () => {
    const { reference } = await habeas.askAndProve({ email: ADA, right: 'erasure' })
    const refusal = { reference, ground: 'LEGAL_CLAIMS', facts: 'There is a dispute before the court of Amsterdam.' }
    expect((await refuseRequest(habeas.as(dpo), refusal)).state).toBe('awaiting_decision')
    expect((await theCase(reference)).refusal_proposed).toEqual({ ground: 'LEGAL_CLAIMS', by: dpo.actor.id })
    await expect(refuseRequest(habeas.as(dpo), refusal)).rejects.toMatchObject({ code: 'same_person' })
    expect((await refuseRequest(habeas.as(second), { ...refusal, facts: 'I agree with what stands there.' })).state).toBe('refused')
    await habeas.work()
    expect(habeas.mails.at(-1)?.text).toContain('court of Amsterdam')
  })

  it('tell somebody who has proven nothing only that we cannot identify them', async () => {
    const { reference } = await habeas.ask({ email: ADA, right: 'erasure' })
    const facts = 'Account 1 owes money since the spring.'
    await expect(refuseRequest(habeas.as(dpo), { reference, ground: 'LEGAL_CLAIMS', facts })).rejects.toMatchObject({
      code: 'forbidden_by_law',
    })
  })
})

describe('a pause', () => {
  it('ends on the day the person answers, whenever somebody reads it', async () => {
    const mine = await habeas.askAndProve({ email: ADA, right: 'erasure', residence: 'NL' })
    const { enforce_by } = await theCase(mine.reference)
    await pauseRequest(habeas.as(dpo), { reference: mine.reference, reason: 'identity', question: 'Which of the two accounts is yours?' })
    habeas.clock.advance({ days: 1 })
    await writeMessage(mine.ctx, { reference: mine.reference, text: 'The older one.' })
    habeas.clock.advance({ days: 9 })
    const after = await theCase(mine.reference)
    expect([enforce_by, after.enforce_by, after.paused]).toEqual(['2026-12-20', '2026-12-21', false])
  })
})

describe('an extension', () => {
  it('needs its reason in a sentence, with or without the name of the ground', () => {
    const explanation = 'Eleven systems must be searched by hand.'
    expect(extensionInput.parse({ reason: explanation })).toEqual({ reason: 'complexity', explanation })
    expect(extensionInput.parse({ reason: 'number_of_requests', explanation })).toEqual({ reason: 'number_of_requests', explanation })
    expect(extensionInput.safeParse({ reason: 'complexity' }).success, 'a ground alone tells the person nothing').toBe(false)
    expect(extensionInput.safeParse({ reason: 'busy' }).success).toBe(false)
  })
})
