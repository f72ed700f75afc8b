import { beforeEach, expect, test } from 'vitest'

import type { Change, CopiedPart, Copying, PutBackOutcome } from '../../src/sources/source.ts'
import { openCompany, opening, type Company } from './contract.ts'
import { policyOf } from './policy.ts'

const own = (table: string, columns: string, key: string | string[] = 'id') => ({
  source: 'shop',
  table,
  label: table,
  key,
  opened_by: [{ identifier: 'account_id', columns }],
})

const policy = policyOf({
  collections: {
    members: { ...own('members', 'id'), is_person: true },
    teams: own('teams', 'captain'),
    notes: own('notes', 'author'),
    loans: own('loans', 'member', ['book', 'n']),
    bills: own('bills', 'member'),
  },
})

const SCHEMA = `
  create type mood as enum ('calm', 'cross');
  create domain short as text check (length(value) < 20);
  create table members (id int generated always as identity primary key, mail text unique, team int not null, name short, since timestamptz,
    shout text generated always as (upper(mail)) stored, weight numeric(8,3), height float8, bits bit(3), code char(4), face mood, tags text[],
    data jsonb, raw bytea, spell interval, plain json);
  create table teams (id int primary key, captain int not null references members, name text);
  alter table members add constraint in_team foreign key (team) references teams deferrable initially deferred;
  create table notes (id int primary key, author int, answers int not null references notes, text text);
  create table loans (book text, n int, member int references members, at date not null, primary key (book, n, at)) partition by range (at);
  create table loans_all partition of loans default;
  create table bills (id int primary key, member int references members on delete set null, name varchar(40), paid_at timestamptz, amount numeric(10,2));`

let company: Company
let step = 0
let parts: CopiedPart[]

const TABLES = ['members', 'teams', 'notes', 'loans', 'bills']
const whole = async () => Promise.all(TABLES.map((table) => company.lines(`select t::text from ${table} t order by 1`)))

const of = (collection: string, column: string, action: Change['action'] = { kind: 'delete' }): Change => ({
  selection: { collection, side: 'ours', openings: [opening('account_id', column, ['1'])] },
  action,
  limit: 1_000,
})

const SET = {
  kind: 'set',
  set: { member: null, name: { value: 'left' }, paid_at: { truncate: 'month' }, amount: { value: 1 } },
} as const satisfies Change['action']

/** Everything of member 1 goes, or is set; the parts that a keeper has taken are left in `parts`. */
async function erase(): Promise<void> {
  parts = []
  const copying: Copying = {
    collections: TABLES,
    async write({ rows, ...copied }) {
      const kept: (readonly (string | null)[])[] = []
      for await (const row of rows) kept.push(row)
      parts.push({
        ...copied,
        set: copied.collection === 'bills' ? SET.set : {},
        rows: async function* () {
          yield* kept
        },
      })
    },
  }
  const changes = [of('members', 'id'), of('teams', 'captain'), of('notes', 'author'), of('loans', 'member'), of('bills', 'member', SET)]
  await company.source.apply({ step: `erase ${++step}`, batch: 0, changes, copying })
}

const putBack = (): Promise<PutBackOutcome> =>
  company.source.putBack?.({ step: `recovery:${step}`, parts }) ?? Promise.reject(new Error('it cannot'))

beforeEach(async () => {
  company ??= await openCompany(policy, SCHEMA)
  await company.admin.query(`
    begin;
    truncate members, teams, notes, loans, bills restart identity;
    insert into members (mail, team, name, since, weight, height, bits, code, face, tags, data, raw, spell, plain) values
      ('ada@example.com', 1, 'Ada', '2026-01-02 03:04:05.123456+05', 61.200, 1.0e-7, '101', 'a', 'calm', array['x', null, '"y",'],
       '{"a": [1, "\\u00e9"]}', '\\x00ff', '1 mon 2 days 03:00:00.5', '{"b" : 1,  "b": 2}'),
      ('noor@example.com', 2, null, null, null, 'NaN', null, null, null, null, null, null, null, null);
    insert into teams values (1, 1, 'one'), (2, 2, 'two');
    insert into notes select n, 1, greatest(n - 1, 1), 'note ' || n from generate_series(1, 450) n;
    insert into notes values (1000, 2, 1000, 'noor''s');
    insert into loans select 'b', n, 1, date '2026-01-01' + n from generate_series(1, 450) n;
    insert into bills select n, 1, 'Ada', '2026-03-04 05:06:07+00', n from generate_series(1, 300) n;
    insert into bills values (500, 2, 'Noor', null, 2);
    commit;`)
})

test('what an effect took comes back byte for byte: circles, self-references, identities, every type, and rows that were set', async () => {
  const before = await whole()
  const sequence = await company.lines(`select last_value, is_called from members_id_seq`)
  await erase()
  expect(await company.lines('select mail from members'), 'the premise').toEqual(['noor@example.com'])
  expect(await company.lines('select distinct member, name, paid_at::date::text from bills where id < 500')).toHaveLength(1)
  const outcome = await putBack()
  expect(outcome).toEqual({
    confirmed_by: 'effect',
    conflicts: [],
    rows: { members: 1, teams: 1, notes: 450, loans: 450, bills: 300 },
  })
  expect(await whole()).toEqual(before)
  expect(await company.lines(`select last_value, is_called from members_id_seq`), 'sequences stay').toEqual(sequence)
})

test('twice is once, also where no marker could be left', async () => {
  const before = await whole()
  await erase()
  const first = await putBack()
  expect(await putBack()).toEqual({ ...first, confirmed_by: 'marker' })
  await company.admin.query('delete from habeas.habeas_effects')
  expect(await putBack()).toEqual(first)
  expect(await whole()).toEqual(before)
})

test('two at once are one', async () => {
  const before = await whole()
  await erase()
  const outcomes = await Promise.all([putBack(), putBack()])
  expect(outcomes.map(({ confirmed_by }) => confirmed_by).sort()).toEqual(['effect', 'marker'])
  expect(await whole()).toEqual(before)
})

test.each([
  [
    'a new row that took the address',
    `insert into members (mail, team) values ('ada@example.com', 2)`,
    'members',
    'members_mail_key',
    'taken',
    ['1'],
  ],
  ['a new row that took the key', `insert into teams values (1, 2, 'new')`, 'teams', 'teams_pkey', 'taken', ['1']],
  ['a row that was set and has changed since', `update bills set name = 'Eve' where id = 7`, 'bills', '', 'changed', ['7']],
  ['a row that was set and is gone', `delete from bills where id = 7`, 'bills', '', 'gone', ['7']],
  [
    'a loan that somebody has entered again',
    `insert into loans values ('b', 5, 2, '2026-01-06')`,
    'loans',
    'loans_all_pkey',
    'taken',
    ['b', '5'],
  ],
])('%s: nothing is put back, and the conflict names collection and constraint', async (_, statement, collection, constraint, kind, key) => {
  await erase()
  await company.admin.query(statement)
  const before = await whole()
  const { rows, conflicts } = await putBack()
  expect(rows).toEqual({})
  expect(conflicts).toEqual([{ collection, constraint, kind, rows: 1, keys: [key] }])
  expect(JSON.stringify(conflicts), 'never a value').not.toMatch(/ada|eve/i)
  expect(await whole()).toEqual(before)
})

test('every collection in the way is named at once, without what only follows from it', async () => {
  await erase()
  await company.admin.query(
    `insert into members (mail, team) values ('ada@example.com', 2); update bills set name = 'Eve' where id in (7, 8)`,
  )
  const { conflicts } = await putBack()
  expect(conflicts.map(({ collection, kind, rows }) => [collection, kind, rows])).toEqual([
    ['members', 'taken', 1],
    ['bills', 'changed', 2],
  ])
})

test('what is in the way can be taken out of it, and then everything comes back', async () => {
  const before = await whole()
  await erase()
  await company.admin.query(`insert into members (mail, team) values ('ada@example.com', 2)`)
  expect((await putBack()).conflicts).toHaveLength(1)
  await company.admin.query(`delete from members where mail = 'ada@example.com'`)
  expect((await putBack()).conflicts).toEqual([])
  expect(await whole()).toEqual(before)
})

test.each([
  ['a column is gone', 'alter table notes drop column text', 'alter table notes add column text text', 'text'],
  [
    'a new column must have a value',
    `alter table notes add column extra text not null default 'x'; alter table notes alter extra drop default`,
    'alter table notes drop column extra',
    'extra',
  ],
])('%s since the erasure: the table has changed', async (_, change, back, column) => {
  await erase()
  await company.admin.query(change)
  try {
    const { conflicts } = await putBack()
    expect(conflicts.map(({ collection, kind, constraint }) => [collection, kind, constraint])).toEqual([
      ['notes', 'table_changed', column],
    ])
  } finally {
    await company.admin.query(back)
  }
})

test('a trigger that makes something else of a row, or changes other rows, undoes it all', async () => {
  await company.admin.query(`create function meddle() returns trigger language plpgsql as $$ begin new.text := 'other'; return new; end $$`)
  await erase()
  await company.admin.query('create trigger meddle before insert on notes for each row execute function meddle()')
  const before = await whole()
  try {
    const { conflicts } = await putBack()
    expect(conflicts).toMatchObject([{ collection: 'notes', kind: 'refused', rows: 450 }])
    expect(await whole()).toEqual(before)
  } finally {
    await company.admin.query('drop function meddle cascade')
  }
})
