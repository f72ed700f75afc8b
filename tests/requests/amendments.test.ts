import { beforeAll, describe, expect, it } from 'vitest'
import { amendmentInput } from '../../src/requests/decision/amend.ts'
import { approveRequest } from '../../src/requests/decision/approve.ts'
import { planRequestAgain } from '../../src/requests/decision/plan-again.ts'
import { readCase, readPlan } from '../../src/requests/read-case.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'
import { archiveOf, release } from './reply-people.ts'

const ADA = 'ada@example.com'
let habeas: Installation
let dpo: Staff
let second: Staff

beforeAll(async () => {
  habeas = await openInstallation()
  dpo = await habeas.staff('dpo')
  second = await habeas.staff('dpo')
})

const plan = (reference: string) => readPlan(habeas.as(dpo), { reference })
const itemOf = async (reference: string, collection: string) =>
  (await plan(reference)).items.find((item) => item.collection === collection && item.whose === undefined)

const rowsGiven = async (reference: string) => (await archiveOf(habeas, reference)).manifest['rows'] as Record<string, number>

async function ask(right: 'access' | 'erasure', email = ADA): Promise<string> {
  const { reference } = await habeas.askAndProve({ email, right })
  await habeas.work()
  return reference
}

async function amend(reference: string, input: object, by = dpo): Promise<void> {
  await planRequestAgain(habeas.as(by), { ...amendmentInput.parse(input), reference })
  await habeas.work()
}

describe('a plan that a person amends', () => {
  it('leaves a part of a copy out on a ground, under a new hash, and the letter says so', async () => {
    const reference = await ask('access')
    const before = await plan(reference)
    const leave_out = [{ collection: 'security_events', ground: 'THIRD_PARTY_RIGHTS', reason: 'names a colleague of ours' }]
    await amend(reference, { leave_out })
    const after = await plan(reference)
    expect(after.hash).not.toBe(before.hash)
    expect(await itemOf(reference, 'security_events')).toBeUndefined()
    expect(JSON.stringify(after)).not.toContain('colleague')
    expect(await rowsGiven(reference)).not.toHaveProperty('security_events')
    await release(habeas, second, reference)
    expect(await readCase(habeas.as(dpo), { reference })).toMatchObject({ outcome: 'partly' })
    const letter = habeas.mails.at(-1)?.text ?? ''
    expect(letter).toContain('Left out')
    expect(letter).toContain('Art. 15(4) GDPR')
  })

  it('leaves single fields out and keeps the rest', async () => {
    const reference = await ask('access', 'chiara@example.com')
    const fields = ['detail', 'risk_score']
    await amend(reference, {
      leave_out: [{ collection: 'security_events', fields, ground: 'THIRD_PARTY_RIGHTS', reason: 'names a colleague' }],
    })
    const item = await itemOf(reference, 'security_events')
    expect(item?.fields).toContain('kind')
    expect(item?.fields.filter((field) => fields.includes(field))).toEqual([])
  })

  it('gives what was left out again when it is added back', async () => {
    const reference = await ask('access', 'sean@example.com')
    const { hash } = await plan(reference)
    await amend(reference, { leave_out: [{ collection: 'feedback', ground: 'THIRD_PARTY_RIGHTS', reason: 'a mistake of mine' }] })
    expect(await itemOf(reference, 'feedback')).toBeUndefined()
    await amend(reference, { add: [{ collection: 'feedback', reason: 'it was a mistake' }] })
    expect((await plan(reference)).hash).toBe(hash)
  })

  it('keeps rows on a ground until a day, with what they refer to, and erases the rest', async () => {
    const reference = await ask('erasure', 'maria@example.com')
    const { hash } = await plan(reference)
    const keep = [{ collection: 'feedback', ground: 'LEGAL_CLAIMS', until: '2027-06-30', reason: 'a claim is announced' }]
    await amend(reference, { keep })
    expect(await itemOf(reference, 'feedback')).toMatchObject({ action: 'keep', keep: { basis: 'legal_claims', until: '2027-06-30' } })
    expect(await itemOf(reference, 'accounts')).toMatchObject({ action: 'keep', reason: expect.stringContaining('refers to it') })
    const after = await plan(reference)
    expect(after.items.find(({ collection }) => collection === 'devices')).toMatchObject({ action: 'erase' })
    await expect(approveRequest(habeas.as(dpo), { reference, plan_hash: after.hash })).rejects.toMatchObject({ code: 'same_person' })
    await expect(approveRequest(habeas.as(second), { reference, plan_hash: hash })).rejects.toMatchObject({ code: 'stale_plan' })
    await approveRequest(habeas.as(second), { reference, plan_hash: after.hash })
  })

  it('adds rows that are also somebody else’s to a copy, and says so', async () => {
    // Somebody else has signed in on his device.
    await habeas.company.query(
      `update telemetry_events set account_id = (select id from accounts where email = 'bram@example.com')
       where account_id = (select id from accounts where email = 'pieter@example.com') and id % 2 = 0`,
    )
    const reference = await ask('access', 'pieter@example.com')
    const { left_out } = await plan(reference)
    expect(left_out['telemetry_events']).toBeGreaterThan(0)
    await amend(reference, { add: [{ collection: 'telemetry_events', reason: 'it is his device' }] })
    const amended = await plan(reference)
    expect(amended.left_out['telemetry_events']).toBeUndefined()
    expect(amended.items.find(({ whose }) => whose === 'shared')).toMatchObject({
      collection: 'telemetry_events',
      action: 'disclose',
      rows: left_out['telemetry_events'],
    })
    expect(await readCase(habeas.as(dpo), { reference }), 'nobody adds rows of others alone').toMatchObject({
      state: 'awaiting_decision',
      approvals_needed: 1,
    })
    await expect(approveRequest(habeas.as(dpo), { reference, plan_hash: amended.hash })).rejects.toMatchObject({ code: 'same_person' })
    await approveRequest(habeas.as(second), { reference, plan_hash: amended.hash })
    await habeas.work()
    const given = await rowsGiven(reference)
    expect(given['telemetry_events_shared']).toBe(left_out['telemetry_events'])
    expect(given['telemetry_events']).toBe((await itemOf(reference, 'telemetry_events'))?.rows)
    await expect(release(habeas, dpo, reference)).rejects.toMatchObject({ code: 'same_person' })
    await release(habeas, second, reference)
  })
})

describe('what is amended one after the other', () => {
  const leaveOut = (collection: string, ...fields: string[]) => ({
    leave_out: [{ collection, fields, ground: 'THIRD_PARTY_RIGHTS', reason: 'names a colleague' }],
  })
  const left = async (reference: string) =>
    (await plan(reference)).amendments.map(({ kind, collection, fields }) => [kind, collection, fields])

  it('adds up, until somebody takes it back', async () => {
    const reference = await ask('access')
    const { hash } = await plan(reference)
    await amend(reference, leaveOut('security_events', 'risk_score'))
    await amend(reference, leaveOut('security_events', 'detail'))
    expect(await left(reference)).toEqual([['leave_out', 'security_events', ['detail', 'risk_score']]])
    const item = await itemOf(reference, 'security_events')
    expect(item?.fields.filter((field) => ['detail', 'risk_score'].includes(field))).toEqual([])
    await amend(reference, leaveOut('security_events'))
    expect(await left(reference)).toEqual([['leave_out', 'security_events', []]])
    await amend(reference, { take_back: [{ collection: 'security_events', kind: 'leave_out', reason: 'it was a mistake' }] })
    expect((await plan(reference)).hash).toBe(hash)
  })

  it('of one kind undoes none of another: rows of others are added beside what is left out', async () => {
    const reference = await ask('access', 'pieter@example.com')
    await amend(reference, leaveOut('telemetry_events', 'os'))
    await amend(reference, { add: [{ collection: 'telemetry_events', reason: 'it is his device' }] })
    expect((await left(reference)).map(([kind]) => kind)).toEqual(['add', 'leave_out'])
    const items = (await plan(reference)).items.filter(({ collection }) => collection === 'telemetry_events')
    expect(items.map(({ whose, fields }) => [whose, fields.includes('feature'), fields.includes('os')])).toEqual([
      [undefined, true, false],
      ['shared', true, false],
    ])
    await amend(reference, leaveOut('telemetry_events'))
    expect((await plan(reference)).items.filter(({ collection }) => collection === 'telemetry_events').map(({ whose }) => whose)).toEqual([
      'shared',
    ])
    await amend(reference, { take_back: [{ collection: 'telemetry_events', kind: 'add', reason: 'not his alone' }] })
    expect((await left(reference)).map(([kind]) => kind)).toEqual(['leave_out'])
  })
})

describe('a correction whose old value stands elsewhere too', () => {
  it('names the copies, and changes those that a person adds', async () => {
    const email = 'sean@example.com'
    const name = (await habeas.company.query<{ display_name: string }>('select display_name from accounts where email = $1', [email]))
      .rows[0]
    const to = 'Seán Ó Briain'
    const { reference } = await habeas.askAndProve({
      email,
      right: 'rectification',
      corrections: [{ field: 'display_name', from: name?.display_name ?? '', to }],
    })
    await habeas.work()
    const { copies } = await plan(reference)
    expect(copies).toMatchObject({ 'newsletter_subscribers.name': 1 })
    expect((await plan(reference)).items.map(({ collection }) => collection)).toEqual(['accounts'])
    await amend(reference, { add: [{ collection: 'newsletter_subscribers', fields: ['name'], reason: 'the same name' }] })
    const { hash, items } = await plan(reference)
    expect(items.map(({ collection, fields }) => [collection, fields])).toEqual([
      ['accounts', ['display_name']],
      ['newsletter_subscribers', ['name']],
    ])
    await approveRequest(habeas.as(second), { reference, plan_hash: hash })
    await habeas.work()
    const now = await habeas.company.query<{ name: string }>(
      `select display_name as name from accounts where email = $1 union all select name from newsletter_subscribers where email = $1`,
      [email],
    )
    expect(now.rows.map((row) => row.name)).toEqual([to, to])
  })
})

describe('a new value that the database would refuse', () => {
  it.each([
    ['is too long for its column', 'country', 'Netherlands', 'at most 2 characters'],
    ['has another type', 'birth_year', 'nineteen eighty', 'a value of the type'],
  ])('%s: a person is asked, and nothing is tried', async (_, field, to, expected) => {
    const { reference } = await habeas.askAndProve({
      email: `${field === 'country' ? 'chiara' : 'tess'}@example.com`,
      right: 'rectification',
      corrections: [{ field, to }],
    })
    await habeas.work()
    const { questions, items } = await plan(reference)
    expect(questions).toMatchObject([{ id: 'correction-1', kind: 'value_does_not_fit', choices: ['leave_out', 'done_by_hand'] }])
    expect(questions[0]?.text).toContain(expected)
    expect(questions[0]?.text).not.toContain(to)
    expect(items).toEqual([])
  })
})

describe('an amendment that does not fit', () => {
  it.each([
    [
      'a collection the plan does not have',
      { leave_out: [{ collection: 'nowhere', ground: 'THIRD_PARTY_RIGHTS', reason: 'because' }] },
      'unknown_item',
    ],
    [
      'a field it does not have',
      { leave_out: [{ collection: 'feedback', fields: ['nothing'], ground: 'THIRD_PARTY_RIGHTS', reason: 'because' }] },
      'unknown_item',
    ],
    [
      'a ground of another right',
      { leave_out: [{ collection: 'feedback', ground: 'LEGAL_CLAIMS', reason: 'because' }] },
      'forbidden_by_law',
    ],
    [
      'rows kept in a copy',
      { keep: [{ collection: 'feedback', ground: 'THIRD_PARTY_RIGHTS', until: '2027-01-01', reason: 'because' }] },
      'unknown_item',
    ],
    [
      'a collection that is named twice',
      {
        leave_out: ['kind', 'detail'].map((field) => ({
          collection: 'security_events',
          fields: [field],
          ground: 'THIRD_PARTY_RIGHTS',
          reason: 'because',
        })),
      },
      'unknown_item',
    ],
    [
      'something taken back that nobody has amended',
      { take_back: [{ collection: 'security_events', kind: 'leave_out', reason: 'because' }] },
      'unknown_item',
    ],
    ['rows added where none are shared', { add: [{ collection: 'feedback', reason: 'because' }] }, 'unknown_item'],
  ])('%s is refused and changes nothing', async (_, input, code) => {
    const reference = references.access ?? (references.access = await ask('access', 'olena@example.com'))
    const before = await plan(reference)
    await expect(planRequestAgain(habeas.as(dpo), { ...amendmentInput.parse(input), reference })).rejects.toMatchObject({ code })
    expect(await plan(reference)).toEqual(before)
  })

  it('a day that is not to come is refused, the next one is not, and so at the far end', async () => {
    const reference = await ask('erasure', 'yusuf@example.com')
    const keep = (until: string, ground = 'LEGAL_CLAIMS') => ({ keep: [{ collection: 'devices', ground, until, reason: 'a claim' }] })
    for (const [until, ground] of [['2026-11-20'], ['2031-11-21'], ['2036-11-21', 'LEGAL_OBLIGATION']] as const)
      await expect(amend(reference, keep(until, ground))).rejects.toMatchObject({ code: 'unknown_item' })
    await amend(reference, keep('2026-11-21'))
    expect(await itemOf(reference, 'devices')).toMatchObject({ action: 'keep' })
    await amend(reference, keep('2031-11-20'))
    await amend(reference, keep('2036-11-20', 'LEGAL_OBLIGATION'))
    expect(await itemOf(reference, 'devices')).toMatchObject({ keep: { basis: 'legal_obligation', until: '2036-11-20' } })
  })

  it.each([
    ['§ 257 Abs. 4 HGB', true],
    ['Art. 28(3) Regulation (EU) 2016/679', true],
    ['Cal. Civ. Code §1798.105(d)(8)', true],
    ['Ada, ada@example.com', false],
    ['call 06-12345678', false],
    ['call 020 555 12 34', false],
    ['NL91 ABNA 0417 1643 00', false],
    ['x'.repeat(80), true],
    ['x'.repeat(81), false],
  ])('the name of a law is no address and no number: %s', (statute, fits) => {
    const keep = [{ collection: 'devices', ground: 'LEGAL_OBLIGATION', statute, until: '2027-01-01', reason: 'because' }]
    expect(amendmentInput.safeParse({ keep }).success).toBe(fits)
  })
})

const references: { access?: string } = {}
