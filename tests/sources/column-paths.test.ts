import { beforeAll, describe, expect, test } from 'vitest'

import type { Found, Identifiers, Opening, Selection, Source } from '../../src/sources/source.ts'
import { walk, type Survey } from '../../src/sources/walk.ts'
import { openCompany, opening, textOf, type Company } from './contract.ts'
import { policyOf } from './policy.ts'

const shop = { source: 'shop', key: 'id' }
const by = (
  identifier: string,
  columns: string | string[],
  rest: Partial<Pick<Opening, 'when'>> & { meaning?: 'own' | 'shared' | 'bridge' } = {},
) => ({
  identifier,
  columns,
  meaning: rest.meaning ?? ('own' as const),
  ...(rest.when === undefined ? {} : { when: rest.when as Record<string, string> }),
})

const policy = policyOf({
  identifiers: {
    email: { label: 'E-mail', compare: 'email' },
    account_id: { label: 'Account' },
    organisation_id: { label: 'Organisation' },
    device_id: { label: 'Device' },
    seat: { label: 'Seat' },
  },
  collections: {
    accounts: {
      ...shop,
      table: 'accounts',
      label: 'Accounts',
      is_person: true,
      opened_by: [by('email', 'email'), by('account_id', 'id')],
      provides: { account_id: 'id', email: 'email' },
    },
    rooms: { ...shop, table: 'rooms', label: 'Rooms', opened_by: [by('account_id', 'members[]')], provides: { device_id: 'devices[]' } },
    lists: { ...shop, table: 'lists', label: 'Lists', opened_by: [by('email', 'addresses[]', { meaning: 'shared' })] },
    orders: {
      ...shop,
      table: 'orders',
      label: 'Orders',
      opened_by: [by('email', 'payload->owner->mail')],
      provides: { device_id: 'payload->devices[]', seat: ['payload->seats[]->hall', 'payload->seats[]->chair'] },
    },
    guests: { ...shop, table: 'orders', label: 'Guests', opened_by: [by('account_id', 'payload->people[]->id', { meaning: 'shared' })] },
    seats: { ...shop, table: 'bookings', label: 'Seats', opened_by: [by('seat', ['places[]->hall', 'places[]->chair'])] },
    notes: {
      ...shop,
      table: 'notes',
      label: 'Notes',
      opened_by: [
        by('account_id', 'owner_id', { when: { owner_type: 'account' } }),
        by('organisation_id', 'owner_id', { when: { owner_type: ['organisation', 'team'] } }),
        by('email', 'mail'),
      ],
    },
  },
})

const SCHEMA = `
  create table accounts (id int primary key, email text);
  create table rooms (id int primary key, members int[], devices text[]);
  create table lists (id int primary key, addresses varchar(80)[]);
  create table orders (id int primary key, payload jsonb);
  create table bookings (id int primary key, places json);
  create type kind as enum ('account', 'organisation', 'team');
  create table notes (id int primary key, owner_type kind, owner_id bigint, mail text);
  insert into accounts values (1, 'ada@example.com'), (7, 'maria@example.com'), (11, 'eve@example.com');
  insert into rooms values (1, '{1}', '{a1,NULL,"",a1,a2}'), (2, '{1,7}', '{m1}'), (3, '{7,NULL}', '{m2}'), (4, NULL, NULL), (5, '{}', '{}'),
    (6, '{1,NULL}', NULL), (7, '{11}', '{e}');
  insert into lists values (1, '{Ada@Example.com,maria@example.com}'), (2, '{maria@example.com}'), (3, '{NULL}');
  insert into orders values
    (1, '{"owner": {"mail": "ADA@example.com"}, "people": [{"id": 1}, {"id": "7"}], "devices": ["d1", 2, "", null, {"x": 1}, "d1"],
          "seats": [{"hall": "A", "chair": 1}, {"hall": "B", "chair": 2}, {"hall": "C"}, "x"]}'),
    (2, '{"owner": {"mail": "maria@example.com"}, "people": [{"id": 7}]}'),
    (3, '{"owner": "ada@example.com", "people": {"id": 1}}'), (4, '[]'), (5, 'null'), (6, NULL), (7, '{"people": [[{"id": 1}], 1, "1"]}'),
    (8, '{"owner": {"mail": ["ada@example.com"]}, "people": [{"id": 1.0}, {"id": "01"}]}'),
    (9, '{"people": [{"id": "1"}]}');
  insert into bookings values (1, '[{"hall": "A", "chair": 1}]'), (2, '[{"hall": "A", "chair": 2}, {"hall": "B", "chair": "1"}]'),
    (3, '[{"hall": "B", "chair": "2"}]'), (4, '{}');
  insert into notes values (1, 'account', 1, null), (2, 'organisation', 1, null), (3, 'account', 7, 'ada@example.com'),
    (4, 'organisation', 7, 'ada@example.com'), (5, null, 7, 'ada@example.com'), (6, 'team', 1, 'maria@example.com'), (7, 'account', null, 'ada@example.com');`

const ADA: Identifiers = { email: [['ada@example.com']] }

let company: Company

beforeAll(async () => {
  company = await openCompany(policy, SCHEMA)
})

const survey = (identifiers: Identifiers): Promise<Survey> => walk(policy, new Map<string, Source>([['shop', company.source]]), identifiers)

async function foundIn(id: string, openings: readonly Opening[]): Promise<Found> {
  const collection = policy.collections.get(id)
  if (collection === undefined) throw new TypeError(id)
  return company.source.find(collection, openings)
}

async function keysOf(collection: string, openings: readonly Opening[], whose: Selection['whose'] = 'theirs'): Promise<string[]> {
  const keys = await company.source.keys({ collection, openings, side: 'ours', whose }, 100)
  return keys.map(([key]) => key ?? '')
}

const members = (...ids: string[]) => [opening('account_id', 'members[]', ids)]
const people = (...ids: string[]) => [opening('account_id', 'payload->people[]->id', ids, { meaning: 'shared' })]

test('the policy fits the database', async () => {
  expect(await company.source.check()).toEqual([])
})

describe('a list of members', () => {
  test('with Ada alone in it is hers; with Maria beside her it is also Maria’s', async () => {
    expect(await foundIn('rooms', members('1'))).toMatchObject({ rows: 2, shared_rows: 1 })
    expect(await keysOf('rooms', members('1'))).toEqual(['1', '6'])
    expect(await keysOf('rooms', members('1'), 'shared')).toEqual(['2'])
    expect(await keysOf('rooms', members('1', '7'))).toEqual(['1', '2', '3', '6'])
  })

  test('gives every device once, and none of a room that is also Maria’s', async () => {
    const { provides, lends } = await foundIn('rooms', members('1'))
    expect(provides['device_id']?.toSorted()).toEqual([['a1'], ['a2']])
    expect(lends).toBeUndefined()
  })

  test('is not opened by what no element can be, nor by the list itself', async () => {
    expect(await keysOf('rooms', members('{1}', '1,7', '1}', 'x', '01', '1.0', '99999999999999999999'))).toEqual([])
  })

  test('of addresses is compared as addresses are', async () => {
    const listed = (value: string) => [opening('email', 'addresses[]', [value], { compare: 'email', meaning: 'shared' })]
    expect(await keysOf('lists', listed('ADA@example.COM'))).toEqual(['1'])
    expect(await keysOf('lists', listed('maria@example.com'))).toEqual(['1', '2'])
    expect(await keysOf('lists', listed('{maria@example.com}'))).toEqual([])
  })
})

describe('a place in a document', () => {
  test('is compared as text, an address without its case', async () => {
    const owner = [opening('email', 'payload->owner->mail', ['ada@EXAMPLE.com'], { compare: 'email' })]
    expect(await keysOf('orders', owner)).toEqual(['1'])
  })

  test('holds texts and numbers; lists, objects and null are no keys', async () => {
    const owner = [opening('email', 'payload->owner->mail', ['["ada@example.com"]', 'null', '[]', '{}'])]
    expect(await keysOf('orders', owner)).toEqual([])
  })

  test('may be in any element of a list, in the writing that stands there', async () => {
    expect(await keysOf('guests', people('1'))).toEqual(['1', '9'])
    expect(await keysOf('guests', people('7'))).toEqual(['1', '2'])
    expect(await keysOf('guests', people('01'))).toEqual(['8'])
    expect(await keysOf('guests', people('1.0'))).toEqual(['8'])
  })

  test('gives each text and number once, and the parts of a key only from one element', async () => {
    const owner = [opening('email', 'payload->owner->mail', ['ada@example.com'], { compare: 'email' })]
    const { provides } = await foundIn('orders', owner)
    expect(provides['device_id']?.toSorted()).toEqual([['2'], ['d1']])
    expect(provides['seat']?.toSorted()).toEqual([
      ['A', '1'],
      ['B', '2'],
    ])
  })

  test('opens by a key of several parts only where one element holds them all', async () => {
    const seat = (...values: string[][]) => [opening('seat', ['places[]->hall', 'places[]->chair'], values)]
    expect(await keysOf('seats', seat(['A', '1']))).toEqual(['1'])
    expect(await keysOf('seats', seat(['B', '2'], ['A', '9']))).toEqual(['3'])
  })
})

describe('an index on the list or document', () => {
  test('changes nothing about who is found', async () => {
    const asked = [['1'], ['7'], ['01'], ['1.0'], ['1', '7'], ['{"id": 1}'], ['"1"'], ['9'.repeat(2000)]]
    const each = () =>
      Promise.all(
        asked.flatMap((values) => [
          keysOf('guests', people(...values)),
          keysOf('rooms', members(...values)),
          keysOf('rooms', members(...values), 'shared'),
        ]),
      )
    const without = await each()
    await company.admin.query(
      `create index on orders using gin (payload jsonb_path_ops); create index rooms_members on rooms using gin (members)`,
    )
    expect(await company.source.check()).toEqual([])
    expect(await each()).toEqual(without)
  })

  test('is used', async () => {
    await company.admin.query(`
      insert into rooms select n, array[n, n + 1] from generate_series(1000, 21000) n;
      insert into orders select n, jsonb_build_object('people', jsonb_build_array(jsonb_build_object('id', n))) from generate_series(1000, 21000) n;
      analyze rooms, orders`)
    const scans = () =>
      company.lines(`select pg_stat_get_numscans('rooms_members'::regclass), pg_stat_get_numscans('orders_payload_idx'::regclass)`)
    expect(await scans()).toEqual(['0|0'])
    // A connection reports its counters at most once a second, after a statement.
    const look = async () => {
      expect(await keysOf('rooms', members('2000'), 'shared')).toEqual(['1999', '2000'])
      expect(await keysOf('guests', people('2000'))).toEqual(['2000'])
      return (await scans()).join().split('|').includes('0')
    }
    await expect.poll(look, { timeout: 10_000 }).toBe(false)
    await company.admin.query('delete from rooms where id >= 1000; delete from orders where id >= 1000')
  })
})

describe('a link with a type beside it', () => {
  const account = (value: string) => opening('account_id', 'owner_id', [value], { when: { owner_type: 'account' } })
  const organisation = (value: string) =>
    opening('organisation_id', 'owner_id', [value], { when: { owner_type: ['organisation', 'team'] } })
  const mail = opening('email', 'mail', ['ada@example.com'], { compare: 'email' })

  test('opens only rows of that type', async () => {
    expect(await keysOf('notes', [account('1')])).toEqual(['1'])
    expect(await keysOf('notes', [organisation('1')])).toEqual(['2', '6'])
    expect(await keysOf('notes', [account('1'), organisation('7')])).toEqual(['1', '4'])
  })

  test('names nobody else where the type says so, and may name anybody where there is none', async () => {
    const openings = [account('1'), mail]
    expect(await keysOf('notes', openings)).toEqual(['1', '4', '7'])
    expect(await keysOf('notes', openings, 'shared')).toEqual(['3', '5'])
    expect(await foundIn('notes', openings)).toMatchObject({ rows: 3, shared_rows: 2 })
  })

  test('is followed by the walk', async () => {
    const { looked } = await survey(ADA)
    expect(looked.find(({ collection }) => collection === 'notes')?.found).toMatchObject({ rows: 3, shared_rows: 2 })
    expect(looked.find(({ collection }) => collection === 'rooms')?.found).toMatchObject({ rows: 2, shared_rows: 1 })
  })
})

test('what is shared can be selected by itself, and both selections together are what was counted', async () => {
  const { looked } = await survey(ADA)
  expect(looked.map(({ collection }) => collection)).toEqual(['accounts', 'rooms', 'lists', 'orders', 'guests', 'seats', 'notes'])
  for (const { collection, openings, found } of looked) {
    const selection: Selection = { collection, openings, side: 'ours' }
    const own = { ...selection, openings: openings.filter(({ meaning }) => meaning !== 'shared') }
    expect([collection, await company.source.count(own), await company.source.count({ ...selection, whose: 'shared' })]).toEqual([
      collection,
      found.rows,
      found.shared_rows,
    ])
  }
})

test('a copy and a change take the same rows as the count', async () => {
  const selection: Selection = { collection: 'rooms', openings: members('1'), side: 'ours', whose: 'shared' }
  expect(await textOf(await company.source.disclose({ selection, format: 'csv', columns: ['id'] }))).toBe('id\n2\n')
  const change = { selection, action: { kind: 'delete' }, limit: 10 } as const
  expect(await company.source.apply({ step: 'shared', batch: 0, changes: [change] })).toMatchObject({
    rows: { rooms: 1 },
    left: { rooms: 0 },
  })
  expect(await company.lines('select id from rooms order by id')).toEqual(['1', '3', '4', '5', '6', '7'])
})

test('a path that the column does not have is said by the check', async () => {
  const wrong = policyOf({
    identifiers: { email: { label: 'E-mail', compare: 'email' }, account_id: { label: 'Account' } },
    collections: {
      accounts: { ...shop, table: 'accounts', label: 'Accounts', opened_by: [by('email', 'email->mail'), by('account_id', 'id[]')] },
      rooms: {
        ...shop,
        table: 'rooms',
        label: 'Rooms',
        opened_by: [by('account_id', 'members'), by('email', 'members[]')],
        provides: { account_id: 'members[]->id' },
      },
      notes: {
        ...shop,
        table: 'notes',
        label: 'Notes',
        opened_by: [by('account_id', 'owner_id', { when: { owner_id: 'x', missing: 'y' } })],
      },
    },
  })
  const { source } = await openCompany(wrong, SCHEMA)
  expect((await source.check()).map(({ sentence }) => sentence)).toEqual([
    'accounts.email: expected jsonb, got text',
    'accounts.id: expected an array or jsonb, got integer not null',
    'rooms.members: expected a type that can be compared, got integer[]',
    'rooms.members: expected text, as addresses are, got integer',
    'rooms.members: expected jsonb, got integer[]',
    'notes.owner_id: expected a column that can hold x, got bigint',
    'notes.missing (when): expected a column, got nothing of that name',
  ])
  await expect(source.count({ collection: 'accounts', openings: [opening('email', 'email->mail', ['x'])], side: 'ours' })).rejects.toThrow(
    'shop.accounts: accounts.email: expected jsonb, got text',
  )
})
