import { describe, expect, test } from 'vitest'

import type { Change } from '../../src/sources/source.ts'
import { openCompany, opening } from './contract.ts'
import { policyOf, type Written } from './policy.ts'

type Collection = Written['collections'][string]

const SCHEMA = `
  create table members (id int primary key, mail text unique, note text);
  create table loans (id int primary key, member int references members on delete cascade, mail text references members (mail) on update cascade);
  create schema elsewhere;
  create table elsewhere.visits (member int constraint visits_member references members on delete set null);
  create function quiet() returns trigger language plpgsql as $$ begin return coalesce(new, old); end $$;
  create trigger stamps before update of note on members for each row execute function quiet();
  create trigger tells after delete on loans for each statement execute function quiet();
  create trigger sleeps after delete on members for each row execute function quiet();
  alter table members disable trigger sleeps;
  create trigger welcomes after insert on members for each row execute function quiet();
  create table fines (id int primary key, member int);
  create rule fines_stay as on delete to fines do instead nothing;`

const members: Collection = {
  source: 'shop',
  table: 'members',
  label: 'Members',
  key: 'id',
  category: 'account',
  is_person: true,
  opened_by: [{ identifier: 'account_id', columns: 'id' }],
  fields: { mail: {}, note: {} },
}
const loans: Collection = {
  source: 'shop',
  table: 'loans',
  label: 'Loans',
  key: 'id',
  category: 'account',
  opened_by: [{ identifier: 'account_id', columns: 'member' }],
  refs: { member: { collection: 'members', columns: 'member' } },
  triggers: { tells: 'tells the shelf that the book is back; changes no row' },
}

/** What a look says about a policy on that schema, as `collection: sentence`. */
async function said(written: Written, schema = SCHEMA): Promise<string[]> {
  const company = await openCompany(policyOf(written), schema)
  return (await company.source.check()).map(({ collection, sentence }) => `${collection}: ${sentence}`).toSorted()
}

const VISITS =
  'members: table elsewhere.visits, constraint visits_member: ON DELETE SET NULL would change rows of elsewhere.visits that nobody planned when an erasure deletes rows of members; map elsewhere.visits by a collection opened by member, whose rows are unlinked first (set: { member: null }), or change the constraint to NO ACTION'

describe('a foreign key that acts by itself', () => {
  test('into a collection that goes too is fine; one of another schema is seen', async () => {
    expect(await said({ collections: { members, loans } })).toEqual([VISITS])
  })

  test('into a table that the policy does not map, leaves, or keeps is said, by its name', async () => {
    const cascade = expect.stringMatching(
      /^members: table loans, constraint loans_member_fkey: ON DELETE CASCADE would change rows of loans that nobody planned when an erasure /,
    )
    expect(await said({ collections: { members } })).toEqual([VISITS, cascade])
    expect(await said({ collections: { members, loans: { ...loans, on_erasure: 'leave' } } })).toContainEqual(cascade)
    const shared: Collection = { ...loans, opened_by: [{ identifier: 'account_id', columns: 'member', meaning: 'shared' }] }
    expect(await said({ collections: { members, loans: shared } }), 'what is only shared never goes').toContainEqual(cascade)
    const kept: Collection = { ...loans, on_erasure: 'keep', set: { member: null } }
    expect(await said({ collections: { members, loans: kept } }), 'a cascade takes the row that was to be kept').toContainEqual(cascade)
  })

  test('that empties a column is fine where the policy empties it first', async () => {
    const schema = `create table members (id int primary key); create table loans (id int primary key, member int references members on delete set null);`
    const bare: Collection = { ...members, fields: {} }
    const { triggers: _, ...kept } = { ...loans, on_erasure: 'keep' as const }
    expect(await said({ collections: { members: bare, loans: kept } }, schema)).toHaveLength(1)
    expect(await said({ collections: { members: bare, loans: { ...kept, set: { member: null } } } }, schema)).toEqual([])
  })

  test('into rows that others may own is said, and the remedy that it names works', async () => {
    const schema = `create table members (id int primary key, boss int references members on delete set null);
      create table loans (id int primary key, member int references members, referrer int references members on delete set null);
      insert into members values (1, null), (2, 1); insert into loans values (1, 1, null), (2, 2, 1);`
    const people: Collection = { ...members, fields: {} }
    const { triggers: _, ...borrowed } = loans
    const planned = expect.stringMatching(/ON DELETE SET NULL would change rows of (members|loans) that nobody planned when an erasure/)
    expect(await said({ collections: { members: people, loans: borrowed } }, schema)).toEqual([planned, planned])
    const emptied = (table: string, column: string): Collection => ({
      ...borrowed,
      table,
      refs: {},
      opened_by: [{ identifier: 'account_id', columns: column }],
      on_erasure: 'detach',
      set: { [column]: null },
    })
    const collections = { members: people, loans: borrowed, led: emptied('members', 'boss'), referred: emptied('loans', 'referrer') }
    const company = await openCompany(policyOf({ collections }), schema)
    expect(await company.source.check()).toEqual([])
    const change = (collection: string, column: string, set?: Record<string, null>): Change => ({
      selection: { collection, side: 'ours', openings: [opening('account_id', column, ['1'])] },
      action: set === undefined ? { kind: 'delete' } : { kind: 'set', set },
      limit: 10,
    })
    const changes = [
      change('members', 'id'),
      change('loans', 'member'),
      change('led', 'boss', { boss: null }),
      change('referred', 'referrer', { referrer: null }),
    ]
    expect(await company.source.apply({ step: 'ada', batch: 0, changes })).toMatchObject({
      rows: { members: 1, loans: 1, led: 1, referred: 1 },
    })
    expect(await company.lines('select * from members')).toEqual(['2|∅'])
    expect(await company.lines('select * from loans')).toEqual(['2|2|∅'])
  })

  test('is said for a rule of the schedule that does not take the rows along', async () => {
    const gone = {
      category: 'account',
      promise: 'a year',
      collection: 'members',
      starts: 'joined',
      period: 'P1Y',
      action: 'delete',
    } as const
    const schema = `create table members (id int primary key, joined date); create table loans (id int primary key, member int references members on delete cascade);`
    const { triggers: _, ...borrowed } = loans
    const collections = { members: { ...members, fields: {}, on_erasure: 'leave' as const }, loans: borrowed }
    expect(await said({ collections, retention: { gone } }, schema)).toEqual([
      expect.stringContaining('nobody planned when rule gone deletes rows of members; name loans under "with" of the rule'),
    ])
    const along = { ...gone, with: [{ collection: 'loans', ref: 'member', action: 'delete' as const }] }
    expect(await said({ collections, retention: { gone: along } }, schema)).toEqual([])
  })

  test('on update is said where a correction may set what it follows', async () => {
    const correctable: Collection = { ...members, fields: { mail: { correctable: true } } }
    expect(await said({ collections: { members: correctable, loans } })).toContain(
      'members: table loans, constraint loans_mail_fkey: ON UPDATE CASCADE would change rows of loans that nobody planned when a rectification sets members.mail',
    )
  })
})

describe('a trigger', () => {
  test('that runs when rows go or are set is said until the policy explains it; others are not', async () => {
    const { triggers: _, ...unexplained } = loans
    const correctable: Collection = { ...members, fields: { note: { correctable: true } } }
    expect((await said({ collections: { members: correctable, loans: unexplained } })).filter((line) => line.includes('trigger'))).toEqual([
      'loans: table loans, trigger tells: it runs when an erasure deletes rows of loans, and what it does cannot be seen; say it under "triggers" of the collection',
      'members: table members, trigger stamps: it runs when a rectification sets members.note, and what it does cannot be seen; say it under "triggers" of the collection',
    ])
    const explained: Collection = { ...correctable, triggers: { stamps: 'sets the time of the change in the same row' } }
    expect(await said({ collections: { members: explained, loans } })).toEqual([VISITS])
  })

  test('that is explained and not there is said, and so is the table it would write to', async () => {
    const triggers = { gone: { reason: 'kept a history', writes_to: ['history'] } }
    expect((await said({ collections: { members: { ...members, triggers }, loans } })).filter((line) => line !== VISITS)).toEqual([
      'members: table members, trigger gone: expected to run on DELETE or UPDATE, got none',
      'members: table public.history (written by trigger gone): expected to exist, got nothing',
    ])
  })
})

test('a rule that rewrites deletions is said, whatever the policy explains', async () => {
  const fines: Collection = { ...loans, table: 'fines', refs: {}, triggers: {} }
  expect(await said({ collections: { members, loans, fines } })).toContain(
    'fines: table fines, rule fines_stay: it rewrites the statement by which an erasure deletes rows of fines, so nobody could tell what was done',
  )
})
