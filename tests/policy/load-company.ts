import { readFile } from 'node:fs/promises'
import { Client } from 'pg'
import { createDatabase, onClose } from '../support/database.ts'

export interface Settings {
  readonly now?: string
  readonly accounts?: number
  readonly seed?: string
}

/** A database with the sample company in it, as its owner sees it; closed and dropped when the test file ends. */
export async function loadSample(settings: Settings = {}): Promise<{ client: Client; url: string }> {
  const company = await openDatabase()
  await company.client.query(await readFile('examples/cowork/schema.sql', 'utf8'))
  for (const [name, value] of Object.entries(settings))
    await company.client.query('select set_config($1, $2, false)', [`sample.${name}`, String(value)])
  await company.client.query(await readFile('examples/cowork/generate.sql', 'utf8'))
  return company
}

/** A database with the second company, the library, in it. */
export async function loadLibrary(): Promise<{ client: Client; url: string }> {
  const company = await openDatabase()
  for (const file of ['schema.sql', 'seed.sql']) await company.client.query(await readFile(`tests/support/second-company/${file}`, 'utf8'))
  return company
}

/** One column of what a query gives. */
export async function column(client: Client, text: string, values: readonly unknown[] = []): Promise<unknown[]> {
  const { rows } = await client.query<Record<string, unknown>>(text, [...values])
  return rows.map((row) => Object.values(row)[0])
}

async function openDatabase(): Promise<{ client: Client; url: string }> {
  const { url } = await createDatabase()
  const client = new Client({ connectionString: url, application_name: 'company test' })
  await client.connect()
  onClose('company client', () => client.end())
  return { client, url }
}
