import { beforeAll, describe, expect, it } from 'vitest'
import { amendmentInput } from '../../src/requests/decision/amend.ts'
import { approveRequest } from '../../src/requests/decision/approve.ts'
import { planRequestAgain } from '../../src/requests/decision/plan-again.ts'
import { readCase, readPlan } from '../../src/requests/read-case.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'

let habeas: Installation
let dpo: Staff
let second: Staff
let third: Staff

beforeAll(async () => {
  habeas = await openInstallation()
  dpo = await habeas.staff('dpo')
  second = await habeas.staff('dpo')
  third = await habeas.staff('dpo')
})

const theCase = (reference: string) => readCase(habeas.as(dpo), { reference })
const hashOf = async (reference: string): Promise<string> => (await theCase(reference)).plan_hash ?? ''
const accounts = async (email: string) => (await habeas.company.query('select 1 as one from accounts where email = $1', [email])).rowCount

async function approveBy(reference: string, ...staff: Staff[]): Promise<void> {
  for (const one of staff) await approveRequest(habeas.as(one), { reference, plan_hash: await hashOf(reference) })
}

async function agreed(email: string): Promise<string> {
  const { reference } = await habeas.askAndProve({ email, right: 'erasure' })
  await approveBy(reference, dpo, second)
  expect((await theCase(reference)).state).toBe('approved')
  return reference
}

async function windowIsOver(): Promise<void> {
  habeas.clock.advance({ hours: 73 })
  await habeas.work()
}

async function amend(reference: string, input: object, by: Staff): Promise<void> {
  await planRequestAgain(habeas.as(by), { ...amendmentInput.parse(input), reference })
  await habeas.work()
}

/** That many more telemetry rows of somebody. */
async function measureMore(email: string, rows: number): Promise<void> {
  await habeas.company.query(
    `insert into telemetry_events (id, occurred_on, occurred_at, account_id, app_version, os, feature, duration_ms)
     select 10000000 + a.id * 100000 + (select count(*) from telemetry_events) + n, date '2026-11-01', '2026-11-01', a.id, '1', 'x', 'y', 1
     from accounts a, generate_series(1, $2) n where a.email = $1`,
    [email, rows],
  )
}

const measured = async (reference: string): Promise<number> =>
  (await readPlan(habeas.as(dpo), { reference })).items.find(({ collection }) => collection === 'telemetry_events')?.rows ?? 0

describe('an erasure that two people have agreed to', () => {
  it('is planned again when more rows came than they gave leave for, and asks the same people anew', async () => {
    const email = 'ada@example.com'
    const reference = await agreed(email)
    const [hash, planned] = [await hashOf(reference), await measured(reference)]
    await measureMore(email, Math.ceil(planned * 1.2) + 101 - planned)
    await windowIsOver()
    expect(await theCase(reference), 'row counts are not hashed').toMatchObject({
      state: 'awaiting_decision',
      approvals: [],
      plan_hash: hash,
    })
    expect(await accounts(email)).toBe(1)
    await approveBy(reference, dpo)
    await expect(approveBy(reference, dpo)).rejects.toMatchObject({ code: 'same_person' })
    expect(await theCase(reference)).toMatchObject({ state: 'awaiting_decision', approvals: [{ by: dpo.actor.id }] })
    await approveBy(reference, second)
    await windowIsOver()
    expect((await theCase(reference)).state).toBe('delivered')
    expect(await accounts(email)).toBe(0)
  })

  it('is carried out with exactly as many more as they gave leave for', async () => {
    const email = 'tess@example.com'
    const reference = await agreed(email)
    const planned = await measured(reference)
    await measureMore(email, Math.ceil(planned * 1.2) + 100 - planned)
    await windowIsOver()
    expect((await theCase(reference)).state).toBe('delivered')
  })
})

describe('rows of an agreed erasure that are somebody else’s too by now', () => {
  it('are not silently left alone: the case is planned again, and says how many they are', async () => {
    const email = 'pieter@example.com'
    const reference = await agreed(email)
    const { left_out } = await readPlan(habeas.as(dpo), { reference })
    const { rowCount } = await habeas.company.query(
      `update telemetry_events set account_id = (select id from accounts where email = 'bram@example.com')
       where account_id = (select id from accounts where email = $1) and id % 2 = 0`,
      [email],
    )
    await windowIsOver()
    expect(await theCase(reference)).toMatchObject({ state: 'awaiting_decision', approvals: [] })
    const shared = (await readPlan(habeas.as(dpo), { reference })).left_out['telemetry_events'] ?? 0
    expect(shared - (left_out['telemetry_events'] ?? 0)).toBe(rowCount)
    await approveBy(reference, dpo, second)
    await windowIsOver()
    expect((await theCase(reference)).state).toBe('delivered')
  })
})

describe('an approval', () => {
  it('that was given before more rows were found than it gave leave for, counts no more, whoever plans again', async () => {
    const email = 'sean@example.com'
    const { reference } = await habeas.askAndProve({ email, right: 'erasure' })
    await approveBy(reference, dpo)
    await amend(reference, {}, second)
    expect((await theCase(reference)).approvals, 'nothing has changed').toHaveLength(1)
    await measureMore(email, 3_000)
    await amend(reference, {}, second)
    expect((await theCase(reference)).approvals).toEqual([])
  })

  it('counts no more when the one who gave it amends the case, though the amendment is taken back', async () => {
    const { reference } = await habeas.askAndProve({ email: 'maria@example.com', right: 'erasure' })
    const hash = await hashOf(reference)
    await approveBy(reference, dpo)
    const keep = [{ collection: 'feedback', ground: 'LEGAL_CLAIMS', until: '2027-06-30', reason: 'a claim is announced' }]
    await amend(reference, { keep }, dpo)
    await amend(reference, { add: [{ collection: 'feedback', reason: 'it was a mistake' }] }, dpo)
    expect(await theCase(reference)).toMatchObject({ plan_hash: hash, approvals: [] })
    await approveBy(reference, second)
    expect(await theCase(reference)).toMatchObject({ state: 'awaiting_decision', approvals: [{ by: second.actor.id }] })
    await approveBy(reference, third)
    expect((await theCase(reference)).state).toBe('approved')
  })

  it('of two with a grant is not enough when the same plan is made again, either', async () => {
    const one = await habeas.staff('caseworker', ['approver'])
    const two = await habeas.staff('caseworker', ['approver'])
    const { reference } = await habeas.askAndProve({ email: 'chiara@example.com', right: 'erasure' })
    await approveBy(reference, one, two)
    await amend(reference, {}, dpo)
    expect((await theCase(reference)).state).toBe('awaiting_decision')
  })
})
