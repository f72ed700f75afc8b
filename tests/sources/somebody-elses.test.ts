import { beforeEach, describe, expect, test } from 'vitest'

import { deciding } from '../../src/planner/graph.ts'
import { personKeys } from '../../src/sources/person-keys.ts'
import type { Identifiers, Selection, Source } from '../../src/sources/source.ts'
import { walk, type Looked } from '../../src/sources/walk.ts'
import { openCompany, opening, textOf, type Company } from './contract.ts'
import { policyOf } from './policy.ts'

const ACCOUNT = { collection: 'accounts', columns: 'account_id' }
const shop = { source: 'shop', key: 'id' }
const by = (identifier: string, columns: string | string[], meaning: 'own' | 'shared' | 'bridge' = 'own') => ({
  identifier,
  columns,
  meaning,
})

const policy = policyOf({
  identifiers: {
    email: { label: 'E-mail', compare: 'email' },
    account_id: { label: 'Account' },
    device_id: { label: 'Device' },
    thread_id: { label: 'Thread' },
    reader: { label: 'Reader' },
  },
  collections: {
    accounts: {
      ...shop,
      table: 'accounts',
      label: 'Accounts',
      is_person: true,
      opened_by: [by('email', 'email'), by('account_id', 'id')],
      provides: { account_id: 'id', email: 'email' },
      // Who brought whom: a person's row stays that person's.
      refs: { guardian: { collection: 'accounts', columns: 'guardian_id' } },
    },
    invoices: {
      ...shop,
      table: 'invoices',
      label: 'Invoices',
      opened_by: [by('account_id', 'account_id'), by('email', 'billing_email')],
      refs: { account: ACCOUNT },
    },
    // Opened by an address alone; whose they are, only a ref says.
    orders: { ...shop, table: 'invoices', label: 'Orders', opened_by: [by('email', 'billing_email')], refs: { account: ACCOUNT } },
    devices: {
      ...shop,
      table: 'devices',
      label: 'Devices',
      opened_by: [by('account_id', 'account_id'), by('email', 'contact')],
      provides: { device_id: 'id' },
    },
    crashes: { ...shop, table: 'crashes', label: 'Crashes', opened_by: [by('device_id', 'device_id')] },
    mails: {
      ...shop,
      table: 'mails',
      label: 'Mails',
      opened_by: [by('email', 'sender'), by('email', 'recipient'), by('account_id', 'from_id'), by('account_id', 'to_id')],
      refs: { from: { collection: 'accounts', columns: 'from_id' }, to: { collection: 'accounts', columns: 'to_id' } },
    },
    posts: {
      ...shop,
      table: 'posts',
      label: 'Posts',
      opened_by: [by('email', 'author'), by('account_id', 'reader_id', 'shared')],
      refs: { reader: { collection: 'accounts', columns: 'reader_id' } },
    },
    readers: {
      ...shop,
      key: ['branch', 'number'],
      table: 'readers',
      label: 'Readers',
      is_person: true,
      opened_by: [by('email', 'email'), by('reader', ['branch', 'number'])],
      provides: { reader: ['branch', 'number'] },
    },
    notes: {
      ...shop,
      table: 'notes',
      label: 'Notes',
      opened_by: [
        { ...by('account_id', 'owner_id'), when: { owner_type: 'account' } },
        { ...by('device_id', 'owner_id', 'bridge'), when: { owner_type: 'device' } },
        by('email', 'mails[]'),
      ],
    },
    letters: { ...shop, table: 'letters', label: 'Letters', opened_by: [by('email', 'sender'), by('email', 'recipients[]')] },
    loans: {
      ...shop,
      table: 'loans',
      label: 'Loans',
      opened_by: [by('email', 'contact'), by('reader', ['branch', 'number'])],
      refs: { reader: { collection: 'readers', columns: ['branch', 'number'] } },
    },
  },
})

const SCHEMA = `
  create table accounts (id int primary key, email text, guardian_id int);
  create table invoices (id int primary key, account_id int, billing_email text, note text);
  create table devices (id text primary key, account_id text, contact text);
  create table crashes (id int primary key, device_id text);
  create table mails (id int primary key, sender text, recipient text, from_id int, to_id int);
  create table posts (id int primary key, author text, reader_id int);
  create table readers (branch text, number int, email text, primary key (branch, number));
  create table notes (id int primary key, owner_type text, owner_id text, mails text[]);
  create table letters (id int primary key, sender text, recipients text[]);
  create table loans (id int primary key, branch text, number int, contact text);`

const ADA: Identifiers = { email: [['ada@example.com']] }
const GUEST: Identifiers = { email: [['guest@example.com']] }

let company: Company
let step = 0

beforeEach(async () => {
  company ??= await openCompany(policy, SCHEMA)
  await company.admin.query(`
    truncate accounts, invoices, devices, crashes, mails, posts, readers, loans, notes, letters;
    insert into accounts values (1, 'ada@example.com', 7), (7, 'maria@example.com', null);
    insert into invoices values (1, 1, 'ada@example.com', 'hers'), (2, null, 'Ada@example.com', 'before she had an account'),
      (3, 7, 'ada@example.com', 'Maria’s, with Ada’s address'), (4, 7, 'maria@example.com', 'Maria’s'), (5, 1, 'maria@example.com', 'hers, paid by Maria'),
      (6, null, 'guest@example.com', 'a guest’s'), (7, 7, 'guest@example.com', 'Maria’s, with the guest’s address');
    insert into devices values ('a', '1', null), ('b', ' ', 'ada@example.com'), ('m', '7', 'ada@example.com');
    insert into crashes values (1, 'a'), (2, 'b'), (3, 'm');
    insert into mails values (1, 'ada@example.com', 'maria@example.com', 1, 7);
    insert into posts values (1, 'ada@example.com', 7);
    insert into readers values ('A', 1, 'ada@example.com'), ('B', 2, 'maria@example.com');
    insert into notes values (1, 'account', '1', '{ada@example.com}'), (2, 'Account', '7', '{ada@example.com}'), (3, null, '7', '{ada@example.com}'),
      (4, 'team', '7', '{ada@example.com}'), (5, 'device', '7', '{ADA@example.com}'), (6, null, null, '{ada@example.com,NULL,""}'),
      (7, 'account', '1', '{ada@example.com,maria@example.com}'), (8, 'account', '7', '{ada@example.com}'), (9, 'account', '1', null),
      (10, null, '1', '{ada@example.com}'), (11, 'account', ' ', '{ada@example.com}'), (12, 'account', '1', '{maria@example.com}');
    insert into letters values (1, 'ada@example.com', '{maria@example.com,eve@example.com}'), (2, 'maria@example.com', '{ada@example.com}'),
      (3, 'maria@example.com', '{ada@example.com,eve@example.com}');
    insert into loans values (1, 'A', 1, null), (2, null, 1, 'ada@example.com'), (3, 'B', 2, 'ada@example.com'), (4, 'A', 2, 'ada@example.com');`)
  step++
})

async function look(identifiers: Identifiers, collection: string): Promise<Looked> {
  const survey = await walk(policy, new Map<string, Source>([['shop', company.source]]), identifiers)
  const found = survey.looked.find((one) => one.collection === collection)
  if (found === undefined) throw new TypeError(`nothing opens ${collection}`)
  return found
}

async function select(identifiers: Identifiers, collection: string): Promise<Selection> {
  const declared = policy.collections.get(collection)
  if (declared === undefined) throw new TypeError(collection)
  return { collection, openings: deciding(declared, (await look(identifiers, collection)).openings), side: 'ours' }
}

const keysOf = async (identifiers: Identifiers, collection: string) =>
  (await company.source.keys(await select(identifiers, collection), 100)).map((key) => key.join('.'))

describe('an invoice of Maria that bears Ada’s address', () => {
  test('is shared: not counted, listed or shown as Ada’s own', async () => {
    expect((await look(ADA, 'invoices')).found).toMatchObject({ rows: 3, shared_rows: 1 })
    expect(await keysOf(ADA, 'invoices')).toEqual(['1', '2', '5'])
    const selection = await select(ADA, 'invoices')
    expect(await company.source.count(selection)).toBe(3)
    const text = await textOf(await company.source.disclose({ selection, format: 'csv', columns: ['note'] }))
    expect(text).toBe('note\nhers\nbefore she had an account\n"hers, paid by Maria"\n')
  })

  test('is neither changed nor erased with Ada', async () => {
    const selection = await select(ADA, 'invoices')
    const maria = () => company.lines('select id, account_id, billing_email from invoices where account_id = 7 order by id')
    const before = await maria()
    const links = { kind: 'set', set: { account_id: null, billing_email: null } } as const
    const changed = await company.source.apply({ step: `${step}`, batch: 0, changes: [{ selection, action: links, limit: 100 }] })
    expect(changed).toMatchObject({ rows: { invoices: 3 }, left: { invoices: 0 } })
    expect(await maria()).toEqual(before)
  })

  test('loses Ada’s link alone when it is added to her erasure, and nothing is left then', async () => {
    const { openings } = await look(ADA, 'invoices')
    const selection: Selection = { collection: 'invoices', openings, side: 'ours', whose: 'shared' }
    const set = { account_id: null, billing_email: null, note: null }
    const outcome = await company.source.apply({
      step: `${step}`,
      batch: 0,
      changes: [{ selection, action: { kind: 'set', set }, limit: 100 }],
    })
    expect(outcome).toMatchObject({ rows: { invoices: 1 }, left: { invoices: 0 } })
    expect(
      await company.lines(`select id, account_id, coalesce(billing_email, '∅'), note from invoices where id in (3, 4) order by id`),
    ).toEqual(['3|7|∅|Maria’s, with Ada’s address', '4|7|maria@example.com|Maria’s'])
  })

  test('loses what is Ada’s also by a key that is looked for in a column of another type', async () => {
    const openings = [opening('email', 'account_id', ['not a number', '1']), opening('email', 'billing_email', ['ada@example.com'])]
    const selection: Selection = { collection: 'invoices', openings, side: 'ours', whose: 'shared' }
    const change = { selection, action: { kind: 'set', set: { account_id: null, billing_email: null } }, limit: 100 } as const
    const outcome = await company.source.apply({ step: `${step}`, batch: 0, changes: [change] })
    expect(outcome.left).toEqual({ invoices: 0 })
    expect(await company.lines('select account_id from invoices where id = 3')).toEqual(['7'])
  })

  test('is Maria’s, and with her address too', async () => {
    expect((await look({ email: [['maria@example.com']] }, 'invoices')).found).toMatchObject({ rows: 3, shared_rows: 1 })
    expect(await keysOf({ account_id: [['7']] }, 'invoices')).toEqual(['3', '4', '7'])
  })

  test('is nobody’s own who has no account', async () => {
    expect((await look(GUEST, 'invoices')).found).toMatchObject({ rows: 1, shared_rows: 1 })
    expect(await keysOf(GUEST, 'invoices')).toEqual(['6'])
  })

  test('is shared also where a ref alone says whose it is', async () => {
    expect(await keysOf(ADA, 'orders')).toEqual(['1', '2'])
    expect((await look(ADA, 'orders')).found).toMatchObject({ rows: 2, shared_rows: 1 })
    expect(await keysOf(GUEST, 'orders')).toEqual(['6'])
  })
})

describe('what somebody else’s row would lead to', () => {
  test('is not followed', async () => {
    expect((await look(ADA, 'devices')).found).toMatchObject({ rows: 2, shared_rows: 1 })
    expect(await keysOf(ADA, 'crashes')).toEqual(['1', '2'])
  })
})

describe('a note that says whose it is by a type and a number', () => {
  test('is shared while its type is missing or none that the policy names', async () => {
    expect(await keysOf(ADA, 'notes')).toEqual(['1', '5', '6', '9', '11'])
    expect((await look(ADA, 'notes')).found).toMatchObject({ rows: 5, shared_rows: 7 })
    const text = await textOf(await company.source.disclose({ selection: await select(ADA, 'notes'), format: 'csv', columns: ['id'] }))
    expect(text).toBe('id\n1\n5\n6\n9\n11\n')
    const theirs = { ...(await select(ADA, 'notes')), whose: 'shared' as const }
    expect(await company.source.keys(theirs, 100)).toEqual([['2'], ['3'], ['4'], ['7'], ['8'], ['10'], ['12']])
  })
})

describe('a list of addresses', () => {
  test('with others in it is shared, and a letter is its sender’s whoever is in it', async () => {
    expect(await keysOf(ADA, 'letters')).toEqual(['1', '2'])
    expect((await look(ADA, 'letters')).found).toMatchObject({ rows: 2, shared_rows: 1 })
    expect(await keysOf({ email: [['eve@example.com']] }, 'letters')).toEqual([])
  })
})

describe('columns that hold no key of somebody else', () => {
  test('sender and recipient are each enough, and a reader is shared by the policy’s own word', async () => {
    expect((await look(ADA, 'mails')).found).toMatchObject({ rows: 1, shared_rows: 0 })
    expect((await look(ADA, 'posts')).found).toMatchObject({ rows: 1, shared_rows: 0 })
  })

  test('a person’s own row stays hers, whomever it points at', async () => {
    expect((await look(ADA, 'accounts')).found).toMatchObject({ rows: 1, shared_rows: 0 })
  })
})

describe('a key of several columns', () => {
  test('is somebody else’s as a whole, and none when a part is missing', async () => {
    expect((await look(ADA, 'loans')).found).toMatchObject({ rows: 2, shared_rows: 2 })
    expect(await keysOf(ADA, 'loans')).toEqual(['1', '2'])
  })
})

test('which columns say whose a row is, follows from the policy alone', () => {
  const columns = (id: string) => {
    const declared = policy.collections.get(id)
    return declared === undefined ? [] : personKeys(policy, declared).map((key) => key.columns.join('+'))
  }
  const all = Object.fromEntries([...policy.collections.keys()].map((id) => [id, columns(id)]))
  expect(all).toEqual({
    accounts: [],
    invoices: ['account_id'],
    orders: ['account_id'],
    devices: ['account_id'],
    crashes: [],
    mails: [],
    posts: [],
    readers: [],
    notes: ['owner_id', 'mails[]'],
    letters: ['recipients[]'],
    loans: ['branch+number'],
  })
})
