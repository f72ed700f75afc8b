import { beforeAll, describe, expect, test } from 'vitest'

import type { Opening } from '../../src/sources/source.ts'
import { walk } from '../../src/sources/walk.ts'
import { openCompany, opening, textOf, type Company } from './contract.ts'
import { policyOf } from './policy.ts'

const policy = policyOf({
  identifiers: { email: { label: 'E-mail', compare: 'email' }, any: { label: 'Anything' } },
  collections: {
    people: {
      source: 'shop',
      table: 'people',
      label: 'People',
      key: 'id',
      is_person: true,
      opened_by: [{ identifier: 'email', columns: 'mail' }],
      provides: { any: 'plain' },
    },
  },
})

const UUID = '6f1c2a3b-0000-4000-8000-00000000000a'
const KILOBYTES = 'x'.repeat(64 * 1024)
/** Rows of other people, who must not be found by what merely looks like theirs; some hold what nobody should hold. */
const PLAIN = [
  'ada@example.com',
  'ADA@example.com',
  'аda@example.com',
  'm\u0131ke@example.com',
  'é',
  'e\u0301',
  '%',
  '_',
  '',
  ' ',
  '\u00A0',
  '\u200B',
  '{a,b}',
  '{"a"}',
  '"',
  "'",
  '\\',
  'null',
  'NULL',
  '42',
  '042',
  ' 42',
  '+42',
  '1e3',
  '1000',
  'a',
  'a ',
  KILOBYTES,
  '$1',
  '$$',
  "x') or true --",
]
const HOSTILE = [
  ...new Set([
    ...PLAIN,
    ...[
      '\0',
      'ada@example.com\0',
      '\uD800',
      '\t',
      '\n',
      '\u2003',
      '\uFEFF',
      '\u3164',
      '\u00AD',
      '\u2060',
      'ada@example.com ',
      ' ada@example.com',
      'ada@example.com\u00A0',
    ],
    ...[
      'ada%',
      'a_a@example.com',
      'ADA@EXAMPLE.COM',
      'ada@example。com',
      'ａda@example.com',
      'adá@example.com',
      '\u212A',
      'mike@example.com',
    ],
    ...[
      "' or '1'='1",
      "'; drop table people; --",
      '"; drop',
      '\\x00',
      "E'\\x41'",
      '{}',
      '{NULL}',
      '{42}',
      '{{42}}',
      '[1]',
      '[42]',
      '"42"',
      '{"id": 42}',
      '["ada@example.com"]',
      'ROW(1)',
      '(1,2)',
    ],
    ...[
      '0',
      '-0',
      '42.0',
      '42.',
      '4.2e1',
      '0x2a',
      '0o52',
      '0b101010',
      '4_2',
      '٤٢',
      '42\n',
      '--42',
      '-42',
      '2147483648',
      '9223372036854775808',
      '9'.repeat(40),
      '9'.repeat(5000),
      'NaN',
      'Infinity',
      '-Infinity',
    ],
    ...[UUID, UUID.toUpperCase(), `{${UUID}}`, UUID.replaceAll('-', ''), ` ${UUID}`, UUID.replace('6f', '６f')],
    ...[
      '2026-11-20',
      '20261120',
      '2026-11-20 ',
      'Nov 20 2026',
      '2026-11-20 00:00:00+00',
      'today',
      'now',
      'epoch',
      'infinity',
      'J2461365',
      'true',
      't',
      'yes',
      'on',
      '1',
      'active',
      'Active',
      ' active',
      'gone',
      `${KILOBYTES}%`,
    ],
  ]),
]

const SCHEMA = `
  create extension if not exists citext;
  create type state as enum ('active', 'gone', '42');
  create collation folding (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
  create table people (id int generated always as identity primary key, plain text, mail varchar(70000), folded citext, same text collate folding, padded char(20),
    whole int, big bigint, small smallint, exact numeric, rough float8, token uuid, day date, at timestamptz, flag boolean, state state,
    list text[], wholes int[], folds citext[], tokens uuid[], document jsonb, old json, hall text, chair int);
  insert into people (hall) values (null);
  insert into people (whole, big, small, exact, rough, token, day, at, flag, state, wholes, tokens, hall, chair)
    values (42, 42, 42, 42, 42, '${UUID}', '2026-11-20', '2026-11-20 00:00:00+00', true, 'active', '{42,NULL}', '{${UUID},NULL}', '42', 42),
      (1000, 1000, 1000, 1000.0, 1000, null, '2027-01-01', '2027-01-01 00:00:00+00', false, '42', '{1000,42}', '{}', '{a,b}', 1000),
      (0, 0, 0, 42.00, 'NaN', null, null, null, null, null, null, null, '%', 0);`

interface Kind {
  readonly name: string
  readonly path: string
  /** The texts that stand there, as SQL over the row. */
  readonly texts: string
  readonly compare?: Opening['compare']
  readonly when?: Opening['when']
}

const element = (sql: string): string => `array(select v.e::text from unnest(${sql}) v(e))`
const KINDS: readonly Kind[] = [
  ...['plain', 'mail', 'folded', 'same', 'padded', 'whole', 'big', 'small', 'exact', 'rough', 'token', 'day', 'at', 'flag', 'state'].map(
    (path) => ({ name: path, path, texts: `array[${path}::text]` }),
  ),
  ...['list', 'wholes', 'folds', 'tokens'].map((list) => ({ name: `${list}[]`, path: `${list}[]`, texts: element(list) })),
  { name: 'mail as an address', path: 'mail', texts: 'array[mail]', compare: 'email' },
  { name: 'citext as an address', path: 'folded', texts: 'array[folded::text]', compare: 'email' },
  { name: 'list[] as addresses', path: 'list[]', texts: element('list'), compare: 'email' },
  { name: 'jsonb', path: 'document->owner->id', texts: `array[document #>> '{owner,id}']` },
  { name: 'jsonb[]', path: 'document->people[]->id', texts: `array(select p ->> 'id' from jsonb_array_elements(document -> 'people') p)` },
  { name: 'json', path: 'old->id', texts: `array[old ->> 'id']` },
  { name: 'plain, only some', path: 'plain', texts: `case when hall = 'A' then array[plain] end`, when: { hall: 'A' } },
]

let company: Company

beforeAll(async () => {
  company = await openCompany(policy, SCHEMA)
  const json = (value: string) => JSON.stringify({ owner: { id: value }, people: [{ id: 'other' }, { id: value }, {}, null], id: value })
  await company.admin.query(
    `insert into people (plain, mail, folded, same, padded, list, folds, document, old, hall)
     select v, v, v, v, left(v, 20), array['other', v, null], array['other', v]::citext[], d::jsonb, d::json, case when n % 2 = 0 then 'A' else 'B' end
     from unnest($1::text[], $2::text[]) with ordinality u(v, d, n)`,
    [PLAIN, PLAIN.map(json)],
  )
  await company.admin.query(`insert into people (document, old) values ('{"owner": {"id": 42}, "people": [{"id": 1000}]}', '{"id": 1e3}')`)
})

/** Nothing that can be seen: opens nobody, also where it stands in a row. */
const says = (value: string) => /[^\p{Z}\p{C}\u{3164}]/u.test(value)
const folded = (value: string) => value.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
const isUuid = ({ path }: Kind) => path.startsWith('token')
const written = (kind: Kind, value: string) => (kind.compare === 'email' || (isUuid(kind) && value.length === 36) ? folded(value) : value)

const oracles = new Map<string, (value: string) => string[]>()

/** Who is to be found by a value: read row by row, and compared here. */
async function expected(kind: Kind): Promise<(value: string) => string[]> {
  const known = oracles.get(kind.name)
  if (known !== undefined) return known
  const { rows } = await company.admin.query<{ id: number; texts: (string | null)[] | null }>(
    `select id, ${kind.texts} as texts from people order by id`,
  )
  const standing = rows.map(({ id, texts }) => ({
    id: String(id),
    texts: (texts ?? []).map((text) => (text === null ? null : written(kind, text))),
  }))
  const oracle = (value: string) => {
    if (!says(value) || !value.isWellFormed() || value.includes('\0')) return []
    const wanted = written(kind, value)
    return standing.flatMap(({ id, texts }) => (texts.includes(wanted) ? [id] : []))
  }
  oracles.set(kind.name, oracle)
  return oracle
}

const shown = (value: string) => (value.length > 100 ? `${value.slice(0, 10)}… ${value.length}` : JSON.stringify(value))

async function keysBy(openings: readonly Opening[]): Promise<string[]> {
  return (await company.source.keys({ collection: 'people', openings, side: 'ours' }, 1000)).map(([id]) => id ?? '')
}

const openingOf = ({ path, compare, when }: Kind, values: readonly string[]) =>
  opening('any', path, values, { compare: compare ?? 'exact', ...(when === undefined ? {} : { when }) })

describe.each(KINDS)('$name', (kind) => {
  test('is opened by exactly what stands there, whatever is asked', async () => {
    const rows = await expected(kind)
    const each = await Promise.all(HOSTILE.map(async (value) => [shown(value), ...(await keysBy([openingOf(kind, [value])]))]))
    expect(each).toEqual(HOSTILE.map((value) => [shown(value), ...rows(value)]))
  })

  test('is opened by all of it at once as by each, in a count and a copy too', async () => {
    const rows = await expected(kind)
    const ids = [...new Set(HOSTILE.flatMap(rows))].sort((a, b) => Number(a) - Number(b))
    const selection = { collection: 'people', openings: [openingOf(kind, HOSTILE)], side: 'ours' } as const
    expect(await keysBy(selection.openings)).toEqual(ids)
    expect(await company.source.count(selection)).toBe(ids.length)
    const text = await textOf(await company.source.disclose({ selection, format: 'csv', columns: ['id'] }))
    expect(text.split('\n').slice(1, -1)).toEqual(ids)
  })
})

describe('a key of two parts', () => {
  test.each([
    ['{a,b}', '1000'],
    ['%', '0'],
    ['42', '42'],
  ])('is opened by %j and %j, which stand there', async (...value) => {
    expect(await keysBy([opening('any', ['hall', 'chair'], [value])])).toHaveLength(1)
  })

  test.each([
    ['42', '042'],
    ['42', '+42'],
    ['42', ' 42'],
    ['42 ', '42'],
    ['%', '%'],
    ['_', '0'],
    ['{a,b', '1000'],
    ['a', 'b'],
    ['42', '1000'],
    ['{42,42}', '42'],
    ['', '42'],
    ['42', '\u00A0'],
  ])('is opened by nobody for %j and %j', async (...value) => {
    expect(await keysBy([opening('any', ['hall', 'chair'], [value])])).toEqual([])
  })
})

test('every type that is asked for was asked with what stands there', async () => {
  for (const kind of KINDS) expect([kind.name, HOSTILE.flatMap(await expected(kind)).length]).not.toEqual([kind.name, 0])
})

test.each(['%', '_', '', '\u00A0', '\0', "' or true --", 'ada@example.com\u200B', KILOBYTES])(
  'the walk from %j as an address finds at most who has it',
  async (value) => {
    const { looked, persons } = await walk(policy, new Map([['shop', company.source]]), { email: [[value]] })
    expect(persons).toBe(says(value) && PLAIN.includes(value) ? 1 : 0)
    expect(looked[0]?.found.rows).toBe(persons)
  },
)
