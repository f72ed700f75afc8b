import { beforeEach } from 'vitest'

import type { PurgeBatch, PurgeOutcome, PurgeRequest } from '../../src/sources/source.ts'
import { openCompany, type Company } from './contract.ts'
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
let step = 0

/** The company of the purge tests: emptied before each test, with a step of its own for each. */
export const shop: { company: Company } = {
  get company(): Company {
    if (opened === undefined) throw new TypeError('the company opens before the first test')
    return opened
  },
}

let opened: Company | undefined

beforeEach(async () => {
  opened ??= await openCompany(policy, SCHEMA)
  await opened.admin.query('truncate people, letters, events, daily cascade')
  step++
})

/** What a purge of this rule is asked at this instant. */
export function request(rule: string, now: string, rest: Partial<PurgeRequest> = {}): PurgeRequest {
  const found = policy.rules.get(rule)
  if (found === undefined) throw new TypeError(rule)
  return { rule: found, now, zone: ZONE, fiscal_year_ends: '12-31', protected: new Map(), ...rest }
}

/** One batch of this rule at this instant. */
export function purge(rule: string, now: string, rest: Partial<PurgeBatch> = {}): Promise<PurgeOutcome> {
  return shop.company.source.schedule.purge({ ...request(rule, now), step: `test ${step}`, batch: 1, size: 100, ...rest })
}

/** A row of people. */
export async function person(columns: Readonly<Record<string, string | number>>): Promise<void> {
  const names = Object.keys(columns)
  await shop.company.admin.query(
    `insert into people (${names.join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(columns),
  )
}
