import { beforeAll, describe, expect, test } from 'vitest'

import type { Strategy } from '../../src/policy/schema.ts'
import { openPostgresSource } from '../../src/sources/postgres/open.ts'
import { openCompany, opening, type Company } from './contract.ts'
import { policyOf, type Written } from './policy.ts'

/** Columns as real schemas declare them, each a table of its own, with two rows that make what is not allowed fail. */
const COLUMNS: Readonly<Record<string, readonly [ddl: string, one: string, two: string, after?: string]>> = {
  text: ['x text', 'a@b.nl', '1.2.3.4'],
  needed: ['x text not null', 'a@b.nl', '1.2.3.4'],
  short: ['x varchar(5)', 'a@b.c', 'Noor'],
  letter: ['x char(1)', 'A', 'N'],
  sixteen: ['x varchar(16) not null', '1.2.3.4', 'Noor'],
  unique_text: ['x text unique', '1.2.3.4', '1.2.3.5'],
  unique_short: ['x varchar(10) unique', '1.2.3.4', '1.2.3.5'],
  lower_unique: ['x varchar(40); create unique index on $t (lower(x))', '1.2.3.4', '1.2.3.5'],
  initial_unique: ['x text; create unique index on $t (left(x, 1))', '1.2.3.4', '2.2.3.4'],
  unique_beside: ['x text, y int default 1, unique (y, x)', '1.2.3.4', '1.2.3.5'],
  unique_null_too: ['x text, unique nulls not distinct (x)', '1.2.3.4', '1.2.3.5'],
  unique_while_open: ['x text, y int; create unique index on $t (x) where y is null', '1.2.3.4', '1.2.3.5'],
  mail: [`x text not null check (x like '%_@_%')`, 'a@b.nl', 'c@d.nl'],
  unique_email: ['email varchar(60) not null unique', 'a@b.nl', 'c@d.nl'],
  tight_email: ['email varchar(25)', 'a@b.nl', 'c@d.nl'],
  listed: [`x text not null check (x in ('abc', 'other'))`, 'abc', 'abc'],
  listed_strictly: [`x text not null check (x in ('a@b.nl', '1.2.3.4'))`, 'a@b.nl', '1.2.3.4'],
  long_enough: ['x text check (char_length(x) >= 8)', '1.2.3.45', '1.2.3.456'],
  domain: ['x plain', 'noor', 'ada'],
  needed_domain: ['x must', 'a@b.nl', '1.2.3.4'],
  either: [
    'x text, y int default 1, constraint one_of check (x is null or y > 0)',
    'a@b.nl',
    '1.2.3.4',
    'insert into $t values (3, 7, null, 0)',
  ],
  whatever: ['x text, y int default 1, constraint one_of check (x is not null or y > 0)', 'a@b.nl', '1.2.3.4', 'update $t set y = 0'],
  both: ['x text, y int default 1, constraint pair check (char_length(x) < 9 and y > 0)', 'a@b.nl', '1.2.3.4'],
  number: ['x int', '5', '6'],
  small: ['x numeric(3, 2) not null', '5', '6'],
  positive: ['x int check (x > 0)', '5', '6'],
  unique_number: ['x int unique', '5', '6'],
  truth: ['x boolean', 'true', 'false'],
  day: ['x date', '1990-05-06', '1991-05-06'],
  late_day: [`x date check (x > '1990-02-01')`, '1990-05-06', '1990-02-06'],
  unique_day: ['x date unique', '1990-05-06', '1990-05-07'],
  uuid: ['x uuid unique', '6f1c2a3b-0000-4000-8000-000000000001', '6f1c2a3b-0000-4000-8000-000000000002'],
  address: ['x inet', '10.0.0.1', '2001:db8::1'],
  unique_address: ['x inet unique', '10.0.0.1', '10.0.0.2'],
  network: ['x cidr not null', '10.0.0.0/8', '2001:db8::/32'],
  colour: ['x colour', 'red', 'red'],
  mood: ['x mood', 'fine', 'red'],
  json: ['x json', '{"a": 1}', '["a@b.nl"]'],
  shaped: [`x jsonb check (x ? 'a' or jsonb_array_length(x) = 1)`, '{"a": 1}', '["a@b.nl"]'],
  list: ['x text[]', '{a@b.nl,b}', '{}'],
  some: ['x text[] check (cardinality(x) > 0)', '{a@b.nl}', '{a@b.nl}'],
  bytes: ['x bytea unique', '\\x01', '\\x02'],
  points: ['x int references targets', '1', '2'],
  points_by_name: ['x text references named', 'a@b.nl', '1.2.3.4'],
  pointed_at: [
    'x text unique; create table $t_child (x text references $t (x))',
    'a@b.nl',
    '1.2.3.4',
    `insert into $t_child values ('a@b.nl'), ('1.2.3.4')`,
  ],
  parted: ['x int, primary key (id, part, x)) partition by list (x; create table $t_5 partition of $t for values in (5, 6)', '5', '6'],
  lower_of: ['x text, y text generated always as (lower(x)) stored, constraint has_y check (char_length(y) < 8)', 'a@b.nl', '1.2.3.4'],
}

const STRATEGIES: Readonly<Record<string, Strategy>> = {
  null: null,
  abc: { value: 'abc' },
  seven: { value: 7 },
  red: { value: 'red' },
  year: { truncate: 'year' },
  ip: { truncate: 'ip' },
  postcode: { truncate: 'postcode' },
  replace: { replace: true },
  pseudonym: { pseudonym: true },
  redact: { redact: true },
  remove: { remove: 'email' },
  drop: { drop: ['a'] },
}

/** What may go well, and is refused all the same: that it always does cannot be proved, or too little of a pseudonym would be left. */
const UNPROVED = new Set([
  // What stood there decides whether the constraint holds: a check, a domain, an index on an expression, a generated column.
  ...[
    'both-ip',
    'both-postcode',
    'domain-ip',
    'domain-redact',
    'long_enough-postcode',
    'long_enough-redact',
    'listed-redact',
    'mail-postcode',
  ],
  ...['unique_email-postcode', 'initial_unique-ip', 'initial_unique-null', 'initial_unique-postcode', 'initial_unique-pseudonym'],
  ...['lower_of-abc', 'lower_of-ip', 'lower_of-null', 'lower_of-postcode', 'lower_of-red', 'lower_of-replace', 'lower_of-seven'],
  // So does another column.
  ...['either-ip', 'either-postcode', 'either-pseudonym', 'either-redact', 'either-replace', 'whatever-postcode', 'whatever-redact'],
  // Too few digits would be left, or nothing is found in so short a text.
  ...['letter-pseudonym', 'short-pseudonym', 'unique_short-pseudonym', 'letter-redact'],
])

/** So that neither side of the comparison is empty unnoticed. */
const [REFUSED, FINE] = [425, 139]

const columnOf = (variety: string) => (variety.includes('email') ? 'email' : 'x')
const collections: Record<string, Written['collections'][string]> = {}
for (const variety of Object.keys(COLUMNS)) {
  for (const [name, strategy] of Object.entries(STRATEGIES)) {
    collections[`${variety}-${name}`] = {
      source: 'shop',
      table: `t_${variety}`,
      label: variety,
      key: variety === 'parted' ? ['id', 'part'] : 'id',
      opened_by: [{ identifier: 'person', columns: 'owner' }],
      on_erasure: 'detach',
      set: { [columnOf(variety)]: strategy },
    }
  }
}
const policy = policyOf({
  identifiers: { email: { label: 'E-mail', compare: 'email' }, person: { label: 'Person' } },
  collections,
})

let company: Company

beforeAll(async () => {
  company = await openCompany(
    policy,
    `create type colour as enum ('red', 'unknown'); create type mood as enum ('fine', 'red', 'abc');
    create domain plain as varchar(8) check (value ~ '^[a-z]+$'); create domain must as text not null;
    create table targets (id int primary key); insert into targets values (1), (2), (7);
    create table named (x text primary key); insert into named values ('abc'), ('a@b.nl'), ('1.2.3.4');
    ${Object.keys(COLUMNS).map(tableOf).join(';\n')}`,
  )
})

function tableOf(variety: string): string {
  const [ddl = '', one, two, after = ''] = COLUMNS[variety] ?? []
  const [columns = '', ...rest] = ddl.split(';')
  const table = `t_${variety}`
  const key = variety === 'parted' ? 'id int, part int default 0' : 'id int primary key'
  const rows = `insert into ${table} (id, ${columnOf(variety)}) values (1, '${one}'), (2, '${two}')`
  return [
    `create table ${table} (${key}, owner int default 7, ${columns})`,
    ...rest,
    rows,
    after,
    `create table before_${table} as table ${table}`,
  ]
    .filter((statement) => statement !== '')
    .join(';')
    .replaceAll('$t', table)
}

test('is said to be fine exactly when PostgreSQL carries it out', async () => {
  const problems = await company.source.check()
  const refused = new Set(problems.map(({ collection }) => collection))
  const failed = new Set<string>()
  for (const id of Object.keys(collections)) if (!(await worksOut(id))) failed.add(id)
  expect(
    [...failed].filter((id) => !refused.has(id)),
    'said to be fine, and fails',
  ).toEqual([])
  expect([...refused].filter((id) => !failed.has(id)).toSorted(), 'refused, and goes well').toEqual([...UNPROVED].toSorted())
  expect([refused.size, failed.size, Object.keys(collections).length]).toEqual([REFUSED, REFUSED - UNPROVED.size, REFUSED + FINE])
})

describe('several columns set together', () => {
  const PAIRS: readonly [string, string, Readonly<Record<string, Strategy>>, string[]][] = [
    ['a check over both', 'a int, b int, constraint c check (a is null or b is null)', { a: { value: 1 }, b: null }, []],
    [
      'a check that fails',
      'a int, b int, constraint c check (a is null or b is null)',
      { a: { value: 1 }, b: { value: 2 } },
      ['t.a: expected a value that the constraint c allows, got { value: 1 } for integer'],
    ],
    ['both null or neither', 'a text, b text, constraint c check ((a is null) = (b is null))', { a: null, b: null }, []],
    [
      'one of two that are null together',
      'a text, b text, constraint c check ((a is null) = (b is null))',
      { a: { replace: true }, b: { replace: true } },
      ['t.a: expected a value that the constraint c allows, got { replace: true } for text'],
    ],
    ['a key of two columns, one null', 'a int, b int, constraint f foreign key (a, b) references pairs', { a: null }, []],
    [
      'a key that must be null as a whole',
      'a int, b int, constraint f foreign key (a, b) references pairs match full',
      { a: null },
      ['t.a: expected null, or the key of a row of pairs, as the constraint f asks, got null for integer'],
    ],
    ['the same, as a whole', 'a int, b int, constraint f foreign key (a, b) references pairs match full', { a: null, b: null }, []],
    ['a key that is there', 'a int, b int, constraint f foreign key (a, b) references pairs', { a: { value: 1 }, b: { value: 2 } }, []],
    [
      'a key that is not',
      'a int, b int, constraint f foreign key (a, b) references pairs',
      { a: { value: 1 }, b: { value: 3 } },
      ['t.a: expected null, or the key of a row of pairs, as the constraint f asks, got { value: 1 } for integer'],
    ],
    [
      'a check of a partition',
      `a text, b int) partition by list (b; create table t_1 partition of t (constraint of_part check (a <> 'removed')) default`,
      { a: { value: 'removed' } },
      ['t.a: expected a value that the constraint of_part allows, got { value: removed } for text'],
    ],
  ]

  test.each(PAIRS)('%s', async (_, ddl, set, expected) => {
    const [columns = '', ...rest] = ddl.split(';')
    const map = policyOf({
      identifiers: { person: { label: 'Person' } },
      collections: {
        t: {
          source: 'shop',
          table: 't',
          label: 'T',
          key: ['id', 'owner'],
          opened_by: [{ identifier: 'person', columns: 'owner' }],
          on_erasure: 'detach',
          set,
        },
      },
    })
    await company.admin
      .query(`drop schema public cascade; create schema public; set search_path = public; create table pairs (a int, b int, primary key (a, b));
      insert into pairs values (1, 2); create table t (id int, owner int, unique (id, owner${ddl.includes('partition') ? ', b' : ''}), ${columns}); ${rest.join(';')}`)
    const shop = map.sources.get('shop')
    if (shop === undefined) throw new TypeError('shop')
    const source = await openPostgresSource(shop, map, company.url)
    try {
      const problems = await source.check()
      expect(problems.map(({ sentence }) => sentence).filter((sentence) => !sentence.includes('(key)'))).toEqual(expected)
    } finally {
      await source.close()
    }
  })
})

/** Whether a strategy really changes the rows of its table, all of them, and is done then; the rows are as before afterwards. */
async function worksOut(id: string): Promise<boolean> {
  const { table = '', set = {} } = collections[id] ?? {}
  const openings = [opening('person', 'owner', ['7']), opening('email', 'id', ['a@b.nl'], { compare: 'email' })]
  const selection = { collection: id, side: 'ours' as const, openings }
  const effect = {
    step: id,
    batch: 0,
    changes: [{ selection, action: { kind: 'set' as const, set }, limit: 100 }],
    pseudonym_key: 'a1'.repeat(32),
  }
  const outcome = await company.source.apply(effect).catch(() => undefined)
  if (outcome === undefined) return false
  const columns = ['id', 'owner', columnOf(table), ...(COLUMNS[table.slice(2)]?.[0].includes('y int') === true ? ['y'] : [])].join(', ')
  await company.admin.query(`delete from ${table}; insert into ${table} (${columns}) select ${columns} from before_${table}`)
  return Object.values(outcome.left).every((rows) => rows === 0)
}

test('a value of which a generated column or an index cannot be computed is said', async () => {
  const schema = `create table t (id int primary key, owner int, a text, b text, c text, d text, e text, a2 int generated always as (a::int) stored,
    b2 text not null generated always as (lower(b)) stored, c2 varchar(3) generated always as (upper(c)) stored, e2 text generated always as (lower(e)) stored);
    create index d_number on t ((d::int))`
  const set: Record<string, Strategy> = { a: { replace: true }, b: null, c: { value: 'long' }, d: { replace: true }, e: { replace: true } }
  const things: Written['collections'][string] = {
    source: 'shop',
    table: 't',
    label: 'T',
    key: 'id',
    opened_by: [{ identifier: 'email', columns: 'a' }],
    on_erasure: 'detach',
    set,
  }
  const { source } = await openCompany(policyOf({ collections: { things } }), schema)
  expect((await source.check()).map(({ sentence }) => sentence.replace(/, got.*/, ''))).toEqual([
    't.a: expected a value of which a2 can be computed',
    't.b: expected a value of which b2 can be computed',
    't.c: expected a value of which c2 can be computed',
    't.d: expected a value of which d_number can be computed',
  ])
})
