import { beforeAll, describe, expect, test } from 'vitest'

import { openCompany, opening, type Company } from './contract.ts'
import { policyOf } from './policy.ts'

const policy = policyOf({
  identifiers: {
    email: { label: 'E-mail', compare: 'email' },
    account_id: { label: 'Account' },
    code: { label: 'Code' },
    seat: { label: 'Seat' },
  },
  collections: {
    people: {
      source: 'shop',
      table: 'people',
      label: 'People',
      key: 'id',
      is_person: true,
      opened_by: [
        { identifier: 'email', columns: 'email' },
        { identifier: 'account_id', columns: 'id' },
      ],
      provides: { account_id: 'id', code: 'code' },
      refs: { team: { collection: 'teams', columns: 'team_id' } },
    },
    teams: { source: 'shop', table: 'teams', label: 'Teams', key: 'id' },
    notes: {
      source: 'shop',
      table: 'notes',
      label: 'Notes',
      key: ['person_id', 'n'],
      opened_by: [{ identifier: 'account_id', columns: 'person_id' }],
      provides: { seat: ['hall', 'chair'] },
      refs: { person: { collection: 'people', columns: 'person_id' } },
      organisation_controls: { 'person.team.plan': ['team', 'enterprise'] },
    },
    seats: {
      source: 'shop',
      table: 'seats',
      label: 'Seats',
      key: ['hall', 'chair'],
      opened_by: [{ identifier: 'seat', columns: ['hall', 'chair'] }],
    },
  },
})

const SCHEMA = `
  create extension if not exists citext;
  create table teams (id int primary key, plan text);
  create table people (id bigint primary key, email varchar(80), code citext, tag char(4), token uuid, level smallint, team_id int references teams);
  create table notes (person_id bigint, n int, hall text, chair int, body text, primary key (person_id, n));
  create table seats (hall text, chair int, label text, primary key (hall, chair));
  insert into teams values (1, 'enterprise'), (2, null);
  insert into people values
    (1, 'ada@example.com', 'AbC', 'abcd', '6f1c2a3b-0000-4000-8000-000000000001', 1, null),
    (2, 'Noor@example.com', 'abc', 'a', '6f1c2a3b-0000-4000-8000-000000000002', 2, 1),
    (3, 'noor@example.com', null, null, null, 3, 2),
    (4, 'm\u0131ke@example.com', 'K', null, null, 4, null),
    (5, '', '', null, null, 5, null),
    (6, 'k@example.com', null, null, null, 6, null);
  insert into notes values
    (1, 1, 'A', 1, 'x'), (1, 2, 'A', 1, 'x'), (1, 3, null, 2, 'x'), (1, 4, 'B', 2, 'x'),
    (2, 1, 'C', 1, 'x'), (2, 2, 'C', 2, 'x'), (3, 1, 'D', 1, 'x');
  insert into seats values ('A', 1, 'front'), ('A', 2, 'side'), ('B', 1, 'back'), ('B', 2, 'aisle');`

let company: Company

beforeAll(async () => {
  company = await openCompany(policy, SCHEMA)
})

async function peopleBy(column: string, values: readonly string[], compare: 'exact' | 'email' = 'exact'): Promise<readonly string[]> {
  const openings = [opening('any', column, values, { compare })]
  return (await company.source.keys({ collection: 'people', openings, side: 'ours' }, 100)).map(([id]) => id ?? '')
}

function collection(id: string) {
  const found = policy.collections.get(id)
  if (found === undefined) throw new TypeError(id)
  return found
}

describe('a value that is compared as an address', () => {
  test('finds the address whatever the case of its ASCII letters', async () => {
    expect(await peopleBy('email', ['ADA@Example.COM'], 'email')).toEqual(['1'])
  })

  test('finds both people whose addresses differ in case only', async () => {
    expect(await peopleBy('email', ['NOOR@example.com'], 'email')).toEqual(['2', '3'])
  })

  test.each(['mike@example.com', 'MIKE@example.com', 'm\u0130ke@example.com', 'mi\u0307ke@example.com'])(
    'does not take %s for a dotless i',
    async (value) => {
      expect(await peopleBy('email', [value], 'email')).toEqual([])
    },
  )

  test('does not take the Kelvin sign for a k', async () => {
    expect(await peopleBy('email', ['\u212A@example.com'], 'email')).toEqual([])
    expect(await peopleBy('email', ['K@example.com'], 'email')).toEqual(['6'])
  })

  test('finds the dotless i when it is typed', async () => {
    expect(await peopleBy('email', ['M\u0131KE@example.com'], 'email')).toEqual(['4'])
  })
})

describe('an index on lower(email)', () => {
  test('finds the same people as no index, also where lower() folds more', async () => {
    const asked = [
      'ADA@Example.COM',
      'mike@example.com',
      'M\u0131KE@example.com',
      '\u212A@example.com',
      'K@example.com',
      '\u00C4@x.nl',
      '\u00E4@x.nl',
      'noor@example.com',
    ]
    await company.admin.query(`insert into people (id, email) values (7, '\u00C4@X.nl')`)
    const each = async () => Promise.all(asked.map((address) => peopleBy('email', [address], 'email')))
    const without = await each()
    await company.admin.query('create index on people (lower(email))')
    expect(await company.source.check()).toEqual([])
    expect(await each()).toEqual(without)
    expect(without).toEqual([['1'], [], ['4'], [], ['6'], ['7'], [], ['2', '3']])
  })

  test('is used', async () => {
    await company.admin.query(
      `insert into people (id, email) select n, n || '@example.org' from generate_series(1000, 21000) n; analyze people`,
    )
    const scans = () => company.lines(`select pg_stat_get_numscans('people_lower_idx'::regclass)`)
    expect(await scans()).toEqual(['0'])
    // A connection reports its counters at most once a second, after a statement.
    const look = async () => {
      expect(await peopleBy('email', ['2000@EXAMPLE.org'], 'email')).toEqual(['2000'])
      return scans()
    }
    await expect.poll(look, { timeout: 10_000 }).not.toEqual(['0'])
    await company.admin.query('delete from people where id >= 1000')
  })
})

describe('a value that is compared exactly', () => {
  test.each(['noor@example.com ', 'noor%', '%', '_', 'Noor@Example.com', "noor@example.com' or '1'='1"])(
    '%j finds nobody',
    async (value) => {
      expect(await peopleBy('email', [value])).toEqual([])
    },
  )

  test('is case-sensitive in a citext column too', async () => {
    expect(await peopleBy('code', ['abc'])).toEqual(['2'])
    expect(await peopleBy('code', ['ABC'])).toEqual([])
    expect(await peopleBy('code', ['\u212A'])).toEqual([])
  })

  test('is not cut short to the length of the column', async () => {
    expect(await peopleBy('tag', ['abcd'])).toEqual(['1'])
    expect(await peopleBy('tag', ['abcdef'])).toEqual([])
    expect(await peopleBy('tag', ['ab'])).toEqual([])
  })
})

describe('a value that says nothing', () => {
  test.each([[''], [' '], ['\u00A0'], ['\t\n'], ['\0'], ['ada@example.com\0'], ['\uD800']])(
    '%j finds nobody, not everybody',
    async (value) => {
      expect(await peopleBy('email', [value])).toEqual([])
      expect(await peopleBy('email', [value], 'email')).toEqual([])
    },
  )

  test('no openings, no values and no columns find nobody', async () => {
    for (const openings of [[], [opening('email', 'email', [])], [opening('email', [], [[]])], [opening('email', 'email', [['a', 'b']])]]) {
      const selection = { collection: 'people', openings, side: 'ours' } as const
      expect(await company.source.count(selection)).toBe(0)
      expect(await company.source.keys(selection, 10)).toEqual([])
      expect(await company.source.find(collection('people'), openings)).toEqual({
        rows: 0,
        organisation_rows: 0,
        shared_rows: 0,
        provides: {},
        persons: [],
      })
    }
  })
})

describe('a value that the column cannot hold', () => {
  test('finds nobody and does not keep the others from being found', async () => {
    expect(await peopleBy('id', ['x', '1', '99999999999999999999999', '1; drop table people', '3', '1.5'])).toEqual(['1', '3'])
    expect(await peopleBy('level', ['70000', '-1', '2', '2'])).toEqual(['2'])
    expect(await peopleBy('token', ['nobody', '6f1c2a3b-0000-4000-8000-000000000001'])).toEqual(['1'])
  })
})

describe('a key of several columns', () => {
  test('is compared as a whole, never part by part', async () => {
    const found = await company.source.keys(
      {
        collection: 'seats',
        openings: [
          opening(
            'seat',
            ['hall', 'chair'],
            [
              ['A', '1'],
              ['B', '2'],
            ],
          ),
        ],
        side: 'ours',
      },
      10,
    )
    expect(found).toEqual([
      ['A', '1'],
      ['B', '2'],
    ])
  })

  test('with a part that cannot be, matches nothing', async () => {
    const openings = [opening('seat', ['hall', 'chair'], [['A', 'x'], ['A', ''], ['A']])]
    expect(await company.source.count({ collection: 'seats', openings, side: 'ours' })).toBe(0)
  })
})

describe('what a look shows', () => {
  test('Ada has four notes, and each seat she names is given once, without those half known', async () => {
    const found = await company.source.find(collection('notes'), [opening('account_id', 'person_id', ['1'])])
    expect(found).toMatchObject({ rows: 4, organisation_rows: 0, shared_rows: 0, persons: [] })
    expect(new Set(found.provides['seat']?.map((seat) => seat.join()))).toEqual(new Set(['A,1', 'B,2']))
  })

  test('rows of which an organisation is controller are counted apart and provide nothing', async () => {
    const found = await company.source.find(collection('notes'), [opening('account_id', 'person_id', ['2'])])
    expect(found).toMatchObject({ rows: 0, organisation_rows: 2, provides: {} })
  })

  test('a team without a plan makes no organisation: the row is ours', async () => {
    const found = await company.source.find(collection('notes'), [opening('account_id', 'person_id', ['3'])])
    expect(found).toMatchObject({ rows: 1, organisation_rows: 0 })
  })

  test('each side is selected without the other', async () => {
    const openings = [opening('account_id', 'person_id', ['1', '2', '3'])]
    expect(await company.source.count({ collection: 'notes', openings, side: 'ours' })).toBe(5)
    expect(await company.source.count({ collection: 'notes', openings, side: 'organisation' })).toBe(2)
  })

  test('a row reached by an own and a shared opening is own; one reached only by a shared one is shared', async () => {
    const openings = [opening('a', 'person_id', ['1']), opening('b', 'hall', ['A', 'D'], { meaning: 'shared' })]
    expect(await company.source.find(collection('notes'), openings)).toMatchObject({ rows: 4, shared_rows: 1 })
  })

  test('a row that is only passed through is counted nowhere, provides, and is never selected', async () => {
    const openings = [opening('account_id', 'person_id', ['3'], { meaning: 'bridge' })]
    expect(await company.source.find(collection('notes'), openings)).toMatchObject({
      rows: 0,
      shared_rows: 0,
      provides: { seat: [['D', '1']] },
    })
    expect(await company.source.count({ collection: 'notes', openings, side: 'ours' })).toBe(0)
  })

  test('two people for one address are both named', async () => {
    const found = await company.source.find(collection('people'), [opening('email', 'email', ['noor@example.com'], { compare: 'email' })])
    expect(found.persons).toEqual([['2'], ['3']])
    expect(found.provides['code']).toEqual([['abc']])
  })

  test('keys end at the limit', async () => {
    const openings = [opening('account_id', 'id', ['1', '2', '3'])]
    expect(await company.source.keys({ collection: 'people', openings, side: 'ours' }, 2)).toEqual([['1'], ['2']])
  })
})
