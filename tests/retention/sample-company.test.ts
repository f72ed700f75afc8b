import { beforeAll, describe, expect, test } from 'vitest'
import { confirmRun } from '../../src/retention/confirm-run.ts'
import { readRun } from '../../src/retention/read-run.ts'
import type { RunView } from '../../src/retention/run-view.ts'
import { startRuns } from '../../src/retention/start-runs.ts'
import { placeHold } from '../../src/standing/place-hold.ts'
import { openInstallation, START, type Installation, type Staff } from '../support/installation.ts'

/** Keys of rows that are due by the promises of policy.md, each written out as somebody at the company would write it. */
const DUE: Readonly<Record<string, string>> = {
  accounts: `select email from accounts where least(deletion_requested_at, closed_at) + interval '90 days' <= now`,
  invoices: `select number from invoices where extract(year from issued_at)::int + 8 <= extract(year from now)::int`,
  // Once it keeps only its day, an event's time runs from the beginning of that day.
  telemetry_events: `select id::text from telemetry_events
    where case when device_id is null then occurred_at else date_trunc('day', occurred_at) end + interval '24 months' <= now`,
  crash_reports: `select id::text from crash_reports where received_at + interval '6 months' <= now`,
  support_tickets: `select id::text from support_tickets where last_interaction_at + interval '3 years' <= now`,
  feedback: `select id::text from feedback where last_interaction_at + interval '3 years' <= now`,
  security_events: `select id::text from security_events where occurred_at + interval '12 months' <= now`,
  newsletter_subscribers: `select email from newsletter_subscribers where withdrawn_at + interval '30 days' <= now`,
}

const ALL: Readonly<Record<string, string>> = {
  accounts: 'select email from accounts',
  invoices: 'select number from invoices',
  telemetry_events: 'select id::text from telemetry_events',
  crash_reports: 'select id::text from crash_reports',
  support_tickets: 'select id::text from support_tickets',
  feedback: 'select id::text from feedback',
  security_events: 'select id::text from security_events',
  newsletter_subscribers: 'select email from newsletter_subscribers',
}

let site: Installation
let dora: Staff
let dirk: Staff
let run: RunView
const before = new Map<string, string[]>()
const due = new Map<string, string[]>()
let identifiable = 0

/** Values of one column, with `now` as the instant of the run and days counted in Amsterdam. */
async function column(statement: string): Promise<string[]> {
  const client = await site.company.connect()
  try {
    await client.query(`set timezone = 'Europe/Amsterdam'`)
    const text = statement.replaceAll(/\bnow\b/g, `'${START}'::timestamptz`)
    const { rows } = await client.query<string[]>({ text, rowMode: 'array' })
    return rows.map(([value]) => value ?? '').toSorted()
  } finally {
    client.release()
  }
}

async function number(statement: string): Promise<number> {
  return Number((await column(statement))[0])
}

async function runAll(): Promise<RunView> {
  const { id } = await startRuns(site.as(dora), {})
  await site.work()
  const { run: waiting } = await readRun(site.as(dora), { id })
  if (waiting.state === 'waiting') {
    await confirmRun(site.as(dirk), { id })
    await site.work()
  }
  return (await readRun(site.as(dora), { id })).run
}

beforeAll(async () => {
  site = await openInstallation()
  dora = await site.staff('dpo')
  dirk = await site.staff('dpo')
  await site.company.query(`update accounts set deletion_requested_at = '2026-01-01' where email = 'noor@example.com'`)
  await placeHold(site.as(dora), {
    matter: 'Fire of 2025',
    reason: 'claim',
    scope: { subject: 'noor@example.com' },
    review_at: '2027-03-01',
  })
  await site.ask({ right: 'access', email: 'day91@example.com' })
  for (const [table, statement] of Object.entries(ALL)) before.set(table, await column(statement))
  for (const [table, statement] of Object.entries(DUE)) due.set(table, await column(statement))
  identifiable = await number(
    `select count(*) from telemetry_events where occurred_at + interval '12 months' <= now and device_id is not null`,
  )
  run = await runAll()
})

describe('a purge of the sample company', () => {
  test('ends well for every rule, with nothing due left', () => {
    expect(run.rules.filter(({ state, oldest_left }) => state !== 'done' || oldest_left !== null)).toEqual([])
  })

  // Rows of a person who goes may go along before their own time; those are looked at by themselves.
  test.each(['telemetry_events', 'feedback', 'security_events', 'newsletter_subscribers'])(
    'takes what is due of %s and nothing else',
    async (table) => {
      const gone = new Set(due.get(table))
      expect(gone.size).toBeGreaterThan(0)
      const hers = new Set(await heldKeys(table))
      const expected = (before.get(table) ?? []).filter((key) => !gone.has(key) || hers.has(key))
      expect(await column(ALL[table] ?? '')).toEqual(expected)
    },
  )

  test('takes accounts on day 90 and not on day 89, whoever asked for a copy without proof, and never one under hold', async () => {
    const left = await column(ALL['accounts'] ?? '')
    expect(left).toContain('day89@example.com')
    expect(left).toContain('noor@example.com')
    const gone = (due.get('accounts') ?? []).filter((email) => email !== 'noor@example.com')
    expect(gone).toEqual(
      expect.arrayContaining(['closed.then.asked@example.com', 'closed91@example.com', 'day90@example.com', 'day91@example.com']),
    )
    expect((before.get('accounts') ?? []).filter((email) => !left.includes(email))).toEqual(gone)
  })

  test('takes invoices whose seventh financial year is over in Amsterdam', async () => {
    const left = await column(ALL['invoices'] ?? '')
    const hers = new Set(await heldKeys('invoices'))
    expect((before.get('invoices') ?? []).filter((key) => !left.includes(key))).toEqual(
      (due.get('invoices') ?? []).filter((key) => !hers.has(key)),
    )
    expect(left.filter((key) => /UTC|FIRST|NEW/.test(key)).length).toBeGreaterThanOrEqual(3)
    expect(left.filter((key) => /OLD|LAST/.test(key))).toEqual([])
  })

  test('leaves the invoices of an erased account without the person, and restricted', async () => {
    expect(await number(`select count(*) from invoices where account_id is not null and account_id not in (select id from accounts)`)).toBe(
      0,
    )
    const orphans = await column(`select coalesce(billing_email, '') || restricted::text from invoices where account_id is null`)
    expect(new Set(orphans)).toEqual(new Set(['true']))
  })

  test('turns telemetry of 12 months into counts of at least ten people, and keeps no id and no time of day', async () => {
    expect(identifiable).toBeGreaterThan(0)
    const hers = `device_id in (select d.id from devices d join accounts a on a.id = d.account_id where a.email = 'noor@example.com')
      or account_id in (select id from accounts where email = 'noor@example.com')`
    const old = `occurred_at + interval '12 months' <= now and coalesce(${hers}, false) is false`
    expect(
      await number(
        `select count(*) from telemetry_events where ${old} and coalesce(account_id::text, device_id::text, session_id::text) is not null`,
      ),
    ).toBe(0)
    expect(await number(`select count(*) from telemetry_events where ${old} and occurred_at <> date_trunc('day', occurred_at)`)).toBe(0)
    expect(await number('select count(*) from telemetry_events where device_id is not null')).toBeGreaterThan(0)
    const stripped = run.rules.find(({ rule }) => rule === 'telemetry_identifiable')?.done ?? 0
    const counted = await number('select sum(events) from telemetry_daily')
    expect(counted).toBeGreaterThan(stripped * 0.9)
    // Days with fewer people than ten in all are counted nowhere.
    expect(counted).toBeLessThanOrEqual(stripped)
    expect(await number('select min(people) from telemetry_daily')).toBeGreaterThanOrEqual(10)
  })

  test('does nothing the second time', async () => {
    const again = await runAll()
    expect(again.rules.map(({ rule, state, done }) => `${rule} ${state} ${done}`)).toEqual(run.rules.map(({ rule }) => `${rule} done 0`))
  })

  test('takes day 89 the day after', async () => {
    site.clock.advance({ days: 1 })
    await runAll()
    const left = await column(ALL['accounts'] ?? '')
    expect(left).not.toContain('day89@example.com')
    expect(left).toContain('noor@example.com')
  })
})

/** Keys of rows of the person under hold. */
async function heldKeys(table: string): Promise<string[]> {
  const noor = `(select id from accounts where email = 'noor@example.com')`
  const hers: Readonly<Record<string, string>> = {
    invoices: `select number from invoices where account_id in ${noor} or lower(billing_email) = 'noor@example.com'`,
    telemetry_events: `select id::text from telemetry_events where account_id in ${noor} or device_id in (select id from devices where account_id in ${noor})`,
    feedback: `select id::text from feedback where account_id in ${noor} or lower(email) = 'noor@example.com'`,
    security_events: `select id::text from security_events where account_id in ${noor} or lower(email) = 'noor@example.com'`,
    newsletter_subscribers: `select email from newsletter_subscribers where lower(email) = 'noor@example.com'`,
  }
  return column(hers[table] ?? '')
}
