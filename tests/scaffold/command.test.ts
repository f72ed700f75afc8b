import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { scaffoldPolicy } from '../../src/commands/scaffold.ts'
import { StartupError } from '../../src/errors.ts'
import { createDatabase, onClose } from '../support/database.ts'

// A table whose every value is a canary, in every place where a value may slip out: rows, keys of JSON, elements, odd names.
const CANARIES = `
  create type mood as enum ('glad', 'sad');
  create domain postcode as text check (value <> '');
  create table members (
    id bigint generated always as identity primary key, name text not null, mail text unique, born date, place postcode, mood mood, phones text[],
    name_upper text generated always as (upper(name)) stored, profile jsonb not null default '{}', check (length(name) < 200)
  );
  create table "odd
# name" (id int primary key, "first
name" text, member_id bigint references members);
  create table logins (member_id bigint not null, ip inet, at timestamptz);
  create view everybody as select name, mail from members;
  create materialized view copies as select mail from members;`
const ROWS = `
  insert into members (name, mail, born, place, mood, phones, profile)
    select 'Canary Name ' || n, 'canary' || n || '@example.com', '1950-01-01'::date + n * 500, 'CANARY' || n, 'glad', array['+31 20 55501' || n],
      jsonb_build_object('contact', jsonb_build_object('mail', 'canary' || n || '@example.com'), 'canary_key_' || n, 'canary' || n || '@example.com')
    from generate_series(10, 60) n;
  insert into logins select n, '192.0.2.7', now() from generate_series(1, 40) n;
  refresh materialized view copies;`

let url: string

beforeAll(async () => {
  ;({ url } = await createDatabase())
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(CANARIES)
  await client.query(ROWS)
  await client.end()
})

async function printed(options: Partial<Parameters<typeof scaffoldPolicy>[0]> = {}): Promise<string> {
  let text = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  try {
    await scaffoldPolicy({ source: url, schema: 'public', name: 'club', ...options })
    return text
  } finally {
    write.mockRestore()
  }
}

async function refusal(options: Partial<Parameters<typeof scaffoldPolicy>[0]>): Promise<string> {
  const error: unknown = await printed(options).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(StartupError)
  return error instanceof StartupError ? error.message : ''
}

describe('habeas policy scaffold', () => {
  it('says no value of any row, neither in the draft nor in JSON', async () => {
    const [draft, report] = [await printed(), await printed({ json: true })]
    for (const text of [draft, report]) {
      expect(text).toContain('members')
      for (const canary of [/canary/i, /192\.0\.2/, /55501/, /1950|1951|1960/, /glad/]) expect(text, String(canary)).not.toMatch(canary)
    }
  })

  it('looks into JSON and arrays, and tells types, generated and checked columns', async () => {
    const report: unknown = JSON.parse(await printed({ json: true }))
    expect(report).toMatchObject({
      tables: expect.arrayContaining([
        expect.objectContaining({ table: 'logins', standing: 'owned', category: 'security', path: ['logins.member_id'] }),
        expect.objectContaining({
          table: 'members',
          standing: 'person',
          columns: expect.arrayContaining([
            expect.objectContaining({ column: 'name', checked: true, not_null: true }),
            expect.objectContaining({ column: 'name_upper', generated: true, personal: true }),
            expect.objectContaining({ column: 'place', type: 'postcode', personal: true }),
            expect.objectContaining({ column: 'mood', type: 'mood' }),
            expect.objectContaining({ column: 'born', looks_like: 'birth_date' }),
            expect.objectContaining({ column: 'phones', leaves: [{ path: '[]', looks_like: 'phone' }] }),
            expect.objectContaining({ column: 'profile', leaves: [{ path: '->contact->mail', looks_like: 'email' }] }),
          ]),
        }),
      ]),
      others: [
        { name: 'copies', kind: 'materialized view', shows: ['members'] },
        { name: 'everybody', kind: 'view', shows: ['members'] },
      ],
    })
  })

  it('writes a draft that opens documents by the address in them, and lets no odd name become a line', async () => {
    const draft = await printed()
    expect(draft).toContain('- { identifier: email, columns: profile->contact->mail }')
    expect(draft).toContain(String.raw`# decide: the policy cannot hold these names, so these tables are not mapped: "odd\n# name"`)
    expect(draft.split('\n').filter((line) => line.startsWith('# name'))).toEqual([])
  })

  it('writes a new file, and never over one that is there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'habeas-scaffold-'))
    onClose('folder', () => rm(folder, { recursive: true }))
    expect(await printed({ out: folder })).toContain(`${folder}/data-map.yaml: `)
    expect(await readFile(join(folder, 'data-map.yaml'), 'utf8')).toMatch(/^habeas: 1\n/)
    expect(await refusal({ out: folder })).toContain('is there already')
  })

  it('refuses in a sentence, without repeating an address that may hold a password', async () => {
    const wrong = new URL(url)
    wrong.pathname = '/nowhere'
    wrong.password = 'hunter2'
    expect(await refusal({ source: wrong.href })).not.toContain('hunter2')
    expect(await refusal({ source: 'not an address: hunter2' })).not.toContain('hunter2')
    expect(await refusal({ schema: 'empty' })).toBe('The schema empty holds no table that this role can see.')
    expect(await refusal({ name: 'My shop:' })).toBe("--name: expected a lower-case name (letters, digits, - and _), got 'My shop:'")
    expect(await refusal({ language: 'en,tlh' })).toBe("--language: expected some of en, de, fr, es, got 'tlh'")
  })

  it('judges by names what it may not read', async () => {
    const client = new Client({ connectionString: url })
    await client.connect()
    onClose('client', () => client.end())
    await client.query(
      `do $$ begin create role habeas_scaffold_test login password 'test'; exception when duplicate_object then null; end $$`,
    )
    onClose('role', async () => void (await client.query('drop owned by habeas_scaffold_test; drop role habeas_scaffold_test')))
    const poor = new URL(url)
    poor.username = 'habeas_scaffold_test'
    poor.password = 'test'
    const draft = await printed({ source: poor.href })
    expect(draft).toContain('# Not sampled, so judged by names alone: copies, logins, members')
    expect(draft).toContain('- { identifier: email, columns: mail }')
  })
})
