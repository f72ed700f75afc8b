import { Client } from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'

import type { Policy } from '../../src/policy/schema.ts'
import { grantsOf, rolesOf } from '../../src/sources/postgres/check/grants.ts'
import { openPostgresSource, type PostgresSource } from '../../src/sources/postgres/open.ts'
import { createDatabase, onClose } from '../support/database.ts'
import { grantRoles } from '../support/roles.ts'
import { opening } from './contract.ts'
import { policyOf, type Written } from './policy.ts'

const SCHEMA = `
  create table members (id int primary key, email text, name text, secret text, shelf text, restricted boolean, "Order" text);
  create table letters (id int primary key, member int references members on delete cascade, body text, sent_at timestamptz);
  create table bills (id int primary key, member int references members on delete set null, amount int, due_on date);
  create table daily (day date, n int, people int);
  create table wages (id int primary key, amount int);
  insert into members values (1, 'ada@example.com', 'Ada', 'x', 'y', false, 'z'), (2, 'noor@example.com', 'Noor', 'x', 'y', false, 'z');
  insert into letters values (1, 1, 'hello', '2026-01-01'), (2, 2, 'hello', '2026-01-01');
  insert into bills values (1, 1, 5, '2026-01-01');`

const WRITTEN: Written = {
  sources: { granted: { kind: 'postgres', label: 'Shop', mode: 'enforce' } },
  identifiers: { email: { label: 'E-mail', compare: 'email' }, member: { label: 'Member' } },
  collections: {
    members: {
      source: 'granted',
      table: 'members',
      label: 'Members',
      category: 'account',
      key: 'id',
      is_person: true,
      opened_by: [{ identifier: 'email', columns: 'email' }],
      provides: { member: 'id' },
      restrict_with: { restricted: true },
      fields: {
        email: {},
        name: { correctable: true },
        secret: { never_disclose: 'a secret' },
        shelf: { not_personal: 'where the file stands' },
        restricted: {},
        Order: {},
      },
    },
    letters: {
      source: 'granted',
      table: 'letters',
      label: 'Letters',
      category: 'account',
      key: 'id',
      opened_by: [{ identifier: 'member', columns: 'member' }],
      refs: { member: { collection: 'members', columns: 'member' } },
      fields: { member: {}, body: {}, sent_at: {} },
    },
    bills: {
      source: 'granted',
      table: 'bills',
      label: 'Bills',
      category: 'billing',
      key: 'id',
      opened_by: [{ identifier: 'member', columns: 'member' }],
      refs: { member: { collection: 'members', columns: 'member' } },
      fields: { member: {}, amount: {}, due_on: {} },
      on_erasure: 'keep',
      set: { member: null },
    },
  },
}

const policy = policyOf(WRITTEN)
let owner: Client
let url: string
let reader: Client
let eraser: Client
let source: PostgresSource

beforeAll(async () => {
  ;({ url } = await createDatabase())
  owner = await connect(url)
  await owner.query(SCHEMA)
  const settings = await grantRoles(url, policy, 'granted')
  reader = await connect(settings['SOURCE_GRANTED_URL'] ?? '')
  eraser = await connect(settings['SOURCE_GRANTED_ERASE_URL'] ?? '')
  source = await openAs(policy, settings)
})

async function connect(address: string): Promise<Client> {
  const client = new Client({ connectionString: address })
  await client.connect()
  onClose('a role', () => client.end())
  return client
}

async function openAs(of: Policy, settings: Record<string, string>): Promise<PostgresSource> {
  const declaration = of.sources.get('granted')
  if (declaration === undefined) throw new TypeError('granted')
  const opened = await openPostgresSource(declaration, of, settings['SOURCE_GRANTED_URL'] ?? '', settings['SOURCE_GRANTED_ERASE_URL'])
  onClose('the source', () => opened.close())
  return opened
}

/** What becomes of a statement: done, or the code of the refusal. */
async function tried(client: Client, statement: string): Promise<string> {
  await client.query('begin')
  const code = await client.query(statement).then(
    () => 'done',
    (error: unknown) => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'failed'),
  )
  await client.query('rollback')
  return code
}

const DENIED = '42501'

describe('the role that reads', () => {
  test.each([
    'select id, email, name, restricted, "Order" from members',
    'select count(*) from letters',
    'select member, amount from bills',
  ])('may %s', async (statement) => {
    expect(await tried(reader, statement)).toBe('done')
  })

  test.each([
    ['what no copy shows', 'select secret from members'],
    ['what is not personal', 'select shelf from members'],
    ['a whole row', 'select members from members'],
    ['a table that nobody has mapped', 'select count(*) from wages'],
    ['an update', `update members set name = 'x'`],
    ['a deletion', 'delete from letters'],
    ['an insertion', 'insert into letters (id) values (9)'],
    ['a lock', 'select id from members for update'],
    ['the markers', 'select * from habeas.habeas_effects'],
    ['a table of its own', 'create table mine (id int)'],
  ])('is denied %s', async (_, statement) => {
    expect(await tried(reader, statement)).toBe(DENIED)
  })
})

describe('the role that erases', () => {
  test.each([
    'delete from members where id = 1',
    'delete from letters where member = 1',
    `update members set name = 'x', restricted = true where id = 1`,
    'update bills set member = null where member = 1',
    'select id from letters where member = 1 for update',
    `insert into habeas.habeas_effects (step, batch, rows) values ('x', 0, '{}')`,
  ])('may %s', async (statement) => {
    expect(await tried(eraser, statement)).toBe('done')
  })

  test.each([
    ['TRUNCATE', 'truncate letters'],
    ['a table of its own', 'create table mine (id int)'],
    ['a schema of its own', 'create schema mine'],
    ['a change of a table', 'alter table letters add column x int'],
    ['to drop one', 'drop table letters'],
    ['a column that nobody changes', `update members set email = 'x'`],
    ['a column that no copy shows', 'select secret from members'],
    ['a table that nobody has mapped', 'delete from wages'],
    ['a deletion where rows are kept', 'delete from bills'],
    ['an amount that is kept', 'update bills set amount = 0'],
    ['an insertion', 'insert into letters (id) values (9)'],
    ['to change a marker', `update habeas.habeas_effects set rows = '{}'`],
    ['to remove a marker', 'delete from habeas.habeas_effects'],
  ])('is denied %s', async (_, statement) => {
    expect(await tried(eraser, statement)).toBe(DENIED)
  })
})

describe('a source with both roles', () => {
  test('fits, and has nothing that it may do without', async () => {
    expect(await source.check()).toEqual([])
    expect((await source.drift?.())?.filter(({ code }) => code === 'excess_privilege' || code === 'one_role')).toEqual([])
  })

  test('is told each right that is missing, by role, table and column', async () => {
    await owner.query(
      'revoke select (name) on members from habeas_granted_read; revoke delete on letters from habeas_granted_erase; revoke update (member) on bills from habeas_granted_erase',
    )
    expect((await source.check()).map(({ collection, sentence }) => `${collection}: ${sentence}`).toSorted()).toEqual([
      'bills: role habeas_granted_erase: expected UPDATE on bills (member), got no such right',
      'letters: role habeas_granted_erase: expected DELETE on letters, got no such right',
      'members: role habeas_granted_read: expected SELECT on members (name), got no such right',
    ])
    await grantRoles(url, policy, 'granted')
    expect(await source.check()).toEqual([])
  })

  test('is warned of what its roles may do beyond', async () => {
    await owner.query(
      'grant truncate, delete on bills to habeas_granted_erase; grant update on members to habeas_granted_read; grant select on wages to habeas_granted_read',
    )
    const found = (await source.drift?.())?.filter(({ code }) => code === 'excess_privilege') ?? []
    expect(found.map(({ severity, table, sentence }) => `${severity} ${table}: ${sentence}`)).toEqual([
      'warning members: role habeas_granted_read: may UPDATE members (id, email, name, secret, shelf, restricted, Order), which nothing needs',
      'warning wages: role habeas_granted_read: may SELECT from wages (id, amount), which nothing needs',
      'warning bills: role habeas_granted_erase: may TRUNCATE bills',
      'warning bills: role habeas_granted_erase: may DELETE from bills, from which nothing is deleted',
    ])
    await grantRoles(url, policy, 'granted')
    expect((await source.drift?.())?.filter(({ code }) => code === 'excess_privilege')).toEqual([])
  })

  test('that has one role for both is warned, and reads in transactions that cannot write', async () => {
    const one = await openAs(policy, { SOURCE_GRANTED_URL: url })
    expect((await one.drift?.())?.map(({ code }) => code).filter((code) => code === 'one_role' || code === 'excess_privilege')).toEqual([
      'excess_privilege',
      'one_role',
    ])
    expect(await one.count({ collection: 'letters', openings: [opening('member', 'member', ['1'])], side: 'ours' })).toBe(1)
  })

  test('erases with a marker, which the other role cannot even see', async () => {
    const selection = { collection: 'letters', openings: [opening('member', 'member', ['1'])], side: 'ours' } as const
    const effect = { step: 'granted', batch: 0, changes: [{ selection, action: { kind: 'delete' }, limit: 10 }] } as const
    expect(await source.apply(effect)).toMatchObject({ confirmed_by: 'effect', rows: { letters: 1 }, left: { letters: 0 } })
    expect(await source.apply(effect)).toMatchObject({ confirmed_by: 'marker' })
    expect(await source.settle('granted', 0)).toEqual({ letters: 1 })
    expect(await source.settle('granted', 1)).toBe('nothing')
  })

  test('does not start with an address of the eraser that leads nowhere', async () => {
    const wrong = new URL(url)
    wrong.username = 'habeas_granted_nobody'
    await expect(openAs(policy, { SOURCE_GRANTED_URL: url, SOURCE_GRANTED_ERASE_URL: wrong.href })).rejects.toThrow(
      'granted: as the role that erases: ',
    )
  })
})

describe('the script', () => {
  test('takes away what a narrower policy does not need', async () => {
    const { letters, ...rest } = WRITTEN.collections
    if (letters === undefined) throw new TypeError('letters')
    await grantRoles(url, policyOf({ ...WRITTEN, collections: rest }), 'granted')
    expect(await tried(reader, 'select id from letters')).toBe(DENIED)
    expect(await tried(eraser, 'delete from letters')).toBe(DENIED)
    await grantRoles(url, policyOf({ ...WRITTEN, sources: { granted: { kind: 'postgres', label: 'Shop', mode: 'observe' } } }), 'granted')
    expect(await tried(reader, 'select id from letters')).toBe('done')
    expect(await tried(eraser, 'delete from letters')).toBe(DENIED)
    await grantRoles(url, policy, 'granted')
    expect(await tried(eraser, 'delete from letters')).toBe('done')
  })

  test('gives a recovery copy every column, and lets it be put back', async () => {
    const recoverable: Policy = { ...policy, categories: new Map([['account', { id: 'account', recovery: 'P7D' } as never]]) }
    await grantRoles(url, recoverable, 'granted')
    expect(await tried(eraser, 'select * from members')).toBe('done')
    expect(await tried(eraser, `insert into letters values (9, 2, 'x', now())`)).toBe('done')
    expect(await tried(eraser, 'insert into bills (id) values (9)')).toBe(DENIED)
    expect(await tried(reader, 'select secret from members')).toBe(DENIED)
    await grantRoles(url, policy, 'granted')
  })

  test('lets rows that point in a circle let go of each other', async () => {
    await owner.query('create table public.pairs (id int primary key, other int references public.pairs, member int references members)')
    const pairs = {
      source: 'granted',
      table: 'pairs',
      label: 'Pairs',
      category: 'account',
      key: 'id',
      opened_by: [{ identifier: 'member', columns: 'member' }],
      refs: { other: { collection: 'pairs', columns: 'other' }, member: { collection: 'members', columns: 'member' } },
      fields: { other: {}, member: {} },
    }
    await grantRoles(url, policyOf({ ...WRITTEN, collections: { ...WRITTEN.collections, pairs } }), 'granted')
    expect(await tried(eraser, 'update pairs set other = null')).toBe('done')
    expect(await tried(eraser, 'update pairs set member = null')).toBe(DENIED)
    await owner.query('drop table public.pairs')
    await grantRoles(url, policy, 'granted')
  })

  test('holds no password, and names roles that PostgreSQL does not cut', () => {
    const declaration = policy.sources.get('granted')
    if (declaration === undefined) throw new TypeError('granted')
    const text = grantsOf(policy, declaration)
    expect(text).not.toMatch(/ password '/)
    expect(text).toContain(String.raw`\password habeas_granted_read`)
    expect(rolesOf('back-office')).toEqual({ read: 'habeas_back_office_read', erase: 'habeas_back_office_erase' })
    const [a, b] = [rolesOf(`${'a'.repeat(62)}b`), rolesOf(`${'a'.repeat(62)}c`)]
    expect(a.erase.length).toBeLessThanOrEqual(63)
    expect(a.erase).not.toBe(b.erase)
  })
})

test('rows that row-level security hides are never said not to be there: the check names table and role, a look is refused', async () => {
  const openings = [opening('email', 'email', ['ada@example.com'])]
  const selection = { collection: 'members', side: 'ours', openings } as const
  await owner.query(
    `alter table members enable row level security; create policy tenants on members using (shelf = current_setting('app.tenant', true))`,
  )
  const { read, erase } = rolesOf('granted')
  const hidden = (role: string) =>
    `table members: row-level security hides rows from role ${role}, so nothing there can be found or erased; expected every row to be visible: alter role ${role} bypassrls`
  expect((await source.check()).filter(({ sentence }) => sentence.includes('row-level'))).toEqual([
    { collection: 'members', sentence: hidden(read) },
    { collection: 'members', sentence: hidden(erase) },
  ])
  await expect(source.count(selection)).rejects.toThrow(
    'granted.members: row-level security hides rows from its role (42501): table members',
  )
  const change = { selection, action: { kind: 'delete' }, limit: 10 } as const
  await expect(source.apply({ step: 'hidden', batch: 0, changes: [change] })).rejects.toMatchObject({ cause_kind: 'denied' })
  await owner.query('drop policy tenants on members; alter table members disable row level security')
  expect(await source.count(selection)).toBe(1)
})
