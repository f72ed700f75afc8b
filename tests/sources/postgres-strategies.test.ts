import { createHmac } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'

import type { Strategy } from '../../src/policy/schema.ts'
import type { Opening, Outcome } from '../../src/sources/source.ts'
import { openCompany, opening, type Company } from './contract.ts'
import { policyOf } from './policy.ts'

const KEY = 'a1'.repeat(32)
const OTHER_KEY = 'b2'.repeat(32)

const policy = policyOf({
  identifiers: { email: { label: 'E-mail', compare: 'email' }, person: { label: 'Person' } },
  collections: {
    things: {
      source: 'shop',
      table: 'things',
      label: 'Things',
      key: ['id', 'part'],
      opened_by: [{ identifier: 'person', columns: 'owner' }],
    },
  },
})

const SCHEMA = `
  create type colour as enum ('red', 'Unknown', 'green');
  create domain plain as text check (value ~ '^[a-z]+$');
  create table things (id int, part text, owner int not null, primary key (id, part), body text, short varchar(12), mail text, token uuid, ip inet,
    net cidr, seen_from text, must text not null default '1.2.3.4', postcode varchar(10), unique_name varchar(30) unique, unique_mail text, hue colour,
    n numeric(5, 2), yes boolean, born date, at timestamptz, data jsonb, text_data json, tags text[], kept_by plain, raw bytea, char_code char(20), code varchar(16),
    keys uuid[], seats int[], hosts inet[], grid text[], seen timestamp(0), spent numeric(5, 2)[]);
  create unique index on things (lower(unique_mail));`

let company: Company
let step = 0

beforeAll(async () => {
  company = await openCompany(policy, SCHEMA)
})

/** Rows with these values of one column, changed as their person asked; what they hold then, in the order of their keys. */
async function changed(
  column: string,
  strategy: Strategy,
  values: readonly unknown[],
  { key = KEY, openings = [], part = 'a' }: { key?: string | null; openings?: readonly Opening[]; part?: string } = {},
): Promise<readonly unknown[]> {
  await company.admin.query('delete from things')
  for (const [index, value] of values.entries()) {
    await company.admin.query(`insert into things (id, part, owner, ${column}) values ($1, $2, 7, $3)`, [index, part, value])
  }
  const outcome = await apply(column, strategy, key, openings)
  expect(outcome.left).toEqual({ things: 0 })
  const first = await read(column)
  // A second run finds the rows as they should be, and leaves them so.
  await apply(column, strategy, key, openings)
  expect(await read(column)).toEqual(first)
  return first
}

async function apply(column: string, strategy: Strategy, key: string | null, openings: readonly Opening[]): Promise<Outcome> {
  step++
  return company.source.apply({
    step: `step ${step}`,
    batch: 0,
    changes: [
      {
        selection: { collection: 'things', side: 'ours', openings: [opening('person', 'owner', ['7']), ...openings] },
        action: { kind: 'set', set: { [column]: strategy } },
        limit: 100,
      },
    ],
    ...(key === null ? {} : { pseudonym_key: key }),
  })
}

async function read(column: string): Promise<unknown[]> {
  const { rows } = await company.admin.query<{ value: unknown }>(`select ${column}::text as value from things order by id, part`)
  return rows.map(({ value }) => value)
}

describe('truncate', () => {
  test('ip keeps the network of an address', async () => {
    expect(await changed('ip', { truncate: 'ip' }, ['203.0.113.77', '203.0.113.77/16', '2001:db8:1:2::3', null])).toEqual([
      '203.0.113.0/24',
      '203.0.0.0/16',
      '2001:db8:1::/48',
      null,
    ])
    expect(await changed('net', { truncate: 'ip' }, ['10.1.2.3/32', '10.0.0.0/8'])).toEqual(['10.1.2.0/24', '10.0.0.0/8'])
  })

  test('ip of a text that is no address keeps nothing of it', async () => {
    const texts = [
      ' 203.0.113.77 ',
      '2001:DB8:1:2::3',
      '::1',
      '::ffff:1.2.3.4',
      '1.2.3.4, 5.6.7.8',
      '999.1.1.1',
      'Ada',
      '',
      '1::2::3',
      'fe80::1%eth0',
    ]
    expect(await changed('seen_from', { truncate: 'ip' }, texts)).toEqual([
      '203.0.113.0',
      '2001:db8:1::',
      '::',
      ...Array.from({ length: 7 }, () => null),
    ])
    expect(await changed('must', { truncate: 'ip' }, ['9.9.9.9', 'Ada'])).toEqual(['9.9.9.0', 'removed'])
  })

  test('postcode keeps its first half', async () => {
    expect(await changed('postcode', { truncate: 'postcode' }, ['1012 AB', 'SW1A 1AA', '10115', 'x', '', null])).toEqual([
      '101****',
      'SW1A****',
      '10***',
      '*',
      '',
      null,
    ])
  })
})

describe('a pseudonym', () => {
  const hmac = (text: string, digits: number) => createHmac('sha256', Buffer.from(KEY, 'hex')).update(text).digest('hex').slice(0, digits)

  test('is the HMAC of the value, and equal for equal values', async () => {
    const head = hmac('value:Ada', 40)
    const whole = head + hmac(`tag:${head}`, 24)
    expect(await changed('body', { pseudonym: true }, ['Ada', 'Ada', 'ada', null])).toEqual([
      whole,
      whole,
      expect.stringMatching(/^[0-9a-f]{64}$/),
      null,
    ])
    const shorter = hmac('value:Ada', 10) + hmac(`tag:${hmac('value:Ada', 10)}`, 6)
    expect(await changed('code', { pseudonym: true }, ['Ada'])).toEqual([shorter])
    expect(await changed('char_code', { pseudonym: true }, ['Ada'])).toEqual([expect.stringMatching(/^[0-9a-f]{20}$/)])
  })

  test('differs between cases', async () => {
    const [one] = await changed('body', { pseudonym: true }, ['Ada'])
    const [two] = await changed('body', { pseudonym: true }, ['Ada'], { key: OTHER_KEY })
    expect(two).not.toBe(one)
  })

  test('of a uuid is a uuid', async () => {
    const id = '6f1c2a3b-0000-4000-8000-000000000001'
    const [one, two, none] = await changed('token', { pseudonym: true }, [id, id, null])
    expect([one, none]).toEqual([expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/), null])
    expect(two).toBe(one)
    expect(one).not.toBe(id)
  })

  test('needs the key of a case', async () => {
    await expect(changed('body', { pseudonym: true }, ['Ada'], { key: null })).rejects.toThrow(
      'shop.things: things.body: a pseudonym needs the key',
    )
  })
})

describe('a replacement says nothing', () => {
  test.each<[string, unknown, unknown]>([
    ['body', 'Ada', 'removed'],
    ['short', 'Ada', 'removed'],
    ['mail', 'ada@example.com', expect.stringMatching(/^removed-[0-9a-f]{32}@removed\.invalid$/)],
    ['token', '6f1c2a3b-0000-4000-8000-000000000001', expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/)],
    ['ip', '1.2.3.4', '0.0.0.0/32'],
    ['net', '1.2.3.0/24', '0.0.0.0/0'],
    ['hue', 'red', 'Unknown'],
    ['n', '12.50', '0.00'],
    ['yes', true, 'false'],
    ['born', '1990-05-06', '1990-01-01'],
    ['data', '{"name": "Ada"}', '{}'],
    ['text_data', '{"name": "Ada"}', '{}'],
    ['tags', ['a', 'b'], '{}'],
    ['raw', '\\x1234', '\\x'],
    ['kept_by', 'ada', 'removed'],
    ['char_code', 'Ada', 'removed'],
  ])('in %s', async (column, before, after) => {
    expect(await changed(column, { replace: true }, [before, null])).toEqual([after, null])
  })

  test('and differs from row to row where rows must differ', async () => {
    const names = await changed('unique_name', { replace: true }, ['Ada', 'Noor', 'Eve'])
    expect(new Set(names).size).toBe(3)
    expect(names).toEqual(names.map(() => expect.stringMatching(/^removed-[0-9a-f]{22}$/)))
    expect(new Set(await changed('unique_mail', { replace: true }, ['Ada@a.nl', 'noor@a.nl'])).size).toBe(2)
    // Without the key of a case, as in a retention run, it is made of the key of the row alone.
    expect(await changed('unique_name', { replace: true }, ['Ada'], { key: null })).not.toEqual(names.slice(0, 1))
  })
})

describe('redact', () => {
  test('takes addresses, numbers and what identifies the person out of a text', async () => {
    const openings = [
      opening('email', 'mail', ['Ada@example.com'], { compare: 'email' }),
      opening('person', 'owner', ['4711-x', 'ab', 'removed']),
    ]
    const texts = [
      'Ada@example.com, bob@x.com; +49 30 123456 NL91ABNA0417164300 4111 1111 1111 1111 from 10.0.0.1',
      'Order 4711-x and 4711-xy of ab was removed [removed]',
      null,
      'nothing',
    ]
    expect(await changed('body', { redact: true }, texts, { openings })).toEqual([
      '[removed], [removed]; [removed] [removed] [removed] from [removed]',
      'Order [removed] and 4711-xy of ab was removed [removed]',
      null,
      'nothing',
    ])
  })

  test('says only that it was removed when the rest has no room', async () => {
    expect(await changed('short', { redact: true }, ['to a@b.nl ok', 'a@b.nl'])).toEqual(['[removed]', '[removed]'])
  })
})

describe('parts of a value', () => {
  const openings = [opening('email', 'mail', ['Ada@example.com', "o'x"], { compare: 'email' })]

  test('go from an array', async () => {
    const values = [['ada@example.com', 'noor@example.com', null], ['ADA@example.com'], ['noor'], [], null]
    expect(await changed('tags', { remove: 'email' }, values, { openings })).toEqual([
      '{noor@example.com,NULL}',
      '{}',
      '{noor}',
      '{}',
      null,
    ])
  })

  test.each(['data', 'text_data'])('go from a list in %s', async (column) => {
    const values = ['["ada@example.com", 1, {"a": "ada@example.com"}, null]', '["noor"]', '{"a": 1}', '"ada@example.com"', null]
    const found = await changed(column, { remove: 'email' }, values, { openings })
    expect(found.map((value) => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value))).toEqual([
      [1, { a: 'ada@example.com' }, null],
      ['noor'],
      { a: 1 },
      'ada@example.com',
      null,
    ])
  })

  test.each(['data', 'text_data'])('go by their paths from %s', async (column) => {
    const values = ['{"customer": {"mail": "x", "id": 1}, "note": null}', '{"customer": ["x"]}', '{"customer": "x"}', '[1]', '5', null]
    const found = await changed(column, { drop: ['customer.mail', 'note'] }, values)
    expect(found.map((value) => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value))).toEqual([
      { customer: { id: 1 } },
      { customer: ['x'] },
      { customer: 'x' },
      [1],
      5,
      null,
    ])
  })
})

describe('what a column keeps in its own way', () => {
  test('is settled: a number is rounded, a time loses its fractions', async () => {
    expect(await changed('n', { value: 1.234 }, [7, null])).toEqual(['1.23', '1.23'])
    expect(await changed('seen', { value: '2026-01-02 03:04:05.6' }, ['2025-01-01'])).toEqual(['2026-01-02 03:04:06'])
    expect(await changed('spent', { value: '{1.234}' }, ['{7}'])).toEqual(['{1.23}'])
  })

  test('is the same value in another writing, and goes', async () => {
    const id = 'aaaaaaaa-0000-4000-8000-00000000000f'
    const mine = (value: string) => ({ openings: [opening('token', 'keys[]', [value, 'no such value'])] })
    expect(await changed('keys', { remove: 'token' }, [`{${id},${id.replace('f', 'e')}}`], mine(id.toUpperCase()))).toEqual([
      `{${id.replace('f', 'e')}}`,
    ])
    expect(await changed('seats', { remove: 'token' }, ['{7,70}'], mine('7'))).toEqual(['{70}'])
    expect(await changed('hosts', { remove: 'token' }, ['{10.0.0.1,10.0.0.2}'], mine('10.0.0.1'))).toEqual(['{10.0.0.2}'])
  })

  test('with more than one dimension stays whole, and is counted as left', async () => {
    await company.admin.query('delete from things')
    await company.admin.query(`insert into things (id, part, owner, grid) values (1, 'a', 7, '{{ada,x},{y,z}}'), (2, 'a', 7, '{ada,x}')`)
    const { left } = await apply('grid', { remove: 'token' }, null, [opening('token', 'grid[]', ['ada'])])
    expect(left).toEqual({ things: 1 })
    expect(await read('grid')).toEqual(['{{ada,x},{y,z}}', '{x}'])
  })
})
