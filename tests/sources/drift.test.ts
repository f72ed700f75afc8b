import { beforeEach, describe, expect, test } from 'vitest'

import type { Drift } from '../../src/sources/source.ts'
import { openCompany, type Company } from './contract.ts'
import { policyOf, type Written } from './policy.ts'

const SCHEMA = `
  create table colours (id int primary key, name text);
  create table members (id int primary key, email text, colour int references colours, tags text[], extra jsonb);
  create index members_email on members (lower(email));
  create table letters (id int primary key, member int references members, body text);
  create index letters_member on letters (member);`

const WRITTEN: Written = {
  sources: { shop: { kind: 'postgres', label: 'Shop', mode: 'enforce', not_personal: { colours: 'names of colours' } } },
  identifiers: { email: { label: 'E-mail', compare: 'email' }, member: { label: 'Member' } },
  collections: {
    members: {
      source: 'shop',
      table: 'members',
      label: 'Members',
      category: 'account',
      key: 'id',
      is_person: true,
      opened_by: [{ identifier: 'email', columns: 'email' }],
      provides: { member: 'id' },
      fields: { email: {}, colour: {}, tags: { not_personal: 'set by the shop' }, extra: {} },
    },
    letters: {
      source: 'shop',
      table: 'letters',
      label: 'Letters',
      category: 'account',
      key: 'id',
      opened_by: [{ identifier: 'member', columns: 'member' }],
      fields: { member: {}, body: {} },
    },
  },
}

let company: Company

/** Errors and warnings without what is said of roles: the tests own the database. */
async function drift(options?: { rows?: number }): Promise<readonly Drift[]> {
  const found = (await company.source.drift?.(options)) ?? []
  return found.filter(({ code }) => code !== 'excess_privilege' && code !== 'one_role')
}

async function said(options?: { rows?: number }): Promise<string[]> {
  return (await drift(options)).map(({ severity, code, table, column }) => `${severity} ${code} ${table}.${column}`)
}

async function open(written: Written = WRITTEN): Promise<void> {
  company = await openCompany(policyOf(written), SCHEMA)
}

function withCollections(collections: Written['collections'], rest: Partial<Written> = {}): Written {
  return { ...WRITTEN, ...rest, collections: { ...WRITTEN.collections, ...collections } }
}

const { members, letters } = WRITTEN.collections
if (members === undefined || letters === undefined) throw new TypeError('the shop has members and letters')

describe('what is not annotated', () => {
  beforeEach(() => open())

  test('is nothing while every table and column is declared', async () => {
    expect(await drift()).toEqual([])
  })

  test('is a new column, until it is a field', async () => {
    await company.admin.query('alter table members add column nickname text')
    expect(await drift()).toEqual([
      {
        severity: 'error',
        code: 'column_not_annotated',
        collection: 'members',
        table: 'members',
        column: 'nickname',
        sentence: 'members.nickname: expected a field, with not_personal and a reason where it says nothing of a person, got nothing',
      },
    ])
    await company.admin.query('alter table members drop column nickname')
    expect(await drift()).toEqual([])
  })

  test('is a new table, also one that holds copies; a view and what is in another schema are not', async () => {
    await company.admin.query(`
      create table guests (id int primary key);
      create materialized view copies as select * from members;
      create view looks as select * from members;
      create schema elsewhere; create table elsewhere.things (id int)`)
    expect(await said()).toEqual(['error table_not_annotated copies.', 'error table_not_annotated guests.'])
    expect((await drift())[0]?.sentence).toBe(
      'materialized view public.copies: expected a collection, or a reason under not_personal of shop, got neither',
    )
  })

  test('is a partitioned table once, whatever number of partitions it has', async () => {
    await company.admin.query(`
      create table visits (at date not null) partition by range (at);
      create table visits_1 partition of visits for values from ('2026-01-01') to ('2026-02-01');
      create table visits_2 partition of visits default`)
    expect(await said()).toEqual(['error table_not_annotated visits.'])
  })

  test('is not what the service keeps for itself', async () => {
    await company.source.apply({ step: 'none', batch: 0, changes: [] })
    expect(await drift()).toEqual([])
  })

  test('is said of what is gone as well', async () => {
    await company.admin.query(
      'alter table members drop constraint members_colour_fkey; drop table colours; alter table letters drop column body',
    )
    expect(await said()).toEqual(['error does_not_fit letters.', 'error annotated_gone colours.'])
  })
})

test('a table without category needs a reason, or to be a bridge whose columns are all links', async () => {
  const links = { source: 'shop', table: 'links', label: 'Links', key: ['member', 'circle'] }
  const SQL = 'create table links (member int references members, circle int, primary key (member, circle)); create index on links (circle)'
  await open(withCollections({ links }))
  await company.admin.query(SQL)
  // A table said to be about nobody that points at people is a contradiction, whatever the reason.
  expect(await said()).toEqual(['error reason_missing links.', 'error edge_unmapped links.member'])
  await open(withCollections({ links: { ...links, not_personal: 'only numbers' } }))
  await company.admin.query(SQL)
  expect(await said()).toEqual(['error edge_unmapped links.member'])
  await open(
    withCollections({
      links: { ...links, opened_by: [{ identifier: 'member', columns: 'member', meaning: 'bridge' }], provides: { circle: 'circle' } },
    }),
  )
  await company.admin.query(SQL)
  expect(await said()).toEqual([])
  await company.admin.query('alter table links add column since date')
  expect(await said()).toEqual(['error column_not_annotated links.since'])
})

test('a table that is both a collection and not personal is a contradiction', async () => {
  await open({
    ...WRITTEN,
    sources: { shop: { kind: 'postgres', label: 'Shop', mode: 'enforce', not_personal: { colours: 'x', letters: 'x' } } },
  })
  expect(await said()).toEqual(['error annotated_twice letters.'])
})

describe('a foreign key', () => {
  test('from a table that nobody has mapped to people makes that table about people', async () => {
    await open()
    await company.admin.query('create table notes (id int primary key, about int references members); create index on notes (about)')
    expect(await said()).toEqual(['error table_not_annotated notes.', 'error edge_unmapped notes.about'])
    expect((await drift())[1]?.sentence).toBe(
      'notes (about) points at members, whose rows are about people: expected it to be a collection too, got no such one',
    )
  })

  test('from another schema as well', async () => {
    await open()
    await company.admin.query('create schema crm; create table crm.notes (about int references members)')
    expect(await said()).toEqual(['error edge_unmapped notes.about'])
  })

  test('from people to a table that nobody has mapped', async () => {
    await open()
    await company.admin.query(
      'create table shops (id int primary key); alter table members add constraint x foreign key (colour) references shops',
    )
    expect(await said()).toEqual(['error table_not_annotated shops.', 'error edge_unmapped members.colour'])
  })

  test('from people to what is declared as not personal needs no word', async () => {
    await open()
    expect(await said()).toEqual([])
  })

  const replies: NonNullable<Written['collections'][string]> = {
    source: 'shop',
    table: 'replies',
    label: 'Replies',
    category: 'account',
    key: 'id',
    fields: { letter: {}, parent: {} },
    opened_by: [{ identifier: 'email', columns: 'id' }],
  }

  test.each([
    ['neither a ref nor an opening', {}, ['error edge_undeclared replies.letter']],
    ['a ref', { refs: { letter: { collection: 'letters', columns: 'letter' } } }, []],
    [
      'a ref to something else',
      { refs: { letter: { collection: 'members', columns: 'letter' } } },
      ['error edge_undeclared replies.letter'],
    ],
    ['an opening', { opened_by: [{ identifier: 'member', columns: 'letter' }] }, []],
    ['what it gives on', { provides: { letter: 'letter' } }, []],
  ])('between two collections by %s', async (_, declared, expected) => {
    const identifiers = { ...WRITTEN.identifiers, email: { label: 'E-mail' } }
    await open(withCollections({ replies: { ...replies, ...declared } }, { identifiers }))
    await company.admin.query(
      'create table replies (id int primary key, letter int references letters, parent int); create index on replies (letter)',
    )
    expect((await said()).filter((line) => !line.includes('index_missing'))).toEqual(expected)
  })

  test('of a row to a row of the same table', async () => {
    const letter = { collection: 'letters', columns: 'letter' }
    const own = { ...replies, refs: { letter } }
    const SQL =
      'create table replies (id int primary key, letter int references letters, parent int references replies); create index on replies (letter); create index on replies (parent)'
    const identifiers = { ...WRITTEN.identifiers, email: { label: 'E-mail' } }
    await open(withCollections({ replies: own }, { identifiers }))
    await company.admin.query(SQL)
    expect((await said()).filter((line) => !line.includes('index_missing'))).toEqual(['error edge_undeclared replies.parent'])
    const refs = { letter, parent: { collection: 'replies', columns: 'parent' } }
    await open(withCollections({ replies: { ...own, refs } }, { identifiers }))
    await company.admin.query(SQL)
    expect((await said()).filter((line) => !line.includes('index_missing'))).toEqual([])
  })
})

describe('a search without an index', () => {
  beforeEach(() => open())

  test('is a warning in a small table and an error from so many rows on', async () => {
    await company.admin.query(`
      drop index letters_member; insert into letters select n, null, 'x' from generate_series(1, 100) n; analyze letters`)
    expect(await said({ rows: 101 })).toEqual(['warning index_missing letters.member'])
    expect(await said({ rows: 100 })).toEqual(['error index_missing letters.member'])
    expect((await drift({ rows: 100 }))[0]?.sentence).toBe(
      'letters (opened by member): expected an index that begins with member, got none; it has about 100 rows',
    )
    await company.admin.query('create index on letters (body, member)')
    expect(await said({ rows: 100 }), 'it must begin with the column').toEqual(['error index_missing letters.member'])
    await company.admin.query('create index on letters (member) where id > 5')
    expect(await said({ rows: 100 }), 'it must hold all rows').toEqual(['error index_missing letters.member'])
    await company.admin.query('create index on letters (member) where member is not null')
    expect(await said({ rows: 100 })).toEqual([])
  })

  test('is said of a table that nobody has analysed by its size', async () => {
    await company.admin.query(
      `drop index letters_member; alter table letters set (autovacuum_enabled = off); insert into letters select n, null, repeat('x', 500) from generate_series(1, 20000) n`,
    )
    expect(await said()).toEqual(['error index_missing letters.member'])
  })

  test('by an address needs one on lower()', async () => {
    await company.admin.query('drop index members_email; create index on members (email)')
    expect(await said()).toEqual(['warning index_missing members.email'])
    await company.admin.query('create index on members (lower(email))')
    expect(await said()).toEqual([])
  })

  test('by a foreign key, when the rows it points at are deleted, is one of a table that nobody searches', async () => {
    const logs = {
      source: 'shop',
      table: 'logs',
      label: 'Logs',
      category: 'account',
      key: 'id',
      refs: { member: { collection: 'members', columns: 'member' } },
      fields: { member: {} },
    }
    await open(withCollections({ logs }))
    await company.admin.query('create table logs (id int primary key, member int references members)')
    expect(await said()).toEqual(['warning index_missing logs.member'])
    await company.admin.query('create index on logs (member)')
    expect(await said()).toEqual([])
  })

  test('inside an array or a document needs a GIN index, or one on the expression', async () => {
    const inside = {
      ...members,
      opened_by: [
        { identifier: 'member', columns: 'tags[]' },
        { identifier: 'member', columns: 'extra->owner->id' },
      ],
    }
    await open(withCollections({ members: inside }))
    expect(await said()).toEqual(['warning index_missing members.tags', 'warning index_missing members.extra'])
    await company.admin.query(`create index on members using gin (tags); create index on members ((extra -> 'owner' ->> 'id'))`)
    expect(await said()).toEqual([])
  })
})
