import { beforeEach, describe, expect, test } from 'vitest'

import type { Protected, PurgeBatch, PurgeOutcome, PurgeRequest } from '../../src/sources/source.ts'
import { openCompany, opening, type Company } from './contract.ts'
import { policyOf, type Written } from './policy.ts'

const ZONE = 'Europe/Amsterdam'

const WRITTEN: Written = {
  collections: {
    people: {
      source: 'shop',
      table: 'people',
      label: 'People',
      key: 'id',
      opened_by: [{ identifier: 'account_id', columns: 'id' }],
      refs: { plan: { collection: 'plans', columns: 'plan_id' } },
    },
    plans: { source: 'shop', table: 'plans', label: 'Plans', key: 'id' },
    letters: {
      source: 'shop',
      table: 'letters',
      label: 'Letters',
      key: 'id',
      opened_by: [{ identifier: 'account_id', columns: 'person_id' }],
      refs: { person: { collection: 'people', columns: 'person_id' } },
    },
    events: {
      source: 'shop',
      table: 'events',
      label: 'Events',
      key: ['at', 'id'],
      opened_by: [{ identifier: 'account_id', columns: 'person_id' }],
    },
  },
  retention: {
    half_year: { category: 'account', promise: '6 months', collection: 'people', starts: 'closed_at', period: 'P6M', action: 'delete' },
    with_letters: {
      category: 'account',
      promise: '90 days',
      collection: 'people',
      starts: { earliest: ['closed_at', 'asked_at'] },
      period: 'P90D',
      action: 'delete',
      with: [{ collection: 'letters', ref: 'person', action: 'delete' }],
    },
    latest: {
      category: 'account',
      promise: '90 days',
      collection: 'people',
      starts: { latest: ['closed_at', 'asked_at'] },
      period: 'P90D',
      action: 'delete',
    },
    books: {
      category: 'billing',
      promise: '7 years',
      collection: 'people',
      starts: { end_of_fiscal_year: 'closed_at' },
      period: 'P7Y',
      action: 'delete',
    },
    by_plan: {
      category: 'account',
      promise: 'as the plan says',
      collection: 'people',
      starts: 'closed_at',
      period: { days_from: 'plan.days' },
      when: { 'plan.name': ['free', 'pro'] },
      action: 'delete',
    },
    by_plan_at_least: {
      category: 'account',
      promise: 'as the plan says, at least 40 days',
      collection: 'people',
      starts: 'closed_at',
      period: { days_from: 'plan.days', at_least: 40 },
      action: 'delete',
    },
    local_time: { category: 'account', promise: '1 day', collection: 'people', starts: 'local_at', period: 'P1D', action: 'delete' },
    by_day: { category: 'account', promise: '1 month', collection: 'people', starts: 'on_day', period: 'P1M', action: 'delete' },
    of_owner: {
      category: 'account',
      promise: '90 days',
      collection: 'letters',
      starts: 'person.closed_at',
      period: 'P90D',
      action: 'delete',
    },
    strip: {
      category: 'account',
      promise: '12 months',
      collection: 'letters',
      starts: 'sent_at',
      period: 'P12M',
      action: 'strip',
      set: { person_id: null, body: { value: 'gone' }, sent_at: { truncate: 'day' } },
    },
    anonymise: {
      category: 'telemetry',
      promise: '12 months',
      collection: 'events',
      starts: 'at',
      period: 'P12M',
      action: 'anonymise',
      set: { person_id: null, device: null },
      aggregate: {
        into: 'daily',
        dimensions: { day: { day_of: 'at' }, name: 'name' },
        count: 'n',
        distinct: { of: 'person_id', into: 'people' },
        minimum_group: 3,
      },
    },
    watching: {
      category: 'account',
      promise: '6 months',
      collection: 'people',
      starts: 'closed_at',
      period: 'P6M',
      action: 'delete',
      mode: 'observe',
    },
  },
}

const SCHEMA = `
  create table plans (id int primary key, name text, days int);
  insert into plans values (1, 'free', 30), (2, 'team', 30), (3, 'pro', null), (4, 'pro', -5), (5, 'pro', 0), (6, 'pro', 2000000000);
  create table people (id int primary key, closed_at timestamptz, asked_at timestamptz, local_at timestamp, on_day date, plan_id int references plans);
  create index on people (closed_at);
  create table letters (id int primary key, person_id int references people, body text, sent_at timestamptz);
  create table events (id int, at timestamptz not null, person_id int, device text, name text, primary key (at, id)) partition by range (at);
  create table events_1 partition of events for values from ('2025-01-01') to ('2025-02-01');
  create table events_2 partition of events for values from ('2025-02-01') to ('2025-03-01');
  create table daily (day date not null, name text, n bigint not null, people int, unique (day, name));`

const policy = policyOf(WRITTEN)
let company: Company
let step = 0

beforeEach(async () => {
  company ??= await openCompany(policy, SCHEMA)
  await company.admin.query('truncate people, letters, events, daily cascade')
  step++
})

function request(rule: string, now: string, rest: Partial<PurgeRequest> = {}): PurgeRequest {
  const found = policy.rules.get(rule)
  if (found === undefined) throw new TypeError(rule)
  return { rule: found, now, zone: ZONE, fiscal_year_ends: '12-31', protected: new Map(), ...rest }
}

function purge(rule: string, now: string, rest: Partial<PurgeBatch> = {}): Promise<PurgeOutcome> {
  return company.source.purge({ ...request(rule, now), step: `test ${step}`, batch: 1, size: 100, ...rest })
}

/** What is due a second before `at`, and at `at`. */
async function around(rule: string, at: string, rest: Partial<PurgeRequest> = {}): Promise<[number, number]> {
  const before = new Date(Date.parse(at) - 1_000).toISOString()
  return [(await company.source.countDue(request(rule, before, rest))).due, (await company.source.countDue(request(rule, at, rest))).due]
}

async function person(columns: Readonly<Record<string, string | number>>): Promise<void> {
  const names = Object.keys(columns)
  await company.admin.query(
    `insert into people (${names.join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(columns),
  )
}

describe('a row is due', () => {
  test.each([
    ['2025-01-15T12:00:00Z', '2025-07-15T11:00:00.000Z', 'the same hour on the clock in summer'],
    ['2025-08-31T10:00:00Z', '2026-02-28T11:00:00.000Z', 'the last day of a shorter month'],
    ['2023-08-31T10:00:00Z', '2024-02-29T11:00:00.000Z', 'the leap day'],
    ['2024-09-29T00:30:00Z', '2025-03-29T01:30:00.000Z', 'the day before the clocks change'],
    ['2024-09-30T00:30:00Z', '2025-03-30T01:30:00.000Z', 'an hour that is skipped: the clock says 03:30'],
    ['2025-04-26T00:30:00Z', '2025-10-26T01:30:00.000Z', 'an hour that comes twice: the second one'],
  ])('closed %s, six months later at %s: %s', async (closed_at, due) => {
    await person({ id: 1, closed_at })
    expect(await around('half_year', due)).toEqual([0, 1])
  })

  test('when the earliest of its starts is old enough', async () => {
    await person({ id: 1, closed_at: '2025-01-10T12:00:00Z', asked_at: '2025-01-01T12:00:00Z' })
    await person({ id: 2, asked_at: '2025-01-01T12:00:00Z' })
    await person({ id: 3 })
    expect(await around('with_letters', '2025-04-01T11:00:00.000Z')).toEqual([0, 2])
  })

  test('when the latest of its starts is old enough', async () => {
    await person({ id: 1, closed_at: '2025-01-10T12:00:00Z', asked_at: '2025-01-01T12:00:00Z' })
    expect(await around('latest', '2025-04-10T11:00:00.000Z')).toEqual([0, 1])
  })

  test('seven years after the end of the calendar year, in the zone of the controller', async () => {
    await person({ id: 1, closed_at: '2018-12-31T22:59:59Z' })
    expect(await around('books', '2025-12-31T23:00:00.000Z')).toEqual([0, 1])
    await person({ id: 2, closed_at: '2018-12-31T23:00:00Z' })
    expect(await around('books', '2026-12-31T23:00:00.000Z')).toEqual([1, 2])
  })

  test.each([
    ['03-31', '2018-03-31T21:59:59Z', '2025-03-31T22:00:00.000Z'],
    ['03-31', '2018-03-31T22:00:00Z', '2026-03-31T22:00:00.000Z'],
    ['04-05', '2018-04-05T12:00:00Z', '2025-04-05T22:00:00.000Z'],
    ['04-05', '2018-04-06T12:00:00Z', '2026-04-05T22:00:00.000Z'],
    ['02-28', '2016-02-29T12:00:00Z', '2023-02-28T23:00:00.000Z'],
    ['01-15', '2018-01-16T12:00:00Z', '2026-01-15T23:00:00.000Z'],
  ])('when the financial year ends on %s and the invoice is of %s: at %s', async (fiscal_year_ends, closed_at, due) => {
    await person({ id: 1, closed_at })
    expect(await around('books', due, { fiscal_year_ends })).toEqual([0, 1])
  })

  test('when its own plan says so, and only under the plans that are named', async () => {
    for (const plan of [1, 2, 3, 4, 5, 6]) await person({ id: plan, closed_at: '2025-01-01T12:00:00Z', plan_id: plan })
    expect(await around('by_plan', '2025-01-01T12:00:00.000Z')).toEqual([0, 1])
    expect(await around('by_plan', '2025-01-31T12:00:00.000Z')).toEqual([1, 2])
    expect((await company.source.countDue(request('by_plan', '2099-01-01T00:00:00Z'))).due).toBe(2)
  })

  test('after the least number of days, when the plan says fewer', async () => {
    for (const plan of [1, 3, 4, 5]) await person({ id: plan, closed_at: '2025-01-01T12:00:00Z', plan_id: plan })
    expect(await around('by_plan_at_least', '2025-02-10T12:00:00.000Z')).toEqual([0, 2])
    expect((await company.source.countDue(request('by_plan_at_least', '2099-01-01T00:00:00Z'))).due).toBe(2)
  })

  test('by times without a zone, read in the zone of the controller', async () => {
    await person({ id: 1, local_at: '2025-06-01 12:00:00' })
    expect(await around('local_time', '2025-06-02T10:00:00.000Z')).toEqual([0, 1])
  })

  test('by days, at midnight there', async () => {
    await person({ id: 1, on_day: '2025-01-31' })
    expect(await around('by_day', '2025-02-27T23:00:00.000Z')).toEqual([0, 1])
  })

  test('by a start that another row holds', async () => {
    await person({ id: 1, closed_at: '2025-01-01T12:00:00Z' })
    await person({ id: 2 })
    await company.admin.query(`insert into letters values (1, 1, 'x', now()), (2, 2, 'x', now()), (3, null, 'x', now())`)
    expect(await around('of_owner', '2025-04-01T11:00:00.000Z')).toEqual([0, 1])
  })
})

describe('the count', () => {
  test('tells due, held, all rows and the oldest', async () => {
    await person({ id: 1, closed_at: '2025-01-01T12:00:00.5Z' })
    await person({ id: 2, closed_at: '2024-01-01T12:00:00Z' })
    await person({ id: 3 })
    const held: Protected = new Map([['people', [opening('account_id', 'id', ['2', 'nobody'])]]])
    expect(await company.source.countDue(request('half_year', '2026-01-01T00:00:00Z', { protected: held }))).toEqual({
      due: 1,
      held: 1,
      table_rows: 3,
      oldest: '2025-01-01T12:00:00.500000Z',
    })
  })

  test('of nothing has no oldest', async () => {
    expect(await company.source.countDue(request('half_year', '2026-01-01T00:00:00Z'))).toEqual({
      due: 0,
      held: 0,
      table_rows: 0,
      oldest: null,
    })
  })

  test('the last due instant of somebody is that of the row that stays longest', async () => {
    await person({ id: 1, closed_at: '2018-05-01T00:00:00Z' })
    await person({ id: 2, closed_at: '2020-05-01T00:00:00Z' })
    const selection = { collection: 'people', openings: [opening('account_id', 'id', ['1', '2'])], side: 'ours' } as const
    expect(await company.source.lastDue(selection, request('books', ''))).toBe('2027-12-31T23:00:00.000000Z')
    expect(await company.source.lastDue({ ...selection, openings: [] }, request('books', ''))).toBeNull()
  })

  test('letters that go with their person fall due with that person', async () => {
    await person({ id: 1, closed_at: '2025-01-01T12:00:00Z' })
    await company.admin.query(`insert into letters values (1, 1, 'x', now())`)
    const selection = { collection: 'letters', openings: [opening('account_id', 'person_id', ['1'])], side: 'ours' } as const
    expect(await company.source.lastDue(selection, request('with_letters', ''))).toBe('2025-04-01T11:00:00.000000Z')
  })
})

describe('a purge', () => {
  test('takes the oldest first, a batch at a time, until nothing is left', async () => {
    for (let id = 1; id <= 5; id++) await person({ id, closed_at: `2024-01-0${6 - id}T00:00:00Z` })
    const first = await purge('half_year', '2026-01-01T00:00:00Z', { size: 2 })
    expect(first).toEqual({
      confirmed_by: 'effect',
      rows: 2,
      with: {},
      range: ['2024-01-01T00:00:00.000000Z', '2024-01-02T00:00:00.000000Z'],
    })
    expect(await company.lines('select id from people order by id')).toEqual(['1', '2', '3'])
    const after = first.range?.[1] ?? ''
    expect((await purge('half_year', '2026-01-01T00:00:00Z', { size: 10, batch: 2, after })).rows).toBe(3)
    expect(await purge('half_year', '2026-01-01T00:00:00Z', { size: 10, batch: 3 })).toEqual({
      confirmed_by: 'effect',
      rows: 0,
      with: {},
      range: null,
    })
  })

  test('keeps to its size where many rows start at the same instant', async () => {
    for (let id = 1; id <= 9; id++) await person({ id, closed_at: '2024-01-01T00:00:00Z' })
    const rows: number[] = []
    for (let batch = 1; rows.at(-1) !== 0; batch++) rows.push((await purge('half_year', '2026-01-01T00:00:00Z', { size: 4, batch })).rows)
    expect(rows).toEqual([4, 4, 1, 0])
  })

  test('of a batch whose marker exists does nothing, also when the rows are back', async () => {
    await person({ id: 1, closed_at: '2024-01-01T00:00:00Z' })
    const first = await purge('half_year', '2026-01-01T00:00:00Z')
    await person({ id: 1, closed_at: '2024-01-01T00:00:00Z' })
    expect(await purge('half_year', '2026-01-01T00:00:00Z')).toEqual({ ...first, confirmed_by: 'marker' })
    expect(await company.lines('select id from people')).toEqual(['1'])
  })

  test('leaves protected rows, and rows whose letters are protected, and rows without an owner to ask', async () => {
    for (const id of [1, 2, 3]) await person({ id, closed_at: '2024-01-01T00:00:00Z' })
    await company.admin.query(`insert into letters values (1, 1, 'x', now()), (2, 3, 'x', now()), (3, null, 'x', now())`)
    const held: Protected = new Map([
      ['people', [opening('account_id', 'id', ['2'])]],
      ['letters', [opening('account_id', 'person_id', ['3'])]],
    ])
    expect(await purge('with_letters', '2026-01-01T00:00:00Z', { protected: held })).toMatchObject({ rows: 1, with: { letters: 1 } })
    expect(await company.lines('select id from people order by id')).toEqual(['2', '3'])
    expect(await company.lines('select id from letters order by id')).toEqual(['2', '3'])
  })

  test('does not keep a row because the column that could protect it is empty', async () => {
    await company.admin.query(`insert into letters values (1, null, 'x', '2024-01-01')`)
    const held: Protected = new Map([['letters', [opening('account_id', 'person_id', ['1'])]]])
    expect((await purge('strip', '2026-01-01T00:00:00Z', { protected: held })).rows).toBe(1)
  })

  test('leaves a row that somebody has locked for the next time', async () => {
    for (const id of [1, 2]) await person({ id, closed_at: '2024-01-01T00:00:00Z' })
    await company.admin.query('begin; select from people where id = 1 for update')
    expect((await purge('half_year', '2026-01-01T00:00:00Z')).rows).toBe(1)
    await company.admin.query('rollback')
    expect((await purge('half_year', '2026-01-01T00:00:00Z', { batch: 2 })).rows).toBe(1)
  })

  test('strips once: a second run finds nothing to do', async () => {
    await person({ id: 1 })
    await company.admin.query(
      `insert into letters values (1, 1, 'hello', '2024-03-31 10:11:12+00'), (2, 1, 'young', '2025-12-31 10:00:00+00')`,
    )
    expect((await purge('strip', '2026-01-01T00:00:00Z')).rows).toBe(1)
    expect(await company.lines(`select id, person_id, body, sent_at at time zone 'UTC' || '' from letters order by id`)).toEqual([
      '1|∅|gone|2024-03-30 23:00:00',
      '2|1|young|2025-12-31 10:00:00',
    ])
    expect((await purge('strip', '2026-01-01T00:00:00Z', { batch: 2 })).rows).toBe(0)
    expect((await company.source.countDue(request('strip', '2026-01-01T00:00:00Z'))).due).toBe(0)
  })

  test('that would take rows along that nobody counted is rolled back and says which', async () => {
    await company.admin.query(`create table stowaways (person_id int references people on delete cascade)`)
    await person({ id: 1, closed_at: '2024-01-01T00:00:00Z' })
    await company.admin.query('insert into stowaways values (1), (1)')
    const purging = purge('half_year', '2026-01-01T00:00:00Z')
    await expect(purging).rejects.toMatchObject({ cause_kind: 'unexpected_rows', transient: false })
    await expect(purging).rejects.toThrow(/stowaways \(2 deleted, expected 0\)/)
    expect(await company.lines('select count(*) from people')).toEqual(['1'])
    await company.admin.query('drop table stowaways')
  })

  test('by a rule that only observes changes nothing', async () => {
    await person({ id: 1, closed_at: '2024-01-01T00:00:00Z' })
    await expect(purge('watching', '2026-01-01T00:00:00Z')).rejects.toMatchObject({ cause_kind: 'denied' })
    expect(await company.lines('select count(*) from people')).toEqual(['1'])
  })
})

describe('an anonymising purge', () => {
  async function event(id: number, at: string, person_id: number | null, name: string | null): Promise<void> {
    await company.admin.query('insert into events values ($1, $2, $3, $4, $5)', [id, at, person_id, `device ${id}`, name])
  }
  const NOW = '2026-02-02T01:00:00Z'
  const counted = () => company.lines('select day::text, name, n, people from daily order by day, name nulls last')

  test('counts a group that three people stand behind under its name, and smaller ones of the day together', async () => {
    for (const [id, who] of [1, 2, 3, 3].entries()) await event(id, '2025-01-31T12:00:00Z', who, 'open')
    await event(10, '2025-01-31T12:00:00Z', 1, 'rare')
    await event(11, '2025-01-31T12:00:00Z', 2, 'odd')
    await event(12, '2025-01-31T12:00:00Z', 4, null)
    await event(13, '2025-02-01T12:00:00Z', 1, 'rare')
    await event(14, '2025-02-03T12:00:00Z', 1, 'young')
    expect((await purge('anonymise', NOW)).rows).toBe(8)
    expect(await counted()).toEqual(['2025-01-31|(other)|3|3', '2025-01-31|open|4|3'])
    expect(await company.lines('select id from events where person_id is not null or device is not null')).toEqual(['14'])
  })

  test('counts a row once however small the batches, and those of too few people nowhere', async () => {
    for (let id = 0; id < 12; id++)
      await event(id, `2025-01-31T12:00:${String(id).padStart(2, '0')}Z`, id % 4, id % 2 === 0 ? 'open' : 'close')
    for (let id = 20; id < 26; id++) await event(id, '2025-01-31T13:00:00Z', id, 'close')
    for (let batch = 1, rows = 1; rows > 0; batch++) ({ rows } = await purge('anonymise', NOW, { size: 4, batch }))
    expect(await counted()).toEqual(['2025-01-31|close|12|8'])
  })

  test('of a day in two nights keeps the name that the whole day earned', async () => {
    for (const [id, hour] of ['00', '05', '15', '16'].entries()) await event(id, `2025-01-31T${hour}:00:00Z`, id, 'open')
    expect((await purge('anonymise', '2026-01-31T01:00:00Z')).rows).toBe(1)
    expect(await counted()).toEqual(['2025-01-31|open|1|4'])
    expect((await purge('anonymise', NOW, { batch: 2 })).rows).toBe(3)
    expect(await counted()).toEqual(['2025-01-31|open|4|4'])
    expect((await purge('anonymise', NOW, { batch: 3 })).rows).toBe(0)
  })
})
