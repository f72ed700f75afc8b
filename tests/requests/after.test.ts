import { beforeEach, describe, expect, it } from 'vitest'
import { requests } from '../../src/db/schema/requests.ts'
import { closeDelivered } from '../../src/requests/after/close-delivered.ts'
import { expireUnproven } from '../../src/requests/after/expire-unproven.ts'
import { remindDue } from '../../src/requests/after/remind.ts'
import { approveRequest } from '../../src/requests/decision/approve.ts'
import { readCase } from '../../src/requests/read-case.ts'
import { proveRequest } from '../../src/requests/proof/prove.ts'
import { askCode } from '../../src/requests/proof/ask-code.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'

let habeas: Installation
let dpo: Staff

beforeEach(async () => {
  habeas = await openInstallation({ accounts: 150 })
  dpo = await habeas.staff('dpo')
})

const stateOf = async (reference: string) => (await readCase(habeas.as(dpo), { reference })).state
const remindersSent = () => habeas.mails.filter(({ to }) => to === dpo.actor.email).map(({ subject }) => subject)

describe('the DPO is reminded', () => {
  // Received Friday 20 November 2026, so the answer is due on Sunday 20 December and is sent by Friday 18 December.
  it('14, 7, 3 and 1 days before the day of sending and when it is overdue, each once', async () => {
    await habeas.askAndProve({ email: 'ada@example.com', residence: 'NL', right: 'erasure' })
    for (const [instant, sent] of [
      ['2026-12-04T07:59:59Z', 0],
      ['2026-12-04T08:00:00Z', 1],
      ['2026-12-11T07:59:59Z', 1],
      ['2026-12-11T08:00:00Z', 2],
      ['2026-12-15T08:00:00Z', 3],
      ['2026-12-17T08:00:00Z', 4],
      ['2026-12-20T22:59:59Z', 4],
      ['2026-12-20T23:00:00Z', 5],
      ['2027-01-05T08:00:00Z', 5],
    ] as const) {
      habeas.clock.set(instant)
      await remindDue(habeas.ctx)
      await remindDue(habeas.ctx)
      await habeas.work()
      expect(remindersSent(), instant).toHaveLength(sent)
    }
    expect(new Set(remindersSent()).size, 'each says something else').toBeGreaterThan(1)
  })

  it('not at all about a case that has been answered', async () => {
    await habeas.askAndProve({ email: 'nobody@example.net', residence: 'NL' })
    habeas.clock.set('2027-01-05T08:00:00Z')
    await remindDue(habeas.ctx)
    await habeas.work()
    expect(remindersSent()).toEqual([])
  })
})

describe('a request that nobody proves', () => {
  it('ends on its first reply day with one neutral letter, and a later proof reopens it', async () => {
    const { reference } = await habeas.ask({ email: 'ada@example.com', residence: 'NL' })
    await habeas.work()
    habeas.clock.set('2026-12-19T22:59:59Z')
    await expireUnproven(habeas.ctx)
    expect(await stateOf(reference), 'the last second of the day before').toBe('verifying')
    habeas.clock.set('2026-12-19T23:00:00Z')
    expect(await expireUnproven(habeas.ctx)).toBe(1)
    expect(await expireUnproven(habeas.ctx)).toBe(0)
    await habeas.work()
    expect(await stateOf(reference)).toBe('expired')
    const letters = habeas.mails.filter(({ to, subject }) => to === 'ada@example.com' && subject.includes('could not make sure'))
    expect(letters).toHaveLength(1)
    expect(letters[0]?.text).toContain('Autoriteit Persoonsgegevens')

    await askCode(habeas.ctx, { reference })
    await habeas.work()
    await proveRequest(habeas.ctx, { reference, code: habeas.codeFor('ada@example.com') })
    expect(await stateOf(reference)).toBe('planning')
  })
})

describe('a case that is over', () => {
  it('is closed two weeks after its answer, and not a second before', async () => {
    const { reference } = await habeas.askAndProve({ email: 'nobody@example.net' })
    expect(await stateOf(reference)).toBe('delivered')
    habeas.clock.advance({ days: 14, seconds: -1 })
    expect(await closeDelivered(habeas.ctx)).toBe(0)
    habeas.clock.advance({ seconds: 1 })
    expect(await closeDelivered(habeas.ctx)).toBe(1)
    expect(await stateOf(reference)).toBe('closed')
  })
})

describe('codes', () => {
  it('live ten minutes, and five tries', async () => {
    const { reference } = await habeas.ask({ email: 'ada@example.com' })
    await habeas.work()
    const code = habeas.codeFor('ada@example.com')
    habeas.clock.advance({ minutes: 10 })
    await expect(proveRequest(habeas.ctx, { reference, code })).rejects.toMatchObject({ code: 'code_refused' })

    await askCode(habeas.ctx, { reference })
    await habeas.work()
    const second = habeas.codeFor('ada@example.com')
    expect(second).not.toBe(code)
    for (let wrong = 1; wrong <= 4; wrong++)
      await expect(proveRequest(habeas.ctx, { reference, code: 'BBBB-BBBB' })).rejects.toMatchObject({ code: 'code_refused' })
    habeas.clock.advance({ minutes: 9, seconds: 59 })
    await expect(proveRequest(habeas.ctx, { reference, code: second.toLowerCase() }), 'the fifth try may be right').resolves.toMatchObject({
      token: expect.stringMatching(/^hab_/),
    })
    await expect(proveRequest(habeas.ctx, { reference, code: second }), 'and it is used up').rejects.toMatchObject({ code: 'code_refused' })
  })

  it('are spent by the fifth wrong try', async () => {
    const { reference } = await habeas.ask({ email: 'ada@example.com' })
    await habeas.work()
    const code = habeas.codeFor('ada@example.com')
    for (let wrong = 1; wrong <= 5; wrong++)
      await expect(proveRequest(habeas.ctx, { reference, code: 'BBBB-BBBB' })).rejects.toMatchObject({ code: 'code_refused' })
    await expect(proveRequest(habeas.ctx, { reference, code })).rejects.toMatchObject({ code: 'code_refused' })
  })

  it('are mailed three times a day to one address, and no more; other letters still go', async () => {
    const { reference } = await habeas.ask({ email: 'ada@example.com' })
    for (let again = 1; again <= 5; again++) await askCode(habeas.ctx, { reference })
    await habeas.ask({ email: 'ADA@example.com', right: 'erasure' })
    await habeas.work()
    const coded = () => habeas.mails.filter(({ text }) => /^Code: /m.test(text))
    expect(coded()).toHaveLength(3)
    habeas.clock.advance({ days: 1 })
    await askCode(habeas.ctx, { reference })
    await habeas.work()
    expect(coded()).toHaveLength(4)
  })

  it('are never in the database, nor in a kept letter', async () => {
    await habeas.ask({ email: 'ada@example.com' })
    await habeas.work()
    const code = habeas.codeFor('ada@example.com')
    const { rows } = await habeas.ctx.db.execute<{ table_name: string }>(
      `select table_name from information_schema.tables where table_schema = 'public'`,
    )
    for (const { table_name } of rows) {
      const dump = await habeas.ctx.db.execute(`select t::text as row from "${table_name}" t`)
      const text = JSON.stringify(dump.rows)
      expect(text.includes(code) || text.includes('ada@example.com'), table_name).toBe(false)
    }
  })
})

describe('a repeat', () => {
  it('gets a reference of its own and the same answer, leads to the one case, and opens no second', async () => {
    const first = await habeas.ask({ email: 'ada@example.com', residence: 'NL' })
    habeas.clock.advance({ days: 2 })
    const second = await habeas.ask({ email: 'ada@example.com', residence: 'NL' })
    expect(second.reference).not.toBe(first.reference)
    expect(second.received_at).toBe('2026-11-22T10:00:00.000Z')
    expect(second.due_at, 'as for anybody who asks on that day').toBe(
      (await habeas.ask({ email: 'nobody@example.net', residence: 'NL' })).due_at,
    )
    await habeas.work()
    await proveRequest(habeas.ctx, { reference: second.reference, code: habeas.codeFor('ada@example.com') })
    expect(await stateOf(first.reference)).toBe('planning')
    await expect(readCase(habeas.as(dpo), { reference: second.reference })).rejects.toMatchObject({ code: 'unknown_reference' })
  })
})

describe('what a stranger typed under Ada’s address', () => {
  const corrections = [{ field: 'display_name', to: 'Mallory' }]

  it('is not proven by Ada’s code, whatever else she has asked', async () => {
    await habeas.ask({ email: 'ada@example.com', right: undefined, rights: ['access', 'erasure'] } as never)
    const strange = await habeas.ask({ email: 'ada@example.com', right: 'rectification', corrections })
    habeas.clock.advance({ minutes: 20 })
    const mine = await habeas.ask({ email: 'ada@example.com', right: 'access' })
    await habeas.work()
    await proveRequest(habeas.ctx, { reference: mine.reference, code: habeas.codeFor('ada@example.com') })
    await habeas.work()
    const { rows } = await habeas.ctx.db.execute<{ right: string }>(`select "right" from requests where proven_at is not null`)
    expect(rows).toEqual([{ right: 'access' }])
    expect(await stateOf(strange.reference)).toBe('verifying')
  })

  it('does not take the place of her own correction', async () => {
    const strange = await habeas.ask({ email: 'ada@example.com', right: 'rectification', corrections })
    const mine = await habeas.ask({
      email: 'ada@example.com',
      right: 'rectification',
      corrections: [{ field: 'display_name', to: 'Ada Lovelace' }],
    })
    await habeas.work()
    await proveRequest(habeas.ctx, { reference: mine.reference, code: habeas.codeFor('ada@example.com') })
    expect([await stateOf(strange.reference), await stateOf(mine.reference)]).toEqual(['verifying', 'planning'])
  })

  it('is a case of its own when the address is written another way', async () => {
    await habeas.ask({ email: 'ada@example.com' })
    await habeas.ask({ email: 'Ada@example.com' })
    expect(await habeas.ctx.db.$count(requests)).toBe(2)
  })
})

describe('five equal messages at once', () => {
  it('open one case', async () => {
    await Promise.all(
      Array.from({ length: 5 }, () => habeas.ask({ email: 'ada@example.com', scope: { from: '2026-01-01', to: '2026-02-01' } })),
    )
    expect(await habeas.ctx.db.$count(requests)).toBe(1)
  })
})

describe('a message with an old right and a new one', () => {
  it('is proven by its one code, both of it', async () => {
    await habeas.ask({ email: 'ada@example.com', right: 'access' })
    habeas.clock.advance({ minutes: 15 })
    const both = await habeas.ask({ email: 'ada@example.com', right: undefined, rights: ['access', 'restriction'] } as never)
    await habeas.work()
    await proveRequest(habeas.ctx, { reference: both.references?.[1] ?? '', code: habeas.codeFor('ada@example.com') })
    const { rows } = await habeas.ctx.db.execute<{ right: string }>(`select "right" from requests where proven_at is not null order by 1`)
    expect(rows).toEqual([{ right: 'access' }, { right: 'restriction' }])
  })
})

describe('an erasure that is proven after its date', () => {
  it('still has its whole window', async () => {
    const { reference } = await habeas.ask({ email: 'ada@example.com', right: 'erasure', residence: 'NL' })
    await habeas.work()
    habeas.clock.advance({ days: 45 })
    await askCode(habeas.ctx, { reference })
    await habeas.work()
    await proveRequest(habeas.ctx, { reference, code: habeas.codeFor('ada@example.com') })
    expect((await readCase(habeas.as(dpo), { reference })).cancel_until).toBe('2027-01-07T10:00:00.000Z')
  })
})

describe('approvals', () => {
  it('are not given by somebody who opened the case', async () => {
    const { openCaseForOperator } = await import('../../src/requests/intake/open-for-operator.ts')
    const { caseInput } = await import('../../src/requests/intake/request-input.ts')
    const { recordIdentity } = await import('../../src/requests/proof/record-identity.ts')
    const input = caseInput.parse({
      right: 'erasure',
      received_at: '2026-11-19T10:00:00Z',
      channel: 'letter',
      subject: { email: 'ada@example.com' },
    })
    const { reference } = await openCaseForOperator(habeas.as(dpo), input)
    const other = await habeas.staff('dpo')
    await recordIdentity(habeas.as(await habeas.staff('dpo')), {
      reference,
      method: 'called back',
      note: 'Called the number on the invoice.',
    })
    await habeas.work()
    const { plan_hash } = await readCase(habeas.as(dpo), { reference })
    await expect(approveRequest(habeas.as(dpo), { reference, plan_hash: plan_hash ?? '' })).rejects.toMatchObject({ code: 'same_person' })
    const approved = await approveRequest(habeas.as(other), { reference, plan_hash: plan_hash ?? '' })
    expect(approved.state).toBe('awaiting_decision')
  })
})
