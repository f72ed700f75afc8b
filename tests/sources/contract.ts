import { Client } from 'pg'

import type { Policy } from '../../src/policy/schema.ts'
import { openPostgresSource, type PostgresSource } from '../../src/sources/postgres/open.ts'
import type { Opening } from '../../src/sources/source.ts'
import { createDatabase, onClose } from '../support/database.ts'

/** A company database with its source, both closed when the test file ends. */
export interface Company {
  readonly url: string
  readonly source: PostgresSource
  readonly admin: Client
  /** Rows of a statement run by the owner of the database, each as its values joined by `|`. */
  lines(statement: string): Promise<string[]>
}

/** A new database with these tables and rows, and the source that the policy maps to it. */
export async function openCompany(policy: Policy, schema: string, sourceId = 'shop'): Promise<Company> {
  const { url } = await createDatabase()
  const admin = new Client({ connectionString: url, application_name: 'owner' })
  await admin.connect()
  onClose('the owner', () => admin.end())
  await admin.query(schema)
  const declaration = policy.sources.get(sourceId)
  if (declaration === undefined) throw new TypeError(`the policy has no source ${sourceId}`)
  const source = await openPostgresSource(declaration, policy, url)
  onClose(`source ${sourceId}`, () => source.close())
  return {
    url,
    source,
    admin,
    async lines(statement) {
      const { rows } = await admin.query<unknown[]>({ text: statement, rowMode: 'array' })
      return rows.map((row) =>
        row.map((value) => (value === null ? '∅' : typeof value === 'string' ? value : JSON.stringify(value))).join('|'),
      )
    },
  }
}

/** Rows whose column holds one of the values. */
export function opening(
  identifier: string,
  columns: string | readonly string[],
  values: readonly (string | readonly string[])[],
  rest: Partial<Opening> = {},
): Opening {
  return {
    identifier,
    columns: typeof columns === 'string' ? [columns] : columns,
    values: values.map((value) => (typeof value === 'string' ? [value] : value)),
    compare: 'exact',
    meaning: 'own',
    ...rest,
  }
}

/** Everything that a stream of bytes says, as text. */
export async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
