import { beforeAll, describe, expect, it } from 'vitest'
import { accountOf, othersOf, rowsAbout } from '../support/company-rows.ts'
import type { Staff } from '../support/installation.ts'
import { openServer, type Server } from '../support/server.ts'

let server: Server
let first: Staff
let second: Staff

beforeAll(async () => {
  server = await openServer()
  first = await server.staff('dpo')
  second = await server.staff('dpo')
})

async function askToBeErased(email: string): Promise<{ reference: string; token: string; plan_hash: string }> {
  const { json } = await server.call('POST', '/v1/requests', { body: { right: 'erasure', email } })
  const reference = String(json['reference'])
  const proof = await server.call('POST', `/v1/requests/${reference}/proof`, { body: { code: await server.codeOf(email) } })
  const waiting = await server.until(first, reference, 'awaiting_decision')
  return { reference, token: String(proof.json['token']), plan_hash: String(waiting['plan_hash']) }
}

const approve = (staff: Staff, reference: string, plan_hash: string) =>
  server.call('POST', `/v1/cases/${reference}/approval`, { token: staff.token, body: { plan_hash } })

describe('Ada asks to be erased', () => {
  it('is gone everywhere once two people agree and the window has passed; her invoices stay for the tax law, without her', async () => {
    const email = 'ada@example.com'
    const account = await accountOf(server.company, email)
    const about = await rowsAbout(server.company, account, email)
    expect(about['invoices'], 'the premise: she has invoices').toBe(6)
    const others = await othersOf(server.company, account, email)
    const before = await others()
    const invoices = await server.company.query(
      'select number, billing_name, net_amount, issued_at from invoices where account_id = $1 order by number',
      [account],
    )

    const { reference, token, plan_hash } = await askToBeErased(email)
    expect((await approve(first, reference, 'f'.repeat(64))).json['code'], 'only the plan that was read').toBe('stale_plan')
    const one = await approve(first, reference, plan_hash)
    expect([one.status, one.json['state'], (one.json['approvals'] as unknown[]).length]).toEqual([200, 'awaiting_decision', 1])
    const again = await approve(first, reference, plan_hash)
    expect([again.status, again.json['code']], 'one person is one voice').toEqual([403, 'same_person'])
    const two = await approve(second, reference, plan_hash)
    expect([two.status, two.json['state']]).toEqual([200, 'approved'])
    expect(await rowsAbout(server.company, account, email), 'nothing goes while it can be cancelled').toEqual(about)

    server.clock.advance({ hours: 72, seconds: -1 })
    expect(await server.work()).toBe(0)
    expect(await rowsAbout(server.company, account, email)).toEqual(about)
    server.clock.advance({ seconds: 1 })
    await server.until(first, reference, 'delivered')

    const after = await rowsAbout(server.company, account, email)
    expect(Object.entries(after).filter(([, rows]) => rows > 0)).toEqual([])
    expect(await others(), 'no other person’s row has changed').toEqual(before)
    const kept = await server.company.query(
      `select number, billing_name, net_amount, issued_at, account_id, billing_email, stripe_invoice_id, restricted from invoices where number = any($1) order by number`,
      [invoices.rows.map(({ number }: { number: string }) => number)],
    )
    expect(kept.rows.map(({ number, billing_name, net_amount, issued_at }) => ({ number, billing_name, net_amount, issued_at }))).toEqual(
      invoices.rows,
    )
    for (const row of kept.rows)
      expect(row).toMatchObject({ account_id: null, billing_email: null, stripe_invoice_id: null, restricted: true })

    const receipts = await server.call('GET', `/v1/cases/${reference}/receipts`, { token: first.token })
    const bodies = (receipts.json.data as { body: Receipt }[]).map(({ body }) => body)
    expect(bodies.every(({ would }) => !would)).toBe(true)
    const vendor = bodies.findIndex(({ source }) => source === 'tool_vendors')
    const own = bodies.findIndex(({ rows }) => rows['accounts'] === 1)
    expect([vendor, own].every((place) => place >= 0) && bodies[own]?.rows['connector_grants'] === 2).toBe(true)
    expect((bodies[vendor]?.at ?? '') <= (bodies[own]?.at ?? ''), 'revoked at the vendors before our own rows went').toBe(true)
    expect(summed(bodies)).toMatchObject({
      accounts: 1,
      invoices: 6,
      vendor_grants: 2,
      telemetry_events: about['telemetry_events'],
      devices: about['devices'],
    })
    expect(bodies.flatMap(({ left }) => Object.values(left)).every((rows) => rows === 0)).toBe(true)
    const { rows: granted } = await server.company.query(
      'select count(*)::int as n from vendors.grants where customer = $1 and ended is null',
      [account],
    )
    expect(granted).toEqual([{ n: 0 }])
    expect(JSON.stringify(receipts.json), 'a receipt holds no value').not.toMatch(/ada@|lovelace/i)

    const fresh = await freshToken(reference, email)
    const status = await server.call('GET', `/v1/requests/${reference}`, { token: fresh })
    expect(status.json).toMatchObject({ state: 'delivered', outcome: 'partly' })
    expect(status.json['kept']).toEqual(
      expect.arrayContaining([
        { category: 'Billing', basis: 'legal_obligation', statute: 'AWR art. 52(4) (Netherlands)', until: '2033-12-31' },
      ]),
    )
    expect(JSON.stringify(status.json['remedies'])).toContain('Autoriteit Persoonsgegevens')
    expect((await server.call('POST', `/v1/requests/${reference}/withdrawal`, { token: fresh })).json['code']).toBe('too_late')
    expect((await server.call('GET', `/v1/requests/${reference}`, { token })).status, 'the token of three days ago').toBe(401)
  })

  it('can be taken back until the window ends, and then nothing happens', async () => {
    const email = 'chiara@example.com'
    const account = await accountOf(server.company, email)
    const about = await rowsAbout(server.company, account, email)
    const { reference, token, plan_hash } = await askToBeErased(email)
    await approve(first, reference, plan_hash)
    await approve(second, reference, plan_hash)
    const withdrawn = await server.call('POST', `/v1/requests/${reference}/withdrawal`, { token })
    expect([withdrawn.status, withdrawn.json['state']]).toEqual([200, 'withdrawn'])
    server.clock.advance({ hours: 73 })
    await server.work()
    expect(await rowsAbout(server.company, account, email)).toEqual(about)
  })

  it('is planned again, and approvals are void, when something new was found after the approval', async () => {
    const email = 'empty@example.com'
    const account = await accountOf(server.company, email)
    const { reference, plan_hash } = await askToBeErased(email)
    await approve(first, reference, plan_hash)
    await approve(second, reference, plan_hash)
    await server.company.query(
      `insert into feedback (account_id, message, page, created_at, last_interaction_at) values ($1, 'new', '/', now(), now())`,
      [account],
    )
    server.clock.advance({ hours: 73 })
    const waiting = await server.until(first, reference, 'awaiting_decision')
    expect(waiting['plan_hash']).not.toBe(plan_hash)
    expect(waiting['approvals']).toEqual([])
    expect(await accountOf(server.company, email), 'the account is still there').toBe(account)
  })
})

interface Receipt {
  readonly source: string
  readonly at: string
  readonly would: boolean
  readonly rows: Readonly<Record<string, number>>
  readonly left: Readonly<Record<string, number>>
}

/** Rows by collection over all receipts of a case. */
function summed(receipts: readonly Receipt[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const { rows } of receipts) for (const [collection, count] of Object.entries(rows)) sum[collection] = (sum[collection] ?? 0) + count
  return sum
}

async function freshToken(reference: string, email: string): Promise<string> {
  const known = server.arrived.filter(({ to, text }) => to === email && /^Code: /m.test(text)).length
  await server.call('POST', `/v1/requests/${reference}/codes`)
  const proof = await server.call('POST', `/v1/requests/${reference}/proof`, { body: { code: await server.codeOf(email, known + 1) } })
  return String(proof.json['token'])
}
