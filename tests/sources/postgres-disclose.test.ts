import { beforeAll, describe, expect, test } from 'vitest'

import { openCompany, opening, textOf, type Company } from './contract.ts'
import { policyOf } from './policy.ts'

const policy = policyOf({
  collections: {
    cells: { source: 'shop', table: 'cells', label: 'Cells', key: 'id', opened_by: [{ identifier: 'email', columns: 'owner' }] },
    moods: { source: 'shop', table: 'moods', label: 'Moods', key: 'id', opened_by: [{ identifier: 'email', columns: 'owner' }] },
    many: { source: 'shop', table: 'many', label: 'Many', key: 'id' },
  },
})

const HOSTILE = [
  '=1+1',
  '+49 30',
  '-1',
  '@SUM(A1)',
  '\ttab',
  '\rreturn',
  '＝１',
  '＋',
  '－',
  '＠',
  '',
  'plain',
  'a "quote", and comma',
  'two\nlines',
  'back\\slash',
  '\\.',
  'ünï 😀',
]

const SCHEMA = `
  create table cells (id int primary key, owner text, body text, amount numeric, yes boolean, at timestamptz, local timestamp, day date,
    tags text[], extra json, more jsonb, token uuid, raw bytea, "Odd ""name" text);
  create type mood as enum ('=1+1', 'fine');
  create table moods (id int primary key, owner text, mood mood, pause interval, n int, f float8, document json);
  insert into moods values (1, 'ada', '=1+1', '-1 day', -1, '-1.5', '-1'), (2, 'ada', 'fine', '1 day', 2, '-Infinity', '"=1"');
  create table many (id int primary key, owner text, body text);
  insert into many select n, 'ada', repeat(md5(n::text), 20) from generate_series(1, 30000) n;`

let company: Company

beforeAll(async () => {
  company = await openCompany(policy, SCHEMA)
  for (const [index, body] of HOSTILE.entries()) {
    await company.admin.query(`insert into cells (id, owner, body) values ($1, 'ada', $2)`, [index + 1, body])
  }
  await company.admin.query(
    `insert into cells values (100, 'noor', null, -1.50, true, '2026-03-29 01:00:00.25+00', '2026-01-02 03:04:05', '2026-01-02', array['a,b', '=c'],
      '{"a" : "x\\ny",\n\r "b":1.10}', '{"b": [1, null]}', '6f1c2a3b-0000-4000-8000-000000000001', '\\x00ff', '=odd')`,
  )
})

function request(owner: string, format: 'csv' | 'json', columns: readonly string[], collection = 'cells') {
  return { selection: { collection, openings: [opening('email', 'owner', [owner])], side: 'ours' as const }, format, columns }
}

async function disclosed(owner: string, format: 'csv' | 'json', columns: readonly string[], collection = 'cells'): Promise<string> {
  return textOf(await company.source.disclose(request(owner, format, columns, collection)))
}

/** RFC 4180 by hand, so that the test does not believe the writer. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  const cell = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/gy
  while (cell.lastIndex < text.length) {
    const [, quoted, plain = '', end] = cell.exec(text) ?? []
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === '\n' && cell.lastIndex < text.length) rows.push([])
  }
  return rows
}

describe('CSV', () => {
  test('guards text that a spreadsheet would calculate, and nothing else', async () => {
    const [header, ...rows] = parseCsv(await disclosed('ada', 'csv', ['id', 'body']))
    expect(header).toEqual(['id', 'body'])
    const guarded = HOSTILE.map((body, index) => (index < 10 ? `'${body}` : body))
    expect(rows).toEqual(guarded.map((body, index) => [String(index + 1), body]))
  })

  test('guards what is written as text whatever its type, and leaves numbers and JSON', async () => {
    const columns = ['mood', 'pause', 'n', 'f', 'document']
    const lines = [columns.join(), `'=1+1,'-1 days,-1,-1.5,-1`, 'fine,1 day,2,-Infinity,"""=1"""', '']
    expect(await disclosed('ada', 'csv', columns, 'moods')).toBe(lines.join('\n'))
  })

  test('tells an empty text from no text', async () => {
    expect(await disclosed('ada', 'csv', ['body'])).toContain('\n""\n')
    expect(await disclosed('noor', 'csv', ['id', 'body'])).toBe('id,body\n100,\n')
  })

  test('writes numbers, truth, times and lists as Frictionless readers expect them, in the order asked for', async () => {
    const columns = ['yes', 'amount', 'at', 'local', 'day', 'tags', 'token', 'raw', 'Odd "name']
    expect(parseCsv(await disclosed('noor', 'csv', columns))).toEqual([
      columns,
      [
        'true',
        '-1.50',
        '2026-03-29T01:00:00.25Z',
        '2026-01-02T03:04:05',
        '2026-01-02',
        '["a,b","=c"]',
        '6f1c2a3b-0000-4000-8000-000000000001',
        '\\x00ff',
        "'=odd",
      ],
    ])
  })

  test('of nobody is a header line', async () => {
    expect(await disclosed('eve', 'csv', ['id', 'body'])).toBe('id,body\n')
  })
})

describe('JSON', () => {
  test('holds every text exactly as it is stored', async () => {
    const rows: unknown = JSON.parse(await disclosed('ada', 'json', ['body', 'id']))
    expect(rows).toEqual(HOSTILE.map((body, index) => ({ body, id: index + 1 })))
  })

  test('keeps JSON columns with line breaks between their tokens valid, and numbers as written', async () => {
    const text = await disclosed('noor', 'json', ['id', 'extra', 'more', 'amount', 'tags', 'at'])
    expect(JSON.parse(text)).toEqual([
      {
        id: 100,
        extra: { a: 'x\ny', b: 1.1 },
        more: { b: [1, null] },
        amount: -1.5,
        tags: ['a,b', '=c'],
        at: '2026-03-29T01:00:00.25+00:00',
      },
    ])
    expect(text).toContain('"amount":-1.50')
  })

  test('of nobody is an empty array', async () => {
    expect(JSON.parse(await disclosed('eve', 'json', ['id']))).toEqual([])
    expect(JSON.parse(await disclosed('\0', 'json', ['id']))).toEqual([])
  })

  test('of many rows is one array in the order of their key', async () => {
    const rows: unknown = JSON.parse(await disclosed('ada', 'json', ['id'], 'many'))
    expect(rows).toEqual(Array.from({ length: 30_000 }, (_, index) => ({ id: index + 1 })))
  })
})

describe('the columns of a collection', () => {
  test('are described in Frictionless types', async () => {
    const cells = policy.collections.get('cells')
    if (cells === undefined) throw new TypeError('cells')
    const shapes = await company.source.shape(cells, ['id', 'body', 'amount', 'yes', 'at', 'local', 'day', 'tags', 'more', 'token'])
    expect(shapes.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'id integer',
      'body string',
      'amount number',
      'yes boolean',
      'at datetime',
      'local datetime',
      'day date',
      'tags array',
      'more any',
      'token string',
    ])
  })

  test('that do not exist are named, not guessed', async () => {
    await expect(company.source.disclose(request('ada', 'csv', ['nothing']))).rejects.toThrow(
      'shop.cells: column cells.nothing does not exist',
    )
  })
})

describe('a reader who stops early', () => {
  async function busy(): Promise<string[]> {
    return company.lines(
      `select state from pg_stat_activity where datname = current_database() and application_name = 'habeas source shop' and state <> 'idle'`,
    )
  }

  test('leaves no connection and no snapshot behind', async () => {
    for (let reader = 0; reader < 10; reader++) {
      for await (const chunk of await company.source.disclose(request('ada', 'csv', ['id', 'body'], 'many'))) {
        expect(chunk.length).toBeGreaterThan(0)
        break
      }
    }
    expect(await company.source.count(request('ada', 'csv', [], 'many').selection)).toBe(30_000)
    await expect.poll(busy, { timeout: 5_000 }).toEqual([])
  })

  test('or never begins takes no connection at all', async () => {
    for (let reader = 0; reader < 10; reader++) await company.source.disclose(request('ada', 'csv', ['id'], 'many'))
    expect(await busy()).toEqual([])
    expect(await company.source.count(request('ada', 'csv', [], 'many').selection)).toBe(30_000)
  })

  test('after a failure gets a sentence that names the place', async () => {
    await company.admin.query(`alter table many rename column body to gone`)
    await expect(disclosed('ada', 'json', ['id', 'body'], 'many')).rejects.toThrow('shop.many: a column is missing (42703)')
    await company.admin.query(`alter table many rename column gone to body`)
    expect(JSON.parse(await disclosed('noor', 'json', ['id']))).toEqual([{ id: 100 }])
  })
})

describe('a server that goes away', () => {
  const end = () =>
    company.admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'habeas source shop'`)

  test('in the middle of a stream is said, and can be tried again', async () => {
    const reading = async (): Promise<void> => {
      let ended = false
      for await (const chunk of await company.source.disclose(request('ada', 'json', ['id', 'body'], 'many'))) {
        if (!ended && chunk.length > 0) await end()
        ended = true
      }
    }
    await expect(reading()).rejects.toMatchObject({ name: 'SourceError', cause_kind: 'down', transient: true, collection: 'many' })
    expect(await company.source.count(request('ada', 'csv', [], 'many').selection)).toBe(30_000)
  })

  test('while nobody asks is not noticed', async () => {
    await company.source.count(request('ada', 'csv', []).selection)
    await end()
    await expect
      .poll(
        async () =>
          (
            await company.lines(
              `select count(*) from pg_stat_activity where datname = current_database() and application_name = 'habeas source shop'`,
            )
          )[0],
      )
      .toBe('0')
    // The pool hears of it a moment after the server has forgotten them.
    await expect.poll(() => company.source.count(request('ada', 'csv', []).selection).catch(() => 0)).toBe(17)
  })
})
