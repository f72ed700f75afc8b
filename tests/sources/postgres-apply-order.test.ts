import { beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Change, Copying, Effect, Outcome } from '../../src/sources/source.ts'
import { openCompany, opening, type Company } from './contract.ts'
import { policyOf, type Written } from './policy.ts'

const owned = (table: string, rest: Partial<Written['collections'][string]> = {}): Written['collections'][string] => ({
  source: 'shop',
  table,
  label: table,
  key: 'id',
  category: 'account',
  opened_by: [{ identifier: 'account_id', columns: 'owner' }],
  ...rest,
})

const policy = policyOf({
  collections: {
    replies: owned('replies'),
    drafts: owned('replies', { opened_by: [{ identifier: 'account_id', columns: 'drafter' }] }),
    teams: owned('teams'),
    leads: owned('leads'),
    wives: owned('wives', { key: ['a', 'b'] }),
    men: owned('men', { key: ['a', 'b'] }),
    hens: owned('hens'),
    eggs: owned('eggs'),
    logged: owned('logged', { triggers: { keeps_log: { reason: 'writes who went, by number', writes_to: ['log'] } } }),
    spied: owned('spied'),
  },
})

// Each pair points at each other: teams and leads by keys that can be deferred, men and wives by keys that can be null, hens and eggs by neither.
const SCHEMA = `
  create table replies (id int primary key, owner int, drafter int, parent int references replies on delete restrict);
  create table teams (id int primary key, owner int, lead int not null);
  create table leads (id int primary key, owner int, team int not null references teams);
  alter table teams add foreign key (lead) references leads deferrable;
  create table men (a int, b int, owner int, wife int, primary key (a, b));
  create table wives (a int, b int, owner int, man int not null, primary key (a, b), foreign key (a, man) references men on delete cascade);
  alter table men add foreign key (a, wife) references wives match simple;
  create table hens (id int primary key, owner int, egg int not null);
  create table eggs (id int primary key, owner int, hen int not null references hens);
  alter table hens add constraint hens_egg foreign key (egg) references eggs deferrable initially deferred;
  begin; insert into hens values (1, 1, 1); insert into eggs values (1, 1, 1); commit;
  alter table hens alter constraint hens_egg not deferrable;
  create table logged (id int primary key, owner int); create table spied (id int primary key, owner int); create table log (id int, at timestamptz default now());
  create function keeps_log() returns trigger language plpgsql as $$ begin insert into log values (old.id); return old; end $$;
  create trigger keeps_log after delete on logged for each row execute function keeps_log();
  create trigger keeps_log after delete on spied for each row execute function keeps_log();`

let company: Company
let step = 0

beforeAll(async () => {
  company = await openCompany(policy, SCHEMA)
})

beforeEach(async () => {
  await company.admin.query(`truncate replies, teams, leads, men, wives, logged, spied, log; begin;
    insert into replies values (1, 1, null, null), (2, 1, null, 1), (3, null, 1, 2), (4, 1, null, 3), (5, 2, null, null);
    set constraints all deferred;
    insert into teams values (1, 1, 1), (2, 2, 2); insert into leads values (1, 1, 1), (2, 2, 2);
    insert into men values (1, 1, 1, null), (1, 2, 2, null); insert into wives values (1, 1, 1, 1), (1, 2, 2, 2); update men set wife = b;
    insert into logged values (1, 1), (2, 2); insert into spied values (1, 1); commit`)
  step++
})

function erasing(collection: string, rest: Partial<Change> = {}): Change {
  const column = collection === 'drafts' ? 'drafter' : 'owner'
  const selection = { collection, side: 'ours', openings: [opening('account_id', column, ['1'])] } as const
  return { selection, action: { kind: 'delete' }, limit: 100, ...rest }
}

const apply = (changes: readonly Change[], rest: Partial<Effect> = {}): Promise<Outcome> =>
  company.source.apply({ step: `order ${step}`, batch: 0, changes, ...rest })

describe('rows that point at each other', () => {
  test('in one table go together, parents and children alike', async () => {
    await company.admin.query('update replies set owner = 1 where id = 3')
    expect(await apply([erasing('replies')])).toMatchObject({ rows: { replies: 4 }, left: { replies: 0 } })
    expect(await company.lines('select id from replies')).toEqual(['5'])
  })

  test('in one table that two collections map go together too', async () => {
    expect(await apply([erasing('drafts'), erasing('replies')])).toMatchObject({ rows: { replies: 3, drafts: 1 } })
    expect(await company.lines('select id from replies')).toEqual(['5'])
  })

  test('of somebody else keep the row that they point at, and everything stays', async () => {
    await company.admin.query('update replies set parent = 4 where id = 5')
    await expect(apply([erasing('drafts'), erasing('replies'), erasing('logged')])).rejects.toMatchObject({
      cause_kind: 'constraint',
      // 23503 before PostgreSQL 18.
      message: expect.stringMatching(
        /^shop\.drafts: a constraint forbids it \(23(001|503)\): table replies, constraint replies_parent_fkey$/,
      ),
    })
    expect(await company.lines('select count(*) from replies')).toEqual(['5'])
    expect(await company.lines('select count(*) from logged')).toEqual(['2'])
  })

  test('in a circle go where the keys may be checked at the end', async () => {
    expect(await apply([erasing('teams'), erasing('leads')])).toMatchObject({
      rows: { teams: 1, leads: 1 },
      left: { teams: 0, leads: 0 },
    })
    expect(await company.lines('select id from teams union all select id from leads')).toEqual(['2', '2'])
  })

  test('in a circle that somebody else points into stay, all of them, with the constraint named', async () => {
    await company.admin.query('update teams set lead = 1 where id = 2')
    await expect(apply([erasing('teams'), erasing('leads')])).rejects.toMatchObject({
      cause_kind: 'constraint',
      message: 'shop.teams: a constraint forbids it (23503): table teams, constraint teams_lead_fkey',
    })
    expect(await company.lines('select count(*) from teams, leads')).toEqual(['4'])
  })

  test('in a circle go where a key may be null first, and each row counts once', async () => {
    const rows: (readonly (string | null)[])[] = []
    const copying: Copying = {
      collections: ['men'],
      async write(copied) {
        for await (const row of copied.rows) rows.push(row)
      },
    }
    expect(await apply([erasing('men'), erasing('wives')], { copying })).toMatchObject({ rows: { men: 1, wives: 1 } })
    expect(await company.lines('select a, b, wife from men')).toEqual(['1|2|2'])
    expect(await company.lines('select a, b, man from wives')).toEqual(['1|2|2'])
    expect(rows, 'the copy shows what was there before').toEqual([['1', '1', '1', '1']])
  })

  test('in a circle of keys that can be neither are refused by name, before and at the work', async () => {
    const named = /table (hens, constraint hens_egg|eggs, constraint eggs_hen_fkey)/
    await expect(apply([erasing('hens'), erasing('eggs')])).rejects.toMatchObject({ cause_kind: 'constraint' })
    await expect(apply([erasing('hens'), erasing('eggs')])).rejects.toThrow(named)
    expect(await company.lines('select count(*) from hens, eggs')).toEqual(['1'])
    const problems = (await company.source.check()).filter(({ sentence }) => named.test(sentence))
    expect(problems.map(({ collection }) => collection).toSorted()).toEqual(['eggs', 'hens'])
  })
})

describe('the limit of a source', () => {
  test('counts the rows of all changes, and stops one row beyond it before the first write', async () => {
    const changes = [erasing('replies', { limit: 3 }), erasing('drafts', { limit: 1 }), erasing('teams'), erasing('leads')]
    const copying: Copying = { collections: ['replies'], write: () => Promise.reject(new Error('never asked')) }
    await expect(apply(changes, { limit: 5, copying })).rejects.toMatchObject({
      cause_kind: 'too_many',
      message: 'shop: more than 5 rows of this source would be changed, so nothing was',
    })
    expect(await company.lines('select count(*) from replies')).toEqual(['5'])
    expect(await apply(changes, { limit: 6 })).toMatchObject({ rows: { replies: 3, drafts: 1, teams: 1, leads: 1 } })
  })
})

describe('a trigger that writes a copy of what goes', () => {
  test('is a surprise, and everything stays', async () => {
    await expect(apply([erasing('spied')])).rejects.toThrow(/log \(1 inserted, expected 0\)/)
    expect(await company.lines('select count(*) from spied, log')).toEqual(['0'])
    expect(await company.lines('select count(*) from spied')).toEqual(['1'])
  })

  test('is none where the policy says what it writes', async () => {
    expect(await apply([erasing('logged')])).toMatchObject({ rows: { logged: 1 } })
    expect(await company.lines('select id from log')).toEqual(['1'])
  })
})

describe('the order of groups', () => {
  const groups = (...collections: string[]) =>
    company.source.sequence(collections.map((name) => erasing(name))).map((group) => group.map(({ selection }) => selection.collection))

  test('puts what must be one transaction together', () => {
    expect(groups('teams', 'logged', 'leads').map((group) => group.toSorted())).toEqual([['leads', 'teams'], ['logged']])
  })

  test('marks a table whose rows point at each other as not to be divided', () => {
    const marked = company.source.sequence([erasing('replies'), erasing('logged')]).flat()
    expect(marked.map(({ selection, whole }) => [selection.collection, whole === true])).toEqual([
      ['replies', true],
      ['logged', false],
    ])
  })
})
