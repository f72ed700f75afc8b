import { describe, expect, test } from 'vitest'

import { StartupError } from '../../src/errors.ts'
import { openSources } from '../../src/sources/sources.ts'
import { createDatabase, onClose } from '../support/database.ts'
import { openCompany } from './contract.ts'
import { policyOf, type Written } from './policy.ts'

const two = policyOf({
  sources: {
    shop: { kind: 'postgres', label: 'the shop', mode: 'enforce' },
    'back-office': { kind: 'postgres', label: 'the back office' },
    cabinet: { kind: 'manual', label: 'Paper files' },
  },
  collections: {},
})

async function refused(urls: Readonly<Record<string, string>>): Promise<string> {
  const error: unknown = await openSources(two, urls).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(StartupError)
  return error instanceof StartupError ? error.message : ''
}

describe('opening the sources', () => {
  test('names every setting that is missing, at once', async () => {
    expect(await refused({})).toBe(
      'The sources cannot be opened:\n  SOURCE_BACK_OFFICE_URL: expected the address of the back office, got nothing\n  SOURCE_SHOP_URL: expected the address of the shop, got nothing',
    )
  })

  test('says which system does not answer, and leaves the others closed', async () => {
    const { url } = await createDatabase()
    const message = await refused({ shop: url, back_office: 'postgres://nobody:secret@127.0.0.1:1/x' })
    expect(message).toBe('The sources cannot be opened:\n  SOURCE_BACK_OFFICE_URL: back-office: it cannot be reached (ECONNREFUSED)')
  })

  test('does not repeat a password from an address that is none', async () => {
    const { url } = await createDatabase()
    const missing = new URL(url)
    missing.pathname = '/no_such_database'
    expect(await refused({ shop: missing.href, 'back-office': url })).toContain(
      'SOURCE_SHOP_URL: shop: its database does not exist (3D000)',
    )
    expect(await refused({ shop: 'not an address: secret', 'back-office': url })).not.toContain('secret')
  })

  test('gives each by its name', async () => {
    const { url } = await createDatabase()
    const sources = await openSources(two, { shop: url, 'back-office': url })
    onClose('the sources', () => sources.close())
    expect(sources.get('shop').kind).toBe('postgres')
    expect(sources.get('cabinet').kind).toBe('manual')
    expect(() => sources.get('other')).toThrow(TypeError)
    expect(await sources.check()).toEqual([])
    expect(await sources.walk({ email: [['ada@example.com']] })).toMatchObject({ looked: [], manual: ['cabinet'] })
  })
})

const SCHEMA = `
  create domain address as text;
  create table people (id int primary key, email address not null, born text, joined date, plan int, made int generated always as (id * 2) stored, extra json);
  create table pairs (a int, b int, note text, primary key (a, b));
  create table loose (n int, person int);
  create table daily (day date, n text);`

async function problemsOf(written: Written): Promise<string[]> {
  const { source } = await openCompany(policyOf(written), SCHEMA)
  return (await source.check()).map(({ collection, sentence }) => `${collection}: ${sentence}`)
}

const people = { source: 'shop', table: 'people', label: 'People', key: 'id' }

describe('the map and the schema', () => {
  test('fit when every table and column is there and of the right kind', async () => {
    expect(
      await problemsOf({
        collections: {
          people: {
            ...people,
            fields: { email: {}, born: {} },
            opened_by: [{ identifier: 'email', columns: 'email' }],
            set: { born: null, joined: { truncate: 'month' }, email: { value: 'gone' } },
          },
          pairs: {
            source: 'shop',
            table: 'pairs',
            label: 'Pairs',
            key: ['b', 'a'],
            refs: { person: { collection: 'people', columns: 'a' } },
          },
        },
        retention: {
          pairs: {
            category: 'x',
            promise: 'x',
            collection: 'pairs',
            starts: 'person.joined',
            period: { days_from: 'person.plan' },
            action: 'delete',
          },
        },
      }),
    ).toEqual([])
  })

  test('do not when something is missing: all of it is said', async () => {
    expect(
      await problemsOf({
        identifiers: { email: { label: 'E-mail', compare: 'email' }, other: { label: 'Other' } },
        collections: {
          gone: { source: 'shop', table: 'gone', label: 'Gone', key: 'id' },
          people: {
            ...people,
            fields: { nothing: {} },
            opened_by: [
              { identifier: 'email', columns: 'plan' },
              { identifier: 'other', columns: 'extra' },
            ],
            provides: { email: 'mail' },
            set: { email: null, made: { value: 1 }, born: { truncate: 'day' }, id: { value: 1 } },
            restrict_with: { restricted: true },
            organisation_controls: { 'team.plan': 'x' },
          },
          loose: {
            source: 'shop',
            table: 'loose',
            label: 'Loose',
            key: 'n',
            refs: { pair: { collection: 'pairs', columns: 'n' }, person: { collection: 'people', columns: 'person' } },
          },
          pairs: {
            source: 'shop',
            table: 'pairs',
            label: 'Pairs',
            key: ['a', 'b'],
            refs: { person: { collection: 'people', columns: 'note' } },
          },
        },
        retention: {
          late: {
            category: 'x',
            promise: 'x',
            collection: 'people',
            starts: 'born',
            period: { days_from: 'joined' },
            when: { gone: 1 },
            action: 'anonymise',
            aggregate: {
              into: 'daily',
              dimensions: { day: { day_of: 'plan' }, kind: 'plan' },
              count: 'n',
              distinct: { of: 'who', into: 'people' },
            },
          },
        },
      }),
    ).toEqual([
      'gone: table public.gone: expected to exist and be visible to our role, got nothing',
      'people: people.nothing (a field): expected a column, got nothing of that name',
      'people: people.plan: expected text, as addresses are, got integer',
      'people: people.extra: expected a type that can be compared, got json',
      'people: people.mail (provides): expected a column, got nothing of that name',
      'people: people.email: expected a column that may be null, got text not null',
      'people: people.made: expected a column that can be set, got integer, generated',
      'people: people.id: expected a column outside the key, got integer not null',
      'people: people.restricted (set): expected a column, got nothing of that name',
      'people: people (condition): expected a ref team for team.plan, got none',
      'people: people.born: expected a date or a time, got text',
      'people: people.joined: expected a whole number of days, got date',
      'people: people.gone (condition): expected a column, got nothing of that name',
      'people: people.plan: expected a date or a time, got integer',
      'people: people.who (distinct of late): expected a column, got nothing of that name',
      'people: daily.kind (aggregate of late): expected a column, got nothing of that name',
      'people: daily.people (aggregate of late): expected a column, got nothing of that name',
      'people: daily.n (aggregate of late): expected a whole number, got text',
      'loose: loose (key): expected n to be the primary key or unique, got neither',
      'loose: loose (ref pair): expected 2 column(s) as in the key of pairs, got 1',
      'pairs: pairs.note: expected integer as in the key of people, got text',
      'people: people.born: expected a date or a time, got { truncate: day } for text',
    ])
  })

  test('are compared anew each time: a column that goes while we run is seen', async () => {
    const { source, admin } = await openCompany(policyOf({ collections: { people: { ...people, fields: { born: {} } } } }), SCHEMA)
    expect(await source.check()).toEqual([])
    await admin.query('alter table people drop column born')
    expect(await source.check()).toHaveLength(1)
  })
})
