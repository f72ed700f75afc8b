import { Client } from 'pg'
import { beforeEach, describe, expect, test } from 'vitest'

import type { Change, Effect, Outcome, Selection } from '../../src/sources/source.ts'
import { openPostgresSource } from '../../src/sources/postgres/open.ts'
import { onClose } from '../support/database.ts'
import { openCompany, opening, type Company } from './contract.ts'
import { policyOf, type Written } from './policy.ts'

const WRITTEN: Written = {
  sources: {
    shop: { kind: 'postgres', label: 'Shop', mode: 'enforce' },
    watched: { kind: 'postgres', label: 'Shop, observed', mode: 'observe' },
  },
  collections: {
    members: {
      source: 'shop',
      table: 'members',
      label: 'Members',
      key: 'id',
      is_person: true,
      opened_by: [{ identifier: 'account_id', columns: 'id' }],
    },
    bills: {
      source: 'shop',
      table: 'bills',
      label: 'Bills',
      key: 'id',
      opened_by: [{ identifier: 'account_id', columns: 'member_id' }],
      refs: { member: { collection: 'members', columns: 'member_id' } },
      organisation_controls: { 'member.team': 'acme' },
    },
    lines: {
      source: 'shop',
      table: 'lines',
      label: 'Lines',
      category: 'account',
      key: ['bill_id', 'n'],
      opened_by: [{ identifier: 'account_id', columns: 'owner' }],
      refs: { bill: { collection: 'bills', columns: 'bill_id' } },
    },
  },
}

const SCHEMA = `
  create table members (id int primary key, email varchar(40) not null, team text, seen timestamptz, leader int);
  create table bills (id int primary key, member_id int references members, amount numeric, seen timestamptz, meta json);
  create table lines (bill_id int references bills, n int, owner int, body text, primary key (bill_id, n));`

const policy = policyOf(WRITTEN)
let company: Company
let step = 0

beforeEach(async () => {
  company ??= await openCompany(policy, SCHEMA)
  await company.admin.query(`
    truncate members, bills, lines cascade;
    insert into members values (1, 'ada@example.com', null, '2026-03-31 22:30:00+00', null), (2, 'noor@example.com', 'acme', null, null);
    insert into bills values (1, 1, 10, '2026-03-31 22:30:00+00', '{"a":1}'), (2, 1, 20, null, null), (3, 2, 30, null, null);
    insert into lines values (1, 1, 1, 'a'), (1, 2, 1, 'b'), (3, 1, 2, 'c');`)
  step++
})

function of(collection: string, who: string, side: Selection['side'] = 'ours'): Selection {
  const column = { members: 'id', bills: 'member_id', lines: 'owner' }[collection] ?? ''
  return { collection, side, openings: [opening('account_id', column, [who])] }
}

function erasing(collection: string, who: string, rest: Partial<Change> = {}): Change {
  return { selection: of(collection, who), action: { kind: 'delete' }, limit: 100, ...rest }
}

function setting(collection: string, who: string, set: (Change['action'] & { kind: 'set' })['set'], rest: Partial<Change> = {}): Change {
  return { selection: of(collection, who), action: { kind: 'set', set }, limit: 100, ...rest }
}

function apply(changes: readonly Change[], rest: Partial<Effect> = {}): Promise<Outcome> {
  return company.source.apply({ step: `step ${step}`, batch: 0, changes, ...rest })
}

const everything = () =>
  company.lines(`select 'member', id::text, email from members union all select 'bill', id::text, coalesce(member_id::text, '∅') from bills
    union all select 'line', bill_id || '.' || n, body from lines order by 1, 2`)

describe('an erasure', () => {
  test('takes rows that point at others first, whatever the order it is written in', async () => {
    const outcome = await apply([erasing('members', '1'), erasing('bills', '1'), erasing('lines', '1')])
    expect(outcome).toEqual({ confirmed_by: 'effect', rows: { lines: 2, bills: 2, members: 1 }, left: { lines: 0, bills: 0, members: 0 } })
    expect(await everything()).toEqual(['bill|3|2', 'line|3.1|c', 'member|2|noor@example.com'])
  })

  test('unlinks kept rows before the row that they point at goes', async () => {
    const outcome = await apply([erasing('members', '1'), setting('bills', '1', { member_id: null, meta: null })])
    expect(outcome).toMatchObject({ rows: { bills: 2, members: 1 }, left: { bills: 0, members: 0 } })
    expect(await company.lines('select id, member_id, meta from bills order by id')).toEqual(['1|∅|∅', '2|∅|∅', '3|2|∅'])
  })

  test('leaves rows of which an organisation is controller', async () => {
    expect(await apply([erasing('bills', '2')])).toMatchObject({ rows: { bills: 0 }, left: { bills: 0 } })
    expect(await apply([erasing('lines', '2')], { batch: 1 })).toMatchObject({ rows: { lines: 1 } })
    expect(await apply([erasing('bills', '2', { selection: of('bills', '2', 'organisation') })], { batch: 2 })).toMatchObject({
      rows: { bills: 1 },
    })
  })

  test.each([
    [[]],
    [[opening('account_id', 'id', [])]],
    [[opening('account_id', 'id', [''])]],
    [[opening('account_id', 'email', ['%'])]],
    [[opening('account_id', 'id', ['1'], { meaning: 'bridge' })]],
  ])('of %j takes nothing', async (openings) => {
    const before = await everything()
    expect(await apply([erasing('members', '1', { selection: { collection: 'members', openings, side: 'ours' } })])).toMatchObject({
      rows: { members: 0 },
    })
    expect(await everything()).toEqual(before)
  })
})

describe('a step that comes twice', () => {
  test('is done once, even after the rows are back', async () => {
    const first = await apply([erasing('lines', '1')])
    await company.admin.query(`insert into lines values (1, 1, 1, 'again')`)
    expect(await apply([erasing('lines', '1')])).toEqual({ ...first, confirmed_by: 'marker', left: { lines: 1 } })
    expect(await company.lines('select body from lines order by 1')).toEqual(['again', 'c'])
  })

  test('at the same time from many sides is done once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => apply([erasing('lines', '1')])))
    expect(outcomes.map(({ rows }) => rows)).toEqual(Array.from({ length: 12 }, () => ({ lines: 2 })))
    expect(outcomes.filter(({ confirmed_by }) => confirmed_by === 'effect')).toHaveLength(1)
  })

  test('is known by its marker, and only then', async () => {
    expect(await company.source.settle(`step ${step}`, 0)).toBe('nothing')
    await apply([erasing('lines', '1')])
    expect(await company.source.settle(`step ${step}`, 0)).toEqual({ lines: 2 })
    expect(await company.source.settle(`step ${step}`, 1)).toBe('nothing')
  })

  test('leaves no marker when it is rolled back', async () => {
    await expect(apply([erasing('lines', '1', { limit: 1 })])).rejects.toMatchObject({ cause_kind: 'too_many' })
    expect(await company.source.settle(`step ${step}`, 0)).toBe('nothing')
  })
})

describe('a change', () => {
  test('keeps only so much of a time, in the zone of the controller', async () => {
    await apply([setting('bills', '1', { seen: { truncate: 'month' } }), setting('members', '1', { seen: { truncate: 'day' } })])
    expect(await company.lines(`select seen at time zone 'UTC' || '' from bills where id = 1`)).toEqual(['2026-03-31 22:00:00'])
    expect(await company.lines(`select seen at time zone 'UTC' || '' from members where id = 1`)).toEqual(['2026-03-31 22:00:00'])
  })

  test('of a value is made only where the old value still stands', async () => {
    const correct = (from: string, batch: number) =>
      apply([setting('members', '1', { email: { value: 'lovelace@example.com' } }, { only_where: { email: from } })], { batch })
    expect(await correct('ADA@example.com', 0)).toMatchObject({ rows: { members: 0 }, left: { members: 0 } })
    expect(await correct('ada@example.com', 1)).toMatchObject({ rows: { members: 1 }, left: { members: 0 } })
    expect(await company.lines('select email from members order by id')).toEqual(['lovelace@example.com', 'noor@example.com'])
  })

  test('that the column cannot hold is refused with its name, without its value', async () => {
    const secret = `${'x'.repeat(41)}@secret.example`
    const changing = apply([setting('members', '1', { email: { value: secret } })])
    await expect(changing).rejects.toMatchObject({ cause_kind: 'constraint', collection: 'members', transient: false })
    await expect(changing).rejects.not.toThrow(/secret/)
    await expect(apply([setting('members', '1', { leader: { value: 'secret' } })], { batch: 1 })).rejects.not.toThrow(/secret/)
    await expect(apply([setting('members', '1', { email: null })], { batch: 2 })).rejects.toThrow(
      'shop.members: a constraint forbids it (23502): table members, column email',
    )
  })
})

describe('several corrections of the same row', () => {
  const byMail = (address: string): Selection => ({
    collection: 'members',
    openings: [opening('email', 'email', [address], { compare: 'email' })],
    side: 'ours',
  })
  const correcting = (set: Record<string, string>, only_where?: Record<string, string>): Change => ({
    selection: byMail('ada@example.com'),
    action: { kind: 'set', set: Object.fromEntries(Object.entries(set).map(([column, value]) => [column, { value }])) },
    limit: 100,
    ...(only_where !== undefined && { only_where }),
  })
  const ada = () => company.lines('select email, team from members where id = 1')

  test('are all made, though the first changes what the row is found by', async () => {
    const outcome = await apply([correcting({ email: 'lovelace@example.com' }), correcting({ team: 'engines' })])
    expect(outcome).toEqual({ confirmed_by: 'effect', rows: { members: 1 }, left: { members: 0 } })
    expect(await ada()).toEqual(['lovelace@example.com|engines'])
  })

  test('are each made only where the old value stood at the beginning', async () => {
    await company.admin.query(`update members set team = 'looms' where id = 1`)
    const changes = [
      correcting({ email: 'lovelace@example.com' }, { email: 'ada@example.com' }),
      correcting({ team: 'engines' }, { team: 'looms' }),
      correcting({ leader: '2' }, { team: 'engines' }),
    ]
    expect(await apply(changes)).toMatchObject({ rows: { members: 1 } })
    expect(await company.lines('select email, team, leader from members where id = 1')).toEqual(['lovelace@example.com|engines|∅'])
  })

  test('are made in their order when they concern one field', async () => {
    await apply([correcting({ team: 'first' }), correcting({ team: 'second' })])
    expect(await ada()).toEqual(['ada@example.com|second'])
  })

  test('are made before the row goes, where another change takes it', async () => {
    const outcome = await apply([
      erasing('bills', '1', { selection: { ...of('bills', '1'), openings: [opening('account_id', 'id', ['2'])] } }),
      setting('bills', '1', { member_id: null }),
    ])
    expect(outcome).toMatchObject({ rows: { bills: 2 }, left: { bills: 0 } })
    expect(await company.lines('select id, member_id from bills order by id')).toEqual(['1|∅', '3|2'])
  })

  test('stop before the first write when one of them concerns too many rows', async () => {
    const changes = [
      correcting({ email: 'lovelace@example.com' }, { email: 'ada@example.com' }),
      { ...correcting({ team: 'x' }), limit: 0 },
    ]
    await expect(apply(changes)).rejects.toMatchObject({ cause_kind: 'too_many' })
    expect(await ada()).toEqual(['ada@example.com|∅'])
  })

  test('are all taken back when one of them is not made', async () => {
    await company.admin.query(`
      create function refused() returns trigger language plpgsql as $$ begin return case when new.team is null then new end; end $$;
      create trigger refused before update on members for each row execute function refused()`)
    const changes = [correcting({ email: 'lovelace@example.com' }, { email: 'ada@example.com' }), correcting({ team: 'engines' })]
    await expect(apply(changes)).rejects.toMatchObject({ cause_kind: 'changed', collection: 'members', transient: false })
    await expect(apply([correcting({ team: 'engines' })], { batch: 1 })).rejects.toMatchObject({ cause_kind: 'changed' })
    expect(await ada()).toEqual(['ada@example.com|∅'])
    await company.admin.query('drop trigger refused on members; drop function refused')
  })
})

test('a row that does not go although it is deleted rolls everything back', async () => {
  await company.admin.query(`
    create function stays() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger stays before delete on lines for each row execute function stays()`)
  await expect(apply([erasing('lines', '1')])).rejects.toMatchObject({ cause_kind: 'changed', collection: 'lines' })
  await company.admin.query('drop trigger stays on lines; drop function stays')
})

describe('what nobody planned', () => {
  test('more rows than the limit stop before the first write', async () => {
    // A sequence forgets nothing when a transaction is rolled back.
    await company.admin.query(`create sequence writes;
      create function noted() returns trigger language plpgsql as $$ begin perform nextval('writes'); return old; end $$;
      create trigger noted before delete on lines for each row execute function noted()`)
    const before = await everything()
    await expect(apply([erasing('lines', '1'), erasing('bills', '1', { limit: 1 })])).rejects.toThrow(
      'shop.bills: more than 1 rows would be changed, so nothing was',
    )
    expect(await everything()).toEqual(before)
    expect(await company.lines('select is_called from writes')).toEqual(['false'])
    // Nobody has looked at the source since: whatever the trigger does, it was not foreseen.
    await expect(apply([erasing('lines', '1')])).rejects.toThrow(
      /has changed since it was last looked at, so everything was rolled back: table lines, trigger noted: it runs when an erasure /,
    )
    expect(await everything()).toEqual(before)
    expect((await company.source.check()).map(({ sentence }) => sentence)).toContainEqual(expect.stringContaining('trigger noted'))
    expect(await apply([erasing('lines', '1', { limit: 2 })])).toMatchObject({ rows: { lines: 2 } })
    expect(await company.lines('select is_called from writes')).toEqual(['true'])
    await company.admin.query('drop trigger noted on lines; drop function noted; drop sequence writes')
  })

  test('a cascade rolls everything back and is named', async () => {
    await company.admin.query(`create table notes (member int references members on delete cascade); insert into notes values (1), (1)`)
    const before = await everything()
    const erased = apply([erasing('lines', '1'), erasing('bills', '1'), erasing('members', '1')])
    await expect(erased).rejects.toMatchObject({ cause_kind: 'unexpected_rows', transient: false })
    await expect(erased).rejects.toThrow(/notes \(2 deleted, expected 0\)/)
    expect(await everything()).toEqual(before)
    await company.admin.query('drop table notes')
  })

  test('a reference that the database would null rolls everything back', async () => {
    await company.admin.query(`create table fans (member int references members on delete set null); insert into fans values (1)`)
    await expect(apply([erasing('lines', '1'), erasing('bills', '1'), erasing('members', '1')])).rejects.toThrow(
      /fans \(1 updated, expected 0\)/,
    )
    await company.admin.query('drop table fans')
  })

  test('a trigger that changes other rows rolls everything back', async () => {
    await company.admin
      .query(`create function spared() returns trigger language plpgsql as $$ begin update members set team = 'x' where id = 2; return old; end $$;
      create trigger spared before delete on lines for each row execute function spared()`)
    await expect(apply([erasing('lines', '1')])).rejects.toThrow(/members \(2 updated, expected 0\)/)
    await company.admin.query('drop trigger spared on lines; drop function spared')
  })

  test('a trigger that empties another table rolls everything back, although no row is counted', async () => {
    await company.admin.query(`
      create schema o; create table o.log (n int); insert into o.log values (1);
      create function emptied() returns trigger language plpgsql as $$ begin truncate o.log; return null; end $$;
      create trigger emptied after delete on lines for each statement execute function emptied()`)
    await company.source.check()
    const erased = apply([erasing('lines', '1')])
    await expect(erased).rejects.toMatchObject({ cause_kind: 'unexpected_rows', transient: false })
    await expect(erased).rejects.toThrow(/o\.log \(truncated or rewritten\)/)
    expect(await company.lines('select n from o.log')).toEqual(['1'])
    expect(await company.lines('select count(*)::int from lines')).toEqual(['3'])
    await company.admin.query('drop trigger emptied on lines; drop function emptied; drop schema o cascade')
  })

  test('a cascade of earlier transactions on the same connection is not counted again', async () => {
    for (let batch = 0; batch < 10; batch++) {
      await company.admin.query(`insert into lines values (2, ${batch + 10}, 1, 'x')`)
      expect((await apply([erasing('lines', '1')], { batch })).rows['lines']).toBe(batch === 0 ? 3 : 1)
    }
  })

  test('a row that the database still points at is refused with the constraint', async () => {
    await expect(apply([erasing('members', '1')])).rejects.toThrow(
      'shop.members: a constraint forbids it (23503): table bills, constraint bills_member_id_fkey',
    )
  })

  test('a row that somebody holds locked is waited for, then given up, to be tried again', async () => {
    await company.admin.query('begin; select from lines where owner = 1 for update')
    await expect(apply([erasing('lines', '1')])).rejects.toMatchObject({ cause_kind: 'timeout', transient: true, collection: 'lines' })
    await company.admin.query('rollback')
    expect(await apply([erasing('lines', '1')])).toMatchObject({ rows: { lines: 2 } })
  }, 20_000)
})

describe('a role', () => {
  async function asRole(grants: string): Promise<{ source: Awaited<ReturnType<typeof openPostgresSource>>; role: string }> {
    const [name = ''] = await company.lines(`select 'habeas_test_' || md5(random()::text)`)
    await company.admin.query(`create role ${name} login password 'x'; ${grants.replaceAll('ROLE', name)}`)
    onClose('the role', async () => {
      const server = new Client({ connectionString: company.url })
      await server.connect()
      await server.query(`drop owned by ${name}; drop role ${name}`)
      await server.end()
    })
    const url = new URL(company.url)
    url.username = name
    url.password = 'x'
    const declaration = policy.sources.get('shop')
    if (declaration === undefined) throw new TypeError('shop')
    const source = await openPostgresSource(declaration, policy, url.href)
    onClose('the source of the role', () => source.close())
    return { source, role: name }
  }

  test('that may not read a table is told which', async () => {
    const { source } = await asRole('grant select on bills to ROLE')
    await expect(source.count(of('members', '1'))).rejects.toMatchObject({ cause_kind: 'denied', transient: false })
    await expect(source.count(of('members', '1'))).rejects.toThrow('shop.members: its role may not do this (42501): table members')
  })

  test('that may make no schema works without a marker', async () => {
    await company.admin.query('drop schema if exists habeas cascade')
    const { source } = await asRole('grant select, delete on lines to ROLE')
    const effect = { step: `step ${step}`, batch: 0, changes: [erasing('lines', '1')] }
    expect(await source.apply(effect)).toEqual({ confirmed_by: 'effect', rows: { lines: 2 }, left: { lines: 0 } })
    expect(await source.settle(`step ${step}`, 0)).toBe('unknown')
    expect(await company.lines(`select to_regnamespace('habeas') is null`)).toEqual(['true'])
  })

  test('that may make no schema is believed by a second look, once an attempt was intended before', async () => {
    await company.admin.query('drop schema if exists habeas cascade')
    const { source } = await asRole('grant select, update, delete on members, bills, lines to ROLE')
    const changes = [erasing('lines', '1'), setting('bills', '1', { amount: null })]
    const effect = { step: `step ${step}`, batch: 0, changes, expected: { lines: 2, bills: 2 } }
    const first = await source.apply({ ...effect, again: true })
    expect(first, 'there was still something to do').toEqual({
      confirmed_by: 'effect',
      rows: { lines: 2, bills: 2 },
      left: { lines: 0, bills: 0 },
    })
    expect(await source.apply({ ...effect, again: true })).toEqual({ ...first, confirmed_by: 'reread' })
    expect(await source.apply({ ...effect, again: false }), 'a first attempt says what it has done').toMatchObject({
      confirmed_by: 'effect',
      rows: { lines: 0 },
    })
    await company.admin.query(`insert into lines values (1, 5, 1, 'new')`)
    expect(await source.apply({ ...effect, again: true }), 'what came meanwhile is done').toMatchObject({
      confirmed_by: 'effect',
      rows: { lines: 1 },
      left: { lines: 0 },
    })
  })

  test('that can leave markers is believed by these alone: an attempt without one has done nothing', async () => {
    await company.admin.query('delete from lines where owner = 1')
    const effect = { changes: [erasing('lines', '1')], expected: { lines: 2 }, again: true }
    expect(await apply(effect.changes, effect)).toEqual({ confirmed_by: 'effect', rows: { lines: 0 }, left: { lines: 0 } })
    expect(await apply(effect.changes, effect)).toMatchObject({ confirmed_by: 'marker', rows: { lines: 0 } })
  })

  test('that was given the marker table uses it', async () => {
    await apply([])
    const { source } = await asRole(
      'grant select, delete on lines to ROLE; grant usage on schema habeas to ROLE; grant select, insert on habeas.habeas_effects to ROLE',
    )
    await source.apply({ step: `given ${step}`, batch: 3, changes: [erasing('lines', '1')] })
    expect(await company.source.settle(`given ${step}`, 3)).toEqual({ lines: 2 })
  })
})

test('a source in observe mode is never changed', async () => {
  const declaration = policy.sources.get('watched')
  if (declaration === undefined) throw new TypeError('watched')
  const source = await openPostgresSource(declaration, policy, company.url)
  onClose('the observed source', () => source.close())
  await expect(source.apply({ step: 'x', batch: 0, changes: [] })).rejects.toMatchObject({ cause_kind: 'denied' })
})
