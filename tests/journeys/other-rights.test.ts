import { beforeAll, describe, expect, it } from 'vitest'
import { accountOf, othersOf } from '../support/company-rows.ts'
import { unzip } from '../support/archive.ts'
import type { Staff } from '../support/installation.ts'
import { eventually, openServer, type Server } from '../support/server.ts'

let server: Server
let dpo: Staff

beforeAll(async () => {
  server = await openServer()
  dpo = await server.staff('dpo')
})

async function ask(right: string, email: string, more: object = {}): Promise<string> {
  const { status, json } = await server.call('POST', '/v1/requests', { body: { right, email, ...more } })
  expect(status).toBe(202)
  return String(json['reference'])
}

async function prove(right: string, email: string, more: object = {}): Promise<{ reference: string; token: string }> {
  const known = server.arrived.filter(({ to, text }) => to === email && /^Code: /m.test(text)).length
  const reference = await ask(right, email, more)
  const proof = await server.call('POST', `/v1/requests/${reference}/proof`, { body: { code: await server.codeOf(email, known + 1) } })
  return { reference, token: String(proof.json['token']) }
}

async function approve(reference: string): Promise<void> {
  const { plan_hash } = await server.until(dpo, reference, 'awaiting_decision')
  const { status } = await server.call('POST', `/v1/cases/${reference}/approval`, { token: dpo.token, body: { plan_hash } })
  expect(status).toBe(200)
}

async function check(email: string): Promise<Record<string, unknown>> {
  const { json } = await server.call('POST', '/v1/restrictions/check', {
    token: dpo.token,
    body: { identifiers: [{ kind: 'email', value: email }] },
  })
  return json.data?.[0] ?? {}
}

describe('Maria asks for her data to take elsewhere', () => {
  it('gets what she gave and what was observed, under consent or contract, and no more', async () => {
    const { reference } = await prove('portability', 'maria@example.com')
    await server.until(dpo, reference, 'awaiting_release')
    const { bytes } = await server.call('GET', `/v1/cases/${reference}/archive`, { token: dpo.token })
    const entries = await unzip(bytes)
    const names = [...entries.keys()].filter((path) => path.endsWith('.json') && path.startsWith('data/')).join(' ')
    expect(names).toContain('conversations')
    expect(names, 'a legal duty is no contract').not.toContain('invoices')
    expect(names, 'nor is a legitimate interest').not.toContain('telemetry')
    const accounts = JSON.parse([...entries].find(([path]) => path.endsWith('accounts.json'))?.[1].toString() ?? '[]') as object[]
    expect(Object.keys(accounts[0] ?? {})).toContain('email')
    expect(Object.keys(accounts[0] ?? {}), 'an internal number was not provided').not.toContain('id')
    const schema = JSON.parse(entries.get('datapackage.json')?.toString() ?? '{}') as { resources: { path: string; schema?: unknown }[] }
    expect(schema.resources.filter(({ path }) => path.endsWith('.csv')).every((resource) => resource.schema !== undefined)).toBe(true)
  })
})

describe('Seán asks for his name to be corrected', () => {
  it('is corrected where the old value matches, and nobody else is', async () => {
    const email = 'sean@example.com'
    const account = await accountOf(server.company, email)
    const { rows } = await server.company.query<{ display_name: string }>('select display_name from accounts where id = $1', [account])
    const others = await othersOf(server.company, account, email)
    const before = await others()
    const corrections = [{ field: 'display_name', from: rows[0]?.display_name, to: 'Seán Ó Briain' }]
    const { reference } = await prove('rectification', email, { corrections })
    await approve(reference)
    await server.until(dpo, reference, 'delivered')
    const after = await server.company.query<{ display_name: string }>('select display_name from accounts where id = $1', [account])
    expect(after.rows[0]?.display_name).toBe('Seán Ó Briain')
    expect(await others()).toEqual(before)
    const events = await server.call('GET', `/v1/cases/${reference}/events`, { token: dpo.token })
    expect(JSON.stringify(events.json), 'the log holds no value').not.toContain('Briain')
  })

  it('is asked again, and changed nowhere, when the old value stands nowhere', async () => {
    const email = 'carla@example.com'
    const { reference } = await prove('rectification', email, { corrections: [{ field: 'name', from: 'Somebody Else', to: 'Mallory' }] })
    const waiting = await server.until(dpo, reference, 'awaiting_decision')
    expect(waiting['questions']).toMatchObject([{ id: 'correction-1', choices: ['leave_out', 'done_by_hand'] }])
    const approval = await server.call('POST', `/v1/cases/${reference}/approval`, {
      token: dpo.token,
      body: { plan_hash: waiting['plan_hash'] },
    })
    expect(approval.json['code']).toBe('questions_open')
    const answered = await server.call('POST', `/v1/cases/${reference}/questions/correction-1`, {
      token: dpo.token,
      body: { choice: 'leave_out' },
    })
    expect(answered.status).toBe(200)
    await server.until(dpo, reference, 'delivered')
    const { rows } = await server.company.query('select count(*)::int as n from accounts where display_name = $1', ['Mallory'])
    expect(rows).toEqual([{ n: 0 }])
  })

  it('is asked about a field that nobody knows', async () => {
    const { reference } = await prove('rectification', 'yusuf@example.com', { corrections: [{ field: 'shoe size', to: '44' }] })
    const waiting = await server.until(dpo, reference, 'awaiting_decision')
    expect(waiting['questions']).toMatchObject([{ kind: 'unknown_field', choices: ['leave_out', 'done_by_hand'] }])
  })
})

describe('rights that leave a standing fact', () => {
  it('restriction marks the rows and answers the company’s systems', async () => {
    const email = 'olena@example.com'
    expect(await check(email)).toMatchObject({ restricted: false, objected: false, opted_out: false, suppressed: false })
    const { reference } = await prove('restriction', email)
    await approve(reference)
    await server.until(dpo, reference, 'delivered')
    expect(await check(email)).toMatchObject({ restricted: true })
    expect(await check('OLENA@example.com'), 'however it is written').toMatchObject({ restricted: true })
    const { rows } = await server.company.query('select processing_restricted from accounts where email = $1', [email])
    expect(rows).toEqual([{ processing_restricted: true }])
  })

  it('an opt-out needs no proof and no decision', async () => {
    const reference = await ask('opt_out', 'nobody.knows@example.net')
    await server.until(dpo, reference, 'delivered')
    expect(await check('nobody.knows@example.net')).toMatchObject({ opted_out: true })
    const mails = server.arrived.filter(({ to }) => to === 'nobody.knows@example.net')
    expect(mails.some(({ text }) => /^Code: /m.test(text))).toBe(false)
  })

  it('an objection to marketing is obeyed at once; another objection needs proof and a decision', async () => {
    const marketing = await ask('objection', 'xiaolong@example.com', { scope: { objection: 'marketing' } })
    await server.until(dpo, marketing, 'delivered')
    expect(await check('xiaolong@example.com')).toMatchObject({ objected: true })
    const other = await ask('objection', 'zoe@example.com', { scope: { objection: 'other' } })
    await server.codeOf('zoe@example.com')
    await server.until(dpo, other, 'verifying')
    expect(await check('zoe@example.com')).toMatchObject({ objected: false })
  })

  it('unknown identifiers answer false, in the order they were asked', async () => {
    const identifiers = [
      { kind: 'email', value: 'unknown@example.net' },
      { kind: 'email', value: 'olena@example.com' },
      { kind: 'device_id', value: "'; drop table requests; --" },
    ]
    const { status, json } = await server.call('POST', '/v1/restrictions/check', { token: dpo.token, body: { identifiers } })
    expect(status).toBe(200)
    expect(json.data?.map((one) => one['restricted'])).toEqual([false, true, false])
  })
})

describe('a message with several rights', () => {
  it('becomes a case for each, with one mail and one code for all', async () => {
    const email = 'bram@example.com'
    const { json } = await server.call('POST', '/v1/requests', { body: { rights: ['access', 'restriction'], email } })
    const references = json['references'] as string[]
    expect(references).toHaveLength(2)
    const code = await server.codeOf(email)
    expect(server.arrived.filter(({ to }) => to === email)).toHaveLength(1)
    const proof = await server.call('POST', `/v1/requests/${references[0]}/proof`, { body: { code } })
    expect(proof.status).toBe(200)
    await server.until(dpo, String(references[0]), 'awaiting_release')
    await server.until(dpo, String(references[1]), 'awaiting_decision')
    const foreign = await server.call('GET', `/v1/requests/${references[1]}`, { token: String(proof.json['token']) })
    expect(foreign.status, 'a token opens its own case only').toBe(401)
  })
})

describe('a letter that somebody else opened', () => {
  it('keeps its true arrival, and the clock runs from there', async () => {
    const body = {
      right: 'access',
      received_at: '2026-11-10T08:00:00Z',
      channel: 'letter',
      residence: 'NL',
      subject: { email: 'mallory@example.com', name: 'M' },
    }
    const { status, json } = await server.call('POST', '/v1/cases', { token: dpo.token, body })
    expect(status).toBe(201)
    expect(json).toMatchObject({ received_at: '2026-11-10T08:00:00.000Z', enforce_by: '2026-12-10', state: 'received', channel: 'letter' })
    const future = await server.call('POST', '/v1/cases', { token: dpo.token, body: { ...body, received_at: '2026-11-21T08:00:00Z' } })
    expect([future.status, future.json['code']]).toEqual([400, 'invalid_input'])
  })
})

describe('refusal', () => {
  it('needs a ground the law knows for this right, and the letter names authority and remedies', async () => {
    const email = 'vera@example.com'
    const { reference } = await prove('erasure', email)
    await server.until(dpo, reference, 'awaiting_decision')
    const facts = 'The person has a running dispute before the district court of Amsterdam about exactly these rows.'
    const wrong = await server.call('POST', `/v1/cases/${reference}/refusal`, { token: dpo.token, body: { ground: 'BECAUSE', facts } })
    expect([wrong.status, wrong.json['code']]).toEqual([422, 'forbidden_by_law'])
    const refuse = (staff: Staff) =>
      server.call('POST', `/v1/cases/${reference}/refusal`, { token: staff.token, body: { ground: 'LEGAL_CLAIMS', facts } })
    const proposed = await refuse(dpo)
    expect([proposed.status, proposed.json['state'], proposed.json['refusal_proposed']]).toMatchObject([
      200,
      'awaiting_decision',
      { ground: 'LEGAL_CLAIMS' },
    ])
    const right = await refuse(await server.staff('dpo'))
    expect([right.status, right.json['state']]).toEqual([200, 'refused'])
    const letter = await eventually('the refusal', () =>
      server.arrived.find(({ to, subject }) => to === email && subject.startsWith('We cannot do')),
    )
    expect(letter.text).toContain('Autoriteit Persoonsgegevens')
    expect(letter.text).toContain('court')
    expect(letter.text).toContain('district court of Amsterdam')
    expect(letter.text).toContain('17(3)')
  })
})
