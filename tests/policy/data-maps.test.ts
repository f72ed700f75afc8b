import type { Client } from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadPolicy } from '../../src/policy/compile.ts'
import type { Policy } from '../../src/policy/schema.ts'
import { openPostgresSource } from '../../src/sources/postgres/open.ts'
import type { DataSource } from '../../src/sources/source.ts'
import { type Survey, walk } from '../../src/sources/walk.ts'
import { onClose } from '../support/database.ts'
import { column, loadLibrary, loadSample } from './load-company.ts'

/** How far the live schema has moved away from the data map; the roles are the tests' own. */
async function drift({ source }: Company): Promise<string[]> {
  const found = (await source.drift?.()) ?? []
  return found
    .filter(({ code }) => !['excess_privilege', 'one_role'].includes(code))
    .map(({ severity, sentence }) => `${severity}: ${sentence}`)
}

interface Company {
  readonly policy: Policy
  readonly client: Client
  readonly source: DataSource
}

let cowork: Company
let library: Company

beforeAll(async () => {
  cowork = await open('examples/cowork', 'company', await loadSample({ now: '2026-11-20T10:00:00Z', accounts: 100 }))
  library = await open('tests/support/second-company/policy', 'ausleihe', await loadLibrary())
})

async function open(folder: string, name: string, { client, url }: { client: Client; url: string }): Promise<Company> {
  const policy = await loadPolicy(folder)
  const declaration = policy.sources.get(name)
  if (declaration === undefined) throw new Error(`no source ${name}`)
  const source = await openPostgresSource(declaration, policy, url)
  onClose(`source ${name}`, () => source.close())
  return { policy, client, source }
}

function survey({ policy, source }: Company, email: string): Promise<Survey> {
  return walk(policy, new Map([[source.declaration.id, source]]), { email: [[email]] })
}

/** Rows of a person by collection: own, shared with others, an organisation's; collections with nothing are left out. */
async function rowsOf(company: Company, email: string): Promise<Record<string, [number, number, number]>> {
  const { looked } = await survey(company, email)
  const rows = looked.map(({ collection, found }): [string, [number, number, number]] => [
    collection,
    [found.rows, found.shared_rows, found.organisation_rows],
  ])
  return Object.fromEntries(rows.filter(([, counts]) => counts.some((count) => count > 0)))
}

/** Columns of the live tables that the data map does not declare: they would be in no copy. */
function undeclared({ policy, client }: Company, schema: string): Promise<unknown[]> {
  const declared = [...policy.collections.values()].flatMap((one) =>
    [...one.key, ...Object.keys(one.fields)].map((name) => `${one.table}.${name}`),
  )
  return column(
    client,
    `select format('%s.%s', c.relname, a.attname) from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and format('%s.%s', c.relname, a.attname) <> all($2) order by 1`,
    [schema, declared],
  )
}

describe('The data map of the sample company', () => {
  test('It fits the live schema, and every column with personal data is declared.', async () => {
    expect(await cowork.source.check()).toEqual([])
    expect(await drift(cowork)).toEqual([])
    expect(await undeclared(cowork, 'public')).toEqual(['telemetry_daily.events', 'telemetry_daily.people'])
  })

  test('Ada has rows everywhere, all her own.', async () => {
    expect(await rowsOf(cowork, 'ada@example.com')).toEqual({
      accounts: [1, 0, 0],
      subscriptions: [1, 0, 0],
      invoices: [6, 0, 0],
      devices: [2, 0, 0],
      telemetry_events: [94, 0, 0],
      crash_reports: [6, 0, 0],
      support_tickets: [2, 0, 0],
      support_messages: [6, 0, 0],
      feedback: [1, 0, 0],
      connector_grants: [2, 0, 0],
      conversations: [3, 0, 0],
      memory_entries: [3, 0, 0],
      marketing_preferences: [1, 0, 0],
      newsletter_subscribers: [1, 0, 0],
      security_events: [4, 0, 0],
    })
  })

  test('What is also somebody else’s is told apart: Pieter’s answer to Greet, Milan’s use of Eva’s device.', async () => {
    expect((await rowsOf(cowork, 'greet@example.com'))['support_messages']).toEqual([3, 1, 0])
    expect((await rowsOf(cowork, 'pieter@example.com'))['support_messages']).toEqual([7, 0, 0])
    expect((await rowsOf(cowork, 'eva.device@example.com'))['telemetry_events']).toEqual([2, 2, 0])
    expect((await rowsOf(cowork, 'milan.device@example.com'))['telemetry_events']).toEqual([2, 0, 0])
  })

  test('Lotte’s work belongs to her organisation, and nothing of her private account is with it.', async () => {
    const work = await rowsOf(cowork, 'lotte.devries@northwind.example.org')
    expect(work['conversations']).toEqual([0, 0, 2])
    expect(work['memory_entries']).toEqual([0, 0, 2])
    const home = await rowsOf(cowork, 'lotte.devries@example.com')
    expect(home['conversations']).toEqual([1, 0, 0])
    expect(Object.values(home).some(([, , organisation]) => organisation > 0)).toBe(false)
  })

  test.each(['sam.okafor@example.com', 'SAM.OKAFOR@example.com', 'familie.jansen@example.com'])(
    '%s leads to two people and proves neither.',
    async (email) => {
      const { looked, ambiguous } = await survey(cowork, email)
      expect(ambiguous.map((one) => [one.identifier, one.persons])).toEqual([['email', 2]])
      expect(looked).toEqual([])
    },
  )

  test('Whoever has no account is found by address alone, and nobody by an address that nobody has.', async () => {
    expect(await rowsOf(cowork, 'guest@example.com')).toEqual({
      support_tickets: [1, 0, 0],
      support_messages: [3, 0, 0],
      feedback: [1, 0, 0],
    })
    expect(await rowsOf(cowork, 'withdrawn31@example.com')).toEqual({ newsletter_subscribers: [1, 0, 0] })
    expect(await rowsOf(cowork, 'unknown@example.com')).toEqual({})
  })
})

describe('A second company by YAML alone', () => {
  test('Its data map fits the live schema, and every column is declared or holds nothing personal.', async () => {
    expect(await library.source.check()).toEqual([])
    expect((await drift(library)).filter((line) => !/^warning: .* expected an index/.test(line))).toEqual([])
    expect(await undeclared(library, 'bibliothek')).toEqual(['lesekreise.nummer', 'lesekreise.thema'])
  })

  test('Jürgen and Ayşe have the same card number in two branches, and neither gets a row of the other.', async () => {
    expect(await column(library.client, 'select zweigstelle from bibliothek.leser where ausweisnummer = 17 order by 1')).toEqual([
      'NORD',
      'SUED',
    ])
    expect(await rowsOf(library, 'juergen.gross@example.com')).toEqual({
      leser: [1, 0, 0],
      ausleihen: [3, 0, 0],
      teilnahme: [1, 0, 0],
      protokolle: [0, 2, 0],
      gebuehrenbescheide: [4, 0, 0],
      anschaffungswuensche: [1, 0, 0],
    })
    expect(await rowsOf(library, 'ayse.demir@example.com')).toEqual({
      leser: [1, 0, 0],
      ausleihen: [1, 0, 0],
      teilnahme: [1, 0, 0],
      protokolle: [0, 2, 0],
      gebuehrenbescheide: [1, 0, 0],
    })
  })

  test('The paper files are a task for a person.', async () => {
    const { policy, source } = library
    const manual = policy.sources.get('papierakten')
    expect(manual).toMatchObject({ kind: 'manual', answer_within: 'P5D', category: 'mitglieder' })
    if (manual === undefined) throw new Error('no paper files')
    const both = new Map<string, DataSource | { kind: 'manual'; declaration: typeof manual }>([
      ['ausleihe', source],
      ['papierakten', { kind: 'manual', declaration: manual }],
    ])
    expect((await walk(policy, both, { email: [['unbekannt@example.com']] })).manual).toEqual(['papierakten'])
  })

  test('Its financial year ends in June: only what was billed before 1 July 2017 is due in November 2026.', async () => {
    const rule = library.policy.rules.get('gebuehren')
    if (rule === undefined) throw new Error('no rule gebuehren')
    const { zone, fiscal_year_ends } = library.policy.main
    expect([zone, fiscal_year_ends]).toEqual(['Europe/Berlin', '06-30'])
    const due = async (now: string) =>
      (await library.source.schedule?.countDue({ rule, now, zone, fiscal_year_ends, protected: new Map() }))?.due
    expect(await due('2026-06-30T21:59:59Z')).toBe(0)
    expect(await due('2026-06-30T22:00:00Z')).toBe(2)
    expect(await due('2027-06-30T22:00:00Z')).toBe(3)
  })

  test('Its policy says nothing of the sample company.', () => {
    expect(library.policy.hash).not.toBe(cowork.policy.hash)
    const tables = (company: Company) => [...company.policy.collections.values()].map((one) => one.table)
    expect(tables(library).filter((table) => tables(cowork).includes(table))).toEqual([])
  })
})
