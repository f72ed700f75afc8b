import { beforeAll, describe, expect, test } from 'vitest'

import { deciding } from '../../src/planner/graph.ts'
import { SourceError, type Identifiers, type Opening, type Source } from '../../src/sources/source.ts'
import { walk, type Looked, type Survey } from '../../src/sources/walk.ts'
import { openCompany, type Company } from './contract.ts'
import { policyOf } from './policy.ts'

const office = { source: 'office', key: 'id' }
const by = (identifier: string, columns: string | string[], meaning: 'own' | 'shared' | 'bridge' = 'own') => ({
  identifier,
  columns,
  meaning,
})
const person = { collection: 'employees', columns: 'employee_id' }

const policy = policyOf({
  identifiers: {
    email: { label: 'E-mail', compare: 'email' },
    employee: { label: 'Employee' },
    comment: { label: 'Comment' },
    folder: { label: 'Folder' },
    group: { label: 'Group' },
    visit: { label: 'Visit' },
    loop: { label: 'Loop' },
    badge: { label: 'Badge' },
    household: { label: 'Household' },
    meter: { label: 'Meter' },
    reading: { label: 'Reading' },
    link: { label: 'Link' },
  },
  sources: {
    office: { kind: 'postgres', label: 'Office', mode: 'enforce' },
    door: { kind: 'postgres', label: 'Door', mode: 'enforce', schema: 'door' },
  },
  collections: {
    employees: {
      ...office,
      table: 'employees',
      label: 'Employees',
      is_person: true,
      opened_by: [by('email', 'email'), by('employee', 'id')],
      provides: { employee: 'id', email: 'email' },
      refs: { manager: { collection: 'employees', columns: 'manager_id' } },
    },
    // Her own comments; an answer to one of hers is somebody else's, and shared.
    comments: {
      ...office,
      table: 'comments',
      label: 'Comments',
      opened_by: [by('employee', 'employee_id'), by('comment', 'parent_id', 'shared')],
      provides: { comment: 'id' },
      refs: { parent: { collection: 'comments', columns: 'parent_id' }, author: person },
    },
    // A tree of her own, as deep as she likes.
    folders: {
      ...office,
      table: 'folders',
      label: 'Folders',
      opened_by: [by('employee', 'employee_id'), by('folder', 'parent_id')],
      provides: { folder: 'id' },
    },
    // Two tables that point at each other.
    ping: {
      ...office,
      table: 'ping',
      label: 'Ping',
      opened_by: [by('employee', 'employee_id'), by('loop', 'pong_id')],
      provides: { loop: 'id' },
    },
    pong: { ...office, table: 'pong', label: 'Pong', opened_by: [by('loop', 'ping_id')], provides: { loop: 'id' } },
    memberships: {
      ...office,
      key: ['employee_id', 'group_id'],
      table: 'memberships',
      label: 'Memberships',
      opened_by: [by('employee', 'employee_id', 'bridge')],
      provides: { group: 'group_id' },
    },
    groups: { ...office, table: 'groups', label: 'Groups', opened_by: [by('group', 'id', 'shared')] },
    visits: {
      ...office,
      key: ['site', 'number'],
      table: 'visits',
      label: 'Visits',
      opened_by: [by('employee', 'employee_id')],
      provides: { visit: ['site', 'number'], badge: 'badge' },
    },
    photos: { ...office, table: 'photos', label: 'Photos', opened_by: [by('visit', ['site', 'number'])] },
    swipes: {
      source: 'door',
      key: 'id',
      table: 'swipes',
      label: 'Swipes',
      opened_by: [by('badge', 'badge')],
      provides: { link: 'card' },
    },
    cards: { ...office, table: 'cards', label: 'Cards', opened_by: [by('link', 'number')] },
    // One row for a household: everybody in it finds it, and none of it is anybody's way to the others.
    homes: {
      ...office,
      table: 'homes',
      label: 'Homes',
      opened_by: [by('household', 'id', 'shared')],
      provides: { employee: 'head_id', email: 'head_email', meter: 'meter' },
    },
    residents: {
      ...office,
      table: 'residents',
      label: 'Residents',
      opened_by: [by('employee', 'employee_id')],
      provides: { household: 'home_id' },
    },
    meters: { ...office, table: 'meters', label: 'Meters', opened_by: [by('meter', 'id', 'bridge')], provides: { reading: 'series' } },
    readings: { ...office, table: 'readings', label: 'Readings', opened_by: [by('reading', 'series')] },
    // A person's row that the household may open: the others in it are other people.
    profiles: {
      ...office,
      table: 'profiles',
      label: 'Profiles',
      is_person: true,
      opened_by: [by('email', 'email'), by('household', 'home_id', 'shared')],
    },
    parcels: {
      ...office,
      table: 'parcels',
      label: 'Parcels',
      opened_by: [by('email', 'email')],
      refs: { profile: { collection: 'profiles', columns: 'profile_id' } },
    },
    newsletters: { ...office, table: 'newsletters', label: 'Newsletters', opened_by: [by('email', 'email')] },
  },
})

const SCHEMA = `
  create table employees (id int primary key, email text, manager_id int references employees);
  create table comments (id int primary key, employee_id int, parent_id int references comments);
  create table folders (id int primary key, employee_id int, parent_id int references folders);
  create table ping (id int primary key, employee_id int, pong_id int);
  create table pong (id int primary key, ping_id int);
  create table memberships (employee_id int, group_id int, primary key (employee_id, group_id));
  create table groups (id int primary key, name text);
  create table visits (site text, number int, employee_id int, badge text, primary key (site, number));
  create table photos (id int primary key, site text, number int);
  create table cards (id int primary key, number text);
  create table homes (id int primary key, head_id int, head_email text, meter text);
  create table residents (id int primary key, employee_id int, home_id int);
  create table meters (id text primary key, series int);
  create table readings (id int primary key, series int);
  create table newsletters (id int primary key, email text);
  create table profiles (id int primary key, email text, home_id int);
  create table parcels (id int primary key, email text, profile_id int);
  create schema door;
  create table door.swipes (id int primary key, badge text, card text);
  insert into employees values (7, 'maria@example.com', null), (1, 'ada@example.com', 7), (3, 'noor@example.com', 1);
  insert into comments values (1, 7, null), (2, 1, 1), (3, 7, 2), (4, 3, 3), (5, null, 2), (6, 7, null);
  insert into folders select n, case n when 1 then 1 end, nullif(n - 1, 0) from generate_series(1, 60) n;
  insert into folders values (100, 7, null), (101, null, 100);
  insert into ping values (1, 1, null), (2, null, 11), (3, 7, null), (4, null, 13);
  insert into pong values (11, 1), (12, 2), (13, 3), (14, null);
  insert into memberships values (1, 1), (7, 1), (7, 2);
  insert into groups values (1, 'chess'), (2, 'choir');
  insert into visits values ('A', 1, 1, 'ada-badge'), ('A', 2, 7, 'maria-badge'), ('B', 1, 7, null), ('B', 2, 1, null), ('C', 1, null, 'lost');
  insert into photos values (1, 'A', 1), (2, 'A', 2), (3, 'B', 1), (4, 'B', 2), (5, null, 1), (6, 'B', null);
  insert into door.swipes values (1, 'ada-badge', 'c1'), (2, 'maria-badge', 'c7'), (3, null, 'c9'), (4, 'ada-badge', null);
  insert into cards values (1, 'c1'), (7, 'c7'), (9, null);
  insert into residents values (1, 1, 5), (2, 7, 5), (3, 7, 6), (4, 3, null);
  insert into homes values (5, 7, 'maria@example.com', 'm5'), (6, 7, 'maria@example.com', 'm6');
  insert into profiles values (1, 'ada@example.com', 5), (2, 'maria@example.com', 5);
  insert into parcels values (1, 'ada@example.com', 1), (2, 'ada@example.com', 2), (3, 'ada@example.com', null);
  insert into meters values ('m5', 50), ('m6', 60);
  insert into readings values (1, 50), (2, 60);
  insert into newsletters values (1, 'ada@example.com'), (7, 'maria@example.com');`

const ADA: Identifiers = { email: [['ada@example.com']] }

let offices: Company
let sources: Map<string, Source>
let survey: Survey

beforeAll(async () => {
  offices = await openCompany(policy, SCHEMA, 'office')
  const door = await openCompany(policy, SCHEMA, 'door')
  sources = new Map<string, Source>([
    ['office', offices.source],
    ['door', door.source],
  ])
  survey = await walk(policy, sources, ADA)
})

function looked(collection: string): Looked {
  const found = survey.looked.find((one) => one.collection === collection)
  if (found === undefined) throw new TypeError(`nothing opens ${collection}`)
  return found
}

async function hers(collection: string): Promise<string[]> {
  const declared = policy.collections.get(collection)
  const source = sources.get(declared?.source ?? '')
  if (declared === undefined || source === undefined || source.kind === 'manual') throw new TypeError(collection)
  const openings: readonly Opening[] = deciding(declared, looked(collection).openings)
  return (await source.keys({ collection, openings, side: 'ours' }, 100)).map((key) => key.join('.'))
}

test('the policy fits the databases', async () => {
  for (const source of sources.values()) if (source.kind !== 'manual') expect(await source.check()).toEqual([])
})

describe('rows that point at rows of the same table', () => {
  test('an employee’s manager and staff are other people, and her own row stays hers', async () => {
    expect(looked('employees').found).toMatchObject({ rows: 1, shared_rows: 0, persons: [['1']] })
    expect(survey).toMatchObject({ persons: 2, ambiguous: [] })
    expect(await hers('employees')).toEqual(['1'])
  })

  test('an answer to Ada’s comment is shared, an answer to that answer too, and no other thread is reached', async () => {
    expect(await hers('comments')).toEqual(['2'])
    expect(looked('comments').found).toMatchObject({ rows: 1, shared_rows: 3 })
    expect(survey.identifiers['comment']).toEqual([['2']])
  })

  test('a tree of sixty folders is hers down to the last, and Maria’s is not', async () => {
    expect(await hers('folders')).toHaveLength(60)
    expect(looked('folders').found).toMatchObject({ rows: 60, shared_rows: 0 })
  })
})

describe('tables that point at each other', () => {
  test('are followed around until nothing is new', async () => {
    expect([await hers('ping'), await hers('pong')]).toEqual([
      ['1', '2'],
      ['11', '12'],
    ])
  })
})

describe('a table between two others', () => {
  test('is passed through, and what lies behind is shared', async () => {
    expect(looked('memberships').found).toMatchObject({ rows: 0, shared_rows: 0, provides: { group: [['1']] } })
    expect(looked('groups').found).toMatchObject({ rows: 0, shared_rows: 1 })
    expect(await hers('memberships')).toEqual([])
  })
})

describe('a key of several columns', () => {
  test('leads on as a whole; a part that is null leads nowhere', async () => {
    expect(await hers('visits')).toEqual(['A.1', 'B.2'])
    expect(await hers('photos')).toEqual(['1', '4'])
  })
})

describe('another database', () => {
  test('is opened by what the first gave, and leads back into it', async () => {
    expect(await hers('swipes')).toEqual(['1', '4'])
    expect(await hers('cards')).toEqual(['1'])
    expect(looked('cards').path).toEqual(['email', 'employees', 'employee', 'visits', 'badge', 'swipes', 'link', 'cards'])
  })
})

describe('a row that Ada shares with Maria', () => {
  test('gives neither Maria’s number nor her address', async () => {
    expect(looked('homes').found).toMatchObject({ rows: 0, shared_rows: 1 })
    expect(survey.identifiers['employee']).toEqual([['1']])
    expect(await hers('newsletters')).toEqual(['1'])
    expect(await hers('residents')).toEqual(['1'])
  })

  test('opens no second person: what points at Maria’s profile is also Maria’s', async () => {
    expect(looked('profiles').found).toMatchObject({ rows: 1, shared_rows: 1, persons: [['1']] })
    expect(await hers('profiles')).toEqual(['1'])
    expect(await hers('parcels')).toEqual(['1', '3'])
    expect(looked('parcels').found).toMatchObject({ rows: 2, shared_rows: 1 })
  })

  test('leads on, also over a bridge, but what it leads to is shared, not hers', async () => {
    expect(looked('readings').found).toMatchObject({ rows: 0, shared_rows: 1 })
    expect(await hers('readings')).toEqual([])
    expect(survey.identifiers).not.toHaveProperty('meter')
    expect(survey.identifiers).not.toHaveProperty('reading')
    expect(looked('meters').found).toMatchObject({ provides: { reading: [] }, lends: { reading: [['50']] } })
  })

  test('is hers to give on from when a row of her own gives the same', async () => {
    const { looked: again } = await walk(policy, sources, { ...ADA, meter: [['m5']] })
    expect(again.find(({ collection }) => collection === 'readings')?.found).toMatchObject({ rows: 1, shared_rows: 0 })
  })
})

test('rows that lead on and on are given up with a word about where', async () => {
  await offices.admin.query(
    `insert into folders select n, case n when 1000 then 3 end, nullif(n - 1, 999) from generate_series(1000, 1200) n`,
  )
  const endless = walk(policy, sources, { email: [['noor@example.com']] })
  await expect(endless).rejects.toThrow(SourceError)
  await expect(endless).rejects.toThrow(
    'office.folders: its rows still lead to new identifiers after 100 rounds, which no person’s rows do; look at what provides them',
  )
})

test('more identifiers than one person has are given up, without a word of them', async () => {
  await offices.admin.query(`insert into folders select n, 3, null from generate_series(200000, 300000) n`)
  await expect(walk(policy, sources, { employee: [['3']] })).rejects.toThrow(
    'office.folders: it gives more than 100000 values of folder, which are not one person’s',
  )
})
