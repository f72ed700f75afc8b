import { readFile } from 'node:fs/promises'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../../src/policy/compile.ts'
import type { Policy } from '../../src/policy/schema.ts'
import { draftDataMap } from '../../src/sources/scaffold/draft.ts'
import { judgeSchema } from '../../src/sources/scaffold/scaffold.ts'
import { LANGUAGES } from '../../src/sources/scaffold/words.ts'
import { openSources } from '../../src/sources/sources.ts'
import { loadLibrary } from '../policy/load-company.ts'
import { onClose } from '../support/database.ts'
import { HELD_OUT_SCHEMAS, openPublicSchema, PUBLIC_SCHEMAS, readTruth } from '../support/public-schemas.ts'

const COLUMNS = `select c.relname || '.' || a.attname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped`
const ROWS = `select sum((xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %s', oid::regclass), false, true, '')))[1]::text::int) as n
  from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`

interface Drafted {
  readonly draft: string
  readonly policy: Policy
  /** What `habeas policy check --live` would refuse. */
  readonly errors: readonly string[]
}

async function draftOf(url: string, schema = 'public'): Promise<Drafted> {
  const draft = draftDataMap(await judgeSchema({ url, schema, languages: LANGUAGES, year: 2026 }), 'shop')
  const controllers = await readFile('tests/fixtures/controllers.yaml', 'utf8')
  const policy = compilePolicy([
    { name: 'controllers.yaml', text: controllers },
    { name: 'data-map.yaml', text: draft },
  ])
  const sources = await openSources(policy, { shop: url })
  onClose('sources', () => sources.close())
  const drift = await sources.drift()
  return { draft, policy, errors: drift.filter(({ severity }) => severity === 'error').map(({ sentence }) => sentence) }
}

/** Every text of the schema's rows that is long enough to be recognised, as it stands there. */
async function valuesIn(client: Client, schema = 'public'): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string; column: string }>(
    `select table_name as name, column_name as column from information_schema.columns c join information_schema.tables using (table_schema, table_name)
     where table_schema = $1 and table_type = 'BASE TABLE' and data_type in ('text', 'character varying', 'jsonb', 'date', 'inet')`,
    [schema],
  )
  const values: string[] = []
  for (const { name, column } of rows) {
    const [table, field] = [`${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`, client.escapeIdentifier(column)]
    const held = await client.query<{ value: string }>(
      `select distinct ${field}::text as value from ${table} where length(${field}::text) > 7`,
    )
    values.push(...held.rows.map(({ value }) => value))
  }
  return values
}

/** The truth speaks of every column of every table, once, and of no other, and there are people in it. */
async function expectWholeTruth(client: Client, name: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(COLUMNS)
  const truth = (await readTruth(`tests/fixtures/${name}`)).map(({ table, column }) => `${table}.${column}`)
  expect(truth.toSorted()).toEqual(rows.map((row) => row.name).toSorted())
  const { rows: counted } = await client.query<{ n: string }>(ROWS)
  expect(Number(counted[0]?.n)).toBeGreaterThan(200)
}

describe.each([...PUBLIC_SCHEMAS, ...HELD_OUT_SCHEMAS])('the draft for %s', (name) => {
  it('compiles beside the operator’s own controllers, fits the live schema, and holds no value', async () => {
    const { client, url } = await openPublicSchema(name)
    await expectWholeTruth(client, name)
    const { draft, policy, errors } = await draftOf(url)
    expect(errors).toEqual([])
    expect(policy.collections.size).toBeGreaterThan(3)
    expect(policy.sources.get('shop')?.mode, 'a draft changes nothing').toBe('observe')
    const values = await valuesIn(client)
    expect(values.length).toBeGreaterThan(100)
    expect(values.filter((value) => draft.includes(value))).toEqual([])
  })
})

describe('ways to the person', () => {
  it('go through composite keys, and are lent where rows are not one person’s alone', async () => {
    const { policy, errors } = await draftOf((await loadLibrary()).url, 'bibliothek')
    expect(errors).toEqual([])
    expect(policy.collections.get('leser')).toMatchObject({ is_person: true, key: ['zweigstelle', 'ausweisnummer'] })
    expect(policy.collections.get('ausleihen')?.opened_by).toMatchObject([
      { identifier: 'leser', columns: ['zweigstelle', 'ausweisnummer'], meaning: 'own' },
    ])
  })

  it('tell what a row is first of all about from who merely had to do with it', async () => {
    const { policy } = await draftOf((await openPublicSchema('pagila')).url)
    expect(policy.collections.get('rental')?.opened_by).toMatchObject([
      { identifier: 'customer', columns: ['customer_id'], meaning: 'own' },
      { identifier: 'staff', columns: ['staff_id'], meaning: 'shared' },
    ])
    expect(policy.collections.get('address')?.opened_by).toMatchObject([{ identifier: 'address', meaning: 'shared' }])
    expect(policy.collections.get('customer')?.provides).toEqual({ customer: ['customer_id'], address: ['address_id'] })
    expect(policy.collections.get('inventory')?.opened_by, 'what hangs on a store is only passed through').toMatchObject([
      { meaning: 'bridge' },
    ])
    expect(policy.collections.has('payment_p2022_01'), 'a partition is its table').toBe(false)
  })

  it('come from a person’s own row for those who report to others', async () => {
    const { policy } = await draftOf((await openPublicSchema('chinook')).url)
    const employee = policy.collections.get('employee')
    expect(employee?.opened_by.map(({ columns }) => columns)).toEqual([['email'], ['employee_id']])
    expect(Object.values(employee?.refs ?? {})).toEqual([{ collection: 'employee', columns: ['reports_to'] }])
    expect(policy.collections.get('invoice_line')?.opened_by).toMatchObject([
      { identifier: 'invoice', columns: ['invoice_id'], meaning: 'own' },
    ])
  })
})
