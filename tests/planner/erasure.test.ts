import { beforeAll, describe, expect, it } from 'vitest'
import { desc, eq } from 'drizzle-orm'
import { plans, receipts, steps } from '../../src/db/schema/work.ts'
import { requests } from '../../src/db/schema/requests.ts'
import { loadPolicy } from '../../src/policy/compile.ts'
import type { Collection, Named, Policy } from '../../src/policy/schema.ts'
import { eraseItems, type Hold } from '../../src/planner/erasure.ts'
import type { PlanInput } from '../../src/planner/plan.ts'
import type { PlanBody } from '../../src/planner/shape.ts'
import { approveRequest } from '../../src/requests/decision/approve.ts'
import { placeHold } from '../../src/standing/place-hold.ts'
import { accountOf, othersOf, rowsAbout } from '../support/company-rows.ts'
import { openInstallation, type Installation, type Staff } from '../support/installation.ts'

const policy = await loadPolicy('examples/cowork')
const hold = (collection: string | undefined, matter = 'Case 7'): Hold => ({ matter, collection, review_on: '2027-01-01' })

function planned(holds: readonly Hold[], names: readonly string[], own: Policy = policy): Record<string, string> {
  const input: PlanInput = {
    policy: own,
    right: 'erasure',
    scope: {},
    regime: 'gdpr',
    identities: [],
    surveyed: [],
    persons: [],
    choices: [],
    resolved: true,
    corrections: [],
    holds,
    answers: {},
    amendments: [],
    hidden: [],
    kept_until: { invoices: '2033-12-31' },
    own_until: '2029-12-20',
  }
  const found = names.map((collection) => {
    const declared = own.collections.get(collection)
    if (declared === undefined) throw new TypeError(collection)
    return { collection, declared, rows: 1, organisation_rows: 0, shared_rows: 0, path: ['email', collection] }
  })
  return Object.fromEntries(
    eraseItems(input, found).map(({ collection, action, reason, set, keep }) => [
      collection,
      keep?.basis === 'legal_claims' ? `held${set === undefined ? '' : ' and changed'}: ${reason}` : action,
    ]),
  )
}

function copyOf(name: string, id: string, changed: Partial<Collection> = {}): Named<Collection> {
  const declared = policy.collections.get(name)
  if (declared === undefined) throw new TypeError(name)
  return { ...declared, ...changed, id }
}

describe('a hold on one collection', () => {
  it('keeps with it what its rows refer to, on the same ground, and nothing else', () => {
    expect(planned([hold('devices')], ['accounts', 'devices', 'subscriptions', 'invoices', 'feedback'])).toEqual({
      accounts: 'held: Under legal hold (Case 7): what is held in Devices refers to it.',
      devices: 'held: Under legal hold (Case 7).',
      subscriptions: 'erase',
      invoices: 'keep',
      feedback: 'erase',
    })
  })

  it('leaves the held rows as they are, also where a statute would keep them without the person', () => {
    expect(planned([hold('invoices')], ['accounts', 'invoices', 'devices'])).toEqual({
      accounts: 'held: Under legal hold (Case 7): what is held in Invoices refers to it.',
      invoices: 'held: Under legal hold (Case 7).',
      devices: 'erase',
    })
  })

  it('reaches over collections of which the person has no rows', () => {
    const names = ['accounts', 'support_messages', 'support_tickets', 'organisations']
    expect(Object.values(planned([hold('support_messages')], names)).filter((item) => item.startsWith('held'))).toHaveLength(4)
    expect(planned([hold('support_messages')], ['support_messages', 'organisations'])['organisations']).toMatch(/^held/)
  })

  it('keeps nothing more where the person has no such rows', () => {
    expect(planned([hold('devices')], ['accounts', 'subscriptions'])).toEqual({ accounts: 'erase', subscriptions: 'erase' })
  })

  it('names the hold of a collection itself before one that only refers to it, and one on everything for all', () => {
    expect(planned([hold('devices'), hold('accounts', 'Case 8')], ['accounts', 'devices'])['accounts']).toBe(
      'held: Under legal hold (Case 8).',
    )
    expect(planned([hold(undefined)], ['accounts', 'subscriptions'])).toEqual({
      accounts: 'held: Under legal hold (Case 7).',
      subscriptions: 'held: Under legal hold (Case 7).',
    })
  })

  it('keeps the rows of its table whole, whatever collection finds them, with what each of those refers to', () => {
    const gifts = copyOf('devices', 'gifts')
    const people = copyOf('accounts', 'people', { refs: {} })
    const collections = new Map([...policy.collections, ['gifts', gifts], ['people', people]])
    expect(planned([hold('devices')], ['devices', 'gifts', 'people', 'feedback'], { ...policy, collections })).toEqual({
      devices: 'held: Under legal hold (Case 7).',
      gifts: 'held: Under legal hold (Case 7), as rows of Devices.',
      people: 'held: Under legal hold (Case 7): what is held in Devices refers to it.',
      feedback: 'erase',
    })
    const elsewhere = new Map([...collections, ['gifts', { ...gifts, source: 'elsewhere' }]])
    expect(planned([hold('devices')], ['gifts'], { ...policy, collections: elsewhere })).toEqual({ gifts: 'erase' })
  })

  it('ends where refs go in a circle', () => {
    const circle = (id: string, to: string): Named<Collection> =>
      copyOf('devices', id, { table: id, refs: { next: { collection: to, columns: ['id'] } } })
    const collections = new Map([circle('a', 'b'), circle('b', 'c'), circle('c', 'a'), circle('d', 'a')].map((one) => [one.id, one]))
    const items = planned([hold('a')], ['a', 'b', 'c', 'd'], { ...policy, collections })
    expect(Object.entries(items).map(([id, item]) => `${id} ${item.split(' ')[0]}`)).toEqual(['a held:', 'b held:', 'c held:', 'd erase'])
  })
})

describe('somebody asks to be erased', () => {
  let installation: Installation
  let staff: readonly Staff[]

  beforeAll(async () => {
    installation = await openInstallation()
    staff = [await installation.staff('dpo'), await installation.staff('dpo')]
  })

  async function erase(email: string): Promise<{ states: readonly string[]; rows: Record<string, number>; left: Record<string, number> }> {
    const { ctx, clock } = installation
    const { reference } = await installation.askAndProve({ right: 'erasure', email })
    const [request] = await ctx.db.select().from(requests).where(eq(requests.reference, reference))
    const [plan] = await ctx.db
      .select()
      .from(plans)
      .where(eq(plans.request_id, request?.id ?? ''))
      .orderBy(desc(plans.made_at))
    expect((plan?.body as PlanBody | undefined)?.items.length, 'the premise: there is much to erase').toBeGreaterThan(10)
    for (const one of staff) await approveRequest(installation.as(one), { reference, plan_hash: plan?.hash ?? '' })
    clock.advance({ hours: 73 })
    await installation.work()
    const done = await ctx.db
      .select()
      .from(steps)
      .where(eq(steps.request_id, request?.id ?? ''))
    const stated = await ctx.db
      .select()
      .from(receipts)
      .where(eq(receipts.request_id, request?.id ?? ''))
    const bodies = stated.map(({ body }) => body as { rows: Record<string, number>; left: Record<string, number> })
    const together = (part: 'rows' | 'left') => Object.fromEntries(bodies.flatMap((body) => Object.entries(body[part])))
    // One at the vendors of connected tools, one at the company itself.
    const states = done.filter(({ kind }) => kind === 'apply').map(({ state, parked_reason }) => parked_reason ?? state)
    return { states, rows: together('rows'), left: together('left') }
  }

  it.each([
    ['chiara@example.com', 'devices'],
    ['maria@example.com', 'invoices'],
    ['pieter@example.com', 'support_messages'],
  ])('%s, while %s are under hold: all else goes but what those refer to', async (email, collection) => {
    const { company, ctx } = installation
    const account = await accountOf(company, email)
    const before = await rowsAbout(company, account, email)
    expect(before[collection], 'the premise: there is something to hold').toBeGreaterThan(0)
    const others = await (await othersOf(company, account, email))()
    const whole = () => company.query(`select * from ${collection} order by 1`).then(({ rows }) => JSON.stringify(rows))
    const held = await whole()
    const [dpo] = staff
    if (dpo === undefined) throw new TypeError('nobody works here')
    const review = new Date(ctx.clock.now().getTime() + 30 * 86_400_000).toISOString()
    await placeHold(installation.as(dpo), {
      matter: 'Case 7',
      reason: 'a dispute',
      scope: { subject: email, collection },
      review_at: review,
    })

    const about = await othersOf(company, account, email)
    const { states, rows, left } = await erase(email)
    expect(states).toEqual(['done', 'done'])
    expect(Object.values(left).every((number) => number === 0)).toBe(true)
    expect(rows).not.toHaveProperty(collection)

    const kept = new Set([collection, 'accounts', ...(collection === 'support_messages' ? ['support_tickets'] : [])])
    const after = await rowsAbout(company, account, email)
    expect(Object.keys(after).filter((table) => (after[table] ?? 0) > 0)).toEqual(
      Object.keys(before).filter((table) => kept.has(table) && (before[table] ?? 0) > 0),
    )
    expect(await whole(), 'held rows stay as they are').toBe(held)
    expect(await about(), 'nobody else’s row has changed').toEqual(others)
  })

  it('leaves an invoice of Noor’s that bears Seán’s address', async () => {
    const { company } = installation
    const noor = await accountOf(company, 'noor@example.com')
    const { rows: changed } = await company.query<{ number: string }>(
      `update invoices set billing_email = 'sean@example.com' where number = (select min(number) from invoices where account_id = $1) returning number`,
      [noor],
    )
    const invoice = () => company.query('select * from invoices where number = $1', [changed[0]?.number]).then(({ rows }) => rows)
    const before = await invoice()
    expect(before).toHaveLength(1)
    const { states, rows } = await erase('sean@example.com')
    expect({ states, invoices: rows['invoices'] }).toEqual({ states: ['done', 'done'], invoices: 6 })
    expect(await invoice()).toEqual(before)
  })
})
