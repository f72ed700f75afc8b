import { beforeAll, describe, expect, test } from 'vitest'

import type { Identifiers, Source } from '../../src/sources/source.ts'
import { walk, type Survey } from '../../src/sources/walk.ts'
import { openCompany, type Company } from './contract.ts'
import { policyOf } from './policy.ts'

const policy = policyOf({
  identifiers: {
    email: { label: 'E-mail', compare: 'email' },
    account_id: { label: 'Account' },
    device_id: { label: 'Device' },
    thread_id: { label: 'Thread' },
  },
  sources: {
    shop: { kind: 'postgres', label: 'Shop', mode: 'enforce' },
    lab: { kind: 'postgres', label: 'Lab', mode: 'enforce', schema: 'lab' },
    cabinet: { kind: 'manual', label: 'Paper files' },
  },
  collections: {
    accounts: {
      source: 'shop',
      table: 'accounts',
      label: 'Accounts',
      key: 'id',
      is_person: true,
      opened_by: [
        { identifier: 'email', columns: 'email' },
        { identifier: 'account_id', columns: 'id' },
      ],
      provides: { account_id: 'id', email: 'email' },
    },
    logins: {
      source: 'shop',
      table: 'logins',
      label: 'Logins',
      key: 'id',
      opened_by: [{ identifier: 'email', columns: 'email', meaning: 'bridge' }],
      provides: { account_id: 'account_id' },
    },
    merged: {
      source: 'shop',
      table: 'merged',
      label: 'Merged accounts',
      key: 'id',
      opened_by: [{ identifier: 'account_id', columns: 'account_id' }],
      provides: { account_id: 'other_id' },
    },
    devices: {
      source: 'shop',
      table: 'devices',
      label: 'Devices',
      key: 'id',
      opened_by: [{ identifier: 'account_id', columns: 'account_id' }],
      provides: { device_id: 'id' },
    },
    posts: {
      source: 'shop',
      table: 'posts',
      label: 'Posts',
      key: 'id',
      opened_by: [
        { identifier: 'account_id', columns: 'account_id' },
        { identifier: 'thread_id', columns: 'thread_id', meaning: 'shared' },
      ],
      provides: { thread_id: 'thread_id' },
    },
    letters: { source: 'shop', table: 'letters', label: 'Letters', key: 'email', opened_by: [{ identifier: 'email', columns: 'email' }] },
    events: { source: 'lab', table: 'events', label: 'Events', key: 'id', opened_by: [{ identifier: 'device_id', columns: 'device_id' }] },
    paper: { source: 'cabinet', table: 'paper', label: 'Paper', key: 'id', opened_by: [{ identifier: 'email', columns: 'email' }] },
  },
})

const SCHEMA = `
  create table accounts (id int primary key, email text);
  create table devices (id text primary key, account_id int);
  create table posts (id int primary key, account_id int, thread_id int);
  create table letters (email text primary key);
  create table logins (id int primary key, email text, account_id int);
  create table merged (id int primary key, account_id int, other_id int);
  insert into logins values (1, 'shop@example.com', 5), (2, 'shop@example.com', 4), (3, 'eve.work@example.com', 4);
  insert into merged values (1, 5, 6);
  create schema lab;
  create table lab.events (id int primary key, device_id text);
  insert into accounts values (1, 'ada@example.com'), (2, 'Noor@example.com'), (3, 'noor@example.com'), (4, 'eve@example.com'), (5, 'zoe@example.com'), (6, 'yan@example.com');
  insert into devices values ('a1', 1), ('a2', 1), ('n1', 2), ('n2', 3), ('e1', 4);
  insert into posts values (1, 1, 10), (2, 4, 10), (3, 4, 11);
  insert into letters values ('ada@example.com'), ('noor@example.com');
  insert into lab.events values (1, 'a1'), (2, 'a2'), (3, 'n1'), (4, 'e1');`

let company: Company
let sources: Map<string, Source>

beforeAll(async () => {
  company = await openCompany(policy, SCHEMA)
  const lab = await openCompany(policy, SCHEMA, 'lab')
  const cabinet = policy.sources.get('cabinet')
  if (cabinet === undefined) throw new TypeError('cabinet')
  sources = new Map<string, Source>([
    ['shop', company.source],
    ['lab', lab.source],
    ['cabinet', { kind: 'manual', declaration: cabinet }],
  ])
})

const from = (identifiers: Identifiers): Promise<Survey> => walk(policy, sources, identifiers)
const rowsOf = ({ looked }: Survey): Record<string, number> =>
  Object.fromEntries(looked.map(({ collection, found }) => [collection, found.rows]))

describe('the walk from a proven address', () => {
  test('goes over every source until nothing new appears, and says which way', async () => {
    const survey = await from({ email: [['ADA@example.com']] })
    expect(rowsOf(survey)).toEqual({ accounts: 1, logins: 0, merged: 0, devices: 2, posts: 1, letters: 1, events: 2 })
    expect(survey.looked.map(({ collection, path }) => `${collection}: ${path.join(' → ')}`)).toEqual([
      'accounts: email → accounts',
      'logins: email → logins',
      'merged: email → accounts → account_id → merged',
      'devices: email → accounts → account_id → devices',
      'posts: email → accounts → account_id → posts',
      'letters: email → letters',
      'events: email → accounts → account_id → devices → device_id → events',
    ])
    expect(survey).toMatchObject({ manual: ['cabinet'], ambiguous: [], persons: 1 })
    expect(survey.looked.find(({ collection }) => collection === 'posts')?.found).toMatchObject({ rows: 1, shared_rows: 1 })
  })

  test('that nobody has finds nothing, and has still looked', async () => {
    const survey = await from({ email: [['nobody@example.com']] })
    expect(rowsOf(survey)).toEqual({ accounts: 0, logins: 0, letters: 0 })
    expect(survey).toMatchObject({ persons: 0, ambiguous: [] })
  })

  test('without anything proven looks nowhere', async () => {
    expect(await from({})).toEqual({ identifiers: {}, looked: [], manual: ['cabinet'], ambiguous: [], persons: 0 })
    expect((await from({ email: [] })).looked).toEqual([])
  })
})

describe('an address of two people', () => {
  test('opens nothing of either, and nothing else that carries it', async () => {
    const survey = await from({ email: [['NOOR@example.com']] })
    expect(survey.looked).toEqual([])
    expect(survey.identifiers).toEqual({})
    expect(survey.ambiguous).toEqual([
      { identifier: 'email', value: ['NOOR@example.com'], collection: 'accounts', persons: 2, keys: [['2'], ['3']] },
    ])
  })

  test('does not keep another proven address from being followed', async () => {
    const survey = await from({ email: [['noor@example.com'], ['ada@example.com']] })
    expect(rowsOf(survey)).toEqual({ accounts: 1, logins: 0, merged: 0, devices: 2, posts: 1, letters: 1, events: 2 })
    expect(survey.ambiguous).toHaveLength(1)
  })

  test('stays aside when it is met on the way from the account that was meant', async () => {
    const survey = await from({ account_id: [['3']] })
    expect(rowsOf(survey)).toEqual({ accounts: 1, merged: 0, devices: 1, posts: 0, events: 0 })
    expect(survey.ambiguous).toMatchObject([{ identifier: 'email', value: ['noor@example.com'] }])
    expect(survey.identifiers).toEqual({ account_id: [['3']], device_id: [['n2']] })
  })
})

describe('a way round', () => {
  test('that leads an address to one person is followed', async () => {
    const survey = await from({ email: [['eve.work@example.com']] })
    expect(survey).toMatchObject({ persons: 1, ambiguous: [] })
    expect(rowsOf(survey)).toMatchObject({ accounts: 1, devices: 1, posts: 2 })
  })

  test('that leads an address to two people opens nothing of either', async () => {
    const survey = await from({ email: [['shop@example.com']] })
    expect(survey.looked).toEqual([])
    expect(survey.ambiguous).toMatchObject([{ identifier: 'email', value: ['shop@example.com'], collection: 'accounts' }])
  })

  test('is not taken from the number of one person to another', async () => {
    const survey = await from({ account_id: [['5']] })
    expect(survey.looked[0]?.found.persons).toEqual([['5']])
    expect(survey.identifiers['account_id']).toEqual([['5']])
    expect(survey.ambiguous).toMatchObject([{ identifier: 'account_id', value: ['6'], keys: [['5'], ['6']] }])
  })

  test('is taken when both numbers are meant', async () => {
    expect(await from({ account_id: [['5'], ['6']] })).toMatchObject({ persons: 2, ambiguous: [] })
  })

  test('keeps neither from the other address that was proven', async () => {
    const survey = await from({ email: [['zoe@example.com'], ['ada@example.com']] })
    expect(survey.ambiguous).toMatchObject([{ identifier: 'email', value: ['zoe@example.com'] }])
    expect(survey).toMatchObject({ persons: 1, identifiers: { account_id: [['1']] } })
  })
})

test('two proven addresses of two people are two people, not an ambiguity', async () => {
  const survey = await from({ email: [['ada@example.com'], ['eve@example.com']] })
  expect(survey).toMatchObject({ ambiguous: [], persons: 2 })
})
