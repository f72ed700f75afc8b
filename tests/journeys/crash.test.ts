import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountOf, othersOf, rowsAbout } from '../support/company-rows.ts'
import { makeHome } from '../support/database.ts'
import { build, startDemo, type Demo } from '../support/demo.ts'
import { eventually } from '../support/server.ts'

/** Where the process kills itself, and how the outcome must have been confirmed at the next start. */
const FAILPOINTS = [
  { name: 'after_intent', email: 'ada@example.com', confirmed_by: 'effect' },
  { name: 'after_source_commit', email: 'noor@example.com', confirmed_by: 'marker' },
  { name: 'before_outcome', email: 'chiara@example.com', confirmed_by: 'marker' },
  { name: 'after_outcome_before_outbox', email: 'maria@example.com', confirmed_by: 'marker' },
] as const

let home: string
const survived: string[] = []

beforeAll(async () => {
  build()
  home = await makeHome()
  const first = await startDemo(home, { accounts: 150 })
  await first.stop()
})

afterAll(() => {
  process.stdout.write(`Killed and finished once: ${survived.join(', ')}\n`)
})

async function call(
  demo: Demo,
  method: string,
  path: string,
  options: { token?: string | undefined; body?: unknown } = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(demo.file.url + path, {
    method,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Record<string, unknown>
}

async function codeFor(demo: Demo, email: string): Promise<string> {
  return eventually(`a code for ${email}`, async () => {
    const mails = (await (await fetch(`${demo.file.mailbox}.json`)).json()) as { to: string; text: string }[]
    return mails.filter(({ to }) => to === email).flatMap(({ text }) => /^Code: ([A-Z]{4}-[A-Z]{4})$/m.exec(text)?.[1] ?? [])[0]
  })
}

/** Asks, proves and has two people agree; the demonstration's window is five seconds. */
async function approveErasure(demo: Demo, email: string): Promise<string> {
  const { reference } = (await call(demo, 'POST', '/v1/requests', { body: { right: 'erasure', email } })) as { reference: string }
  await call(demo, 'POST', `/v1/requests/${reference}/proof`, { body: { code: await codeFor(demo, email) } })
  const [one, two] = demo.file.operators.filter(({ role }) => role === 'dpo')
  const waiting = await eventually('the plan', async () => {
    const found = await call(demo, 'GET', `/v1/cases/${reference}`, { token: one?.token })
    return found['state'] === 'awaiting_decision' ? found : undefined
  })
  for (const dpo of [one, two])
    await call(demo, 'POST', `/v1/cases/${reference}/approval`, { token: dpo?.token, body: { plan_hash: waiting['plan_hash'] } })
  return reference
}

const sum = (rows: Record<string, number>): number => Object.values(rows).reduce((all, one) => all + one, 0)

describe('a process that is killed while it erases', () => {
  it.each(FAILPOINTS)('$name: the next start finishes it, once', async ({ name, email, confirmed_by }) => {
    const armed = await startDemo(home, { failpoint: `${name}:company` })
    const company = new Pool({ connectionString: armed.file.company_database_url })
    company.on('error', () => {})
    const account = await accountOf(company, email)
    const others = await othersOf(company, account, email)
    const before = await others(company)
    const all = sum(await rowsAbout(company, account, email))
    const reference = await approveErasure(armed, email)
    expect(await armed.ended, 'it killed itself').toBe('SIGKILL')
    const half = sum(await rowsAbout(company, account, email))
    expect(half < all, 'the premise: how far it came').toBe(name !== 'after_intent')
    await company.end()

    const again = await startDemo(home)
    const dpo = again.file.operators.find(({ role }) => role === 'dpo')?.token
    await eventually('the erasure to be finished', async () => {
      const found = await call(again, 'GET', `/v1/cases/${reference}`, { token: dpo })
      return found['state'] === 'delivered' ? found : undefined
    })
    const receipts = (await call(again, 'GET', `/v1/cases/${reference}/receipts`, { token: dpo })) as {
      data: { body: Record<string, unknown> }[]
    }
    const [first, ...further] = receipts.data.map(({ body }) => body).filter(({ source }) => source === 'company')
    expect(first?.['confirmed_by']).toBe(confirmed_by)
    expect(further.filter((body) => body['confirmed_by'] !== 'effect')).toEqual([])
    const after = new Pool({ connectionString: again.file.company_database_url })
    expect(Object.entries(await rowsAbout(after, account, email)).filter(([, rows]) => rows > 0)).toEqual([])
    const marker = await after.query('select count(*)::int as markers from habeas.habeas_effects where step = any($1) group by step', [
      [first, ...further].map((body) => body?.['step']),
    ])
    expect(marker.rows, 'one a step').toEqual([first, ...further].map(() => ({ markers: 1 })))
    expect(await others(after), 'no other person’s row has changed').toEqual(before)
    await after.end()
    survived.push(name)
    expect(await again.stop()).toBe(0)
  })
})
