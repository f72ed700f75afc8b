import { Client } from 'pg'
import type { Session } from '../postgres/connection.ts'
import { sourceError } from '../postgres/errors.ts'
import { readLiveSchema, type LiveSchema } from '../postgres/introspect/live-schema.ts'
import { sampledColumns, sampleRows } from '../postgres/introspect/sample.ts'
import { weigh, type Evidence } from './evidence.ts'
import { judgeColumns, type JudgedColumn } from './judge-columns.ts'
import { judgeTables, type StandingTable } from './judge-tables.ts'
import { holdsRows } from './links.ts'
import { Vocabulary } from './names.ts'
import type { Language } from './words.ts'

export interface ScaffoldOptions {
  /** Connection string of the database; read only, never written to. */
  readonly url: string
  readonly schema: string
  /** Languages of the names of tables and columns. */
  readonly languages: readonly Language[]
  /** This year, for dates of birth. */
  readonly year: number
}

export type JudgedTable = StandingTable & { readonly columns: readonly JudgedColumn[] }

/** What a live schema seems to hold of people; words about names, and counts, never a sampled value. */
export interface Judgement {
  readonly schema: LiveSchema
  readonly tables: readonly JudgedTable[]
  /** Tables whose rows could not be sampled: only their names were judged. */
  readonly not_sampled: readonly string[]
}

/** Reads a live PostgreSQL schema and says which columns are personal, how sure that is and why. A SourceError when it cannot be read. */
export async function judgeSchema({ url, schema: name, languages, year }: ScaffoldOptions): Promise<Judgement> {
  const client = new Client({
    connectionString: url,
    application_name: 'habeas policy scaffold',
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('set default_transaction_read_only = on')
    const session: Session = {
      async query(text, values = []) {
        const { rows, rowCount } = await client.query(text, [...values])
        return { rows, rowCount: rowCount ?? 0 }
      },
    }
    const schema = await readLiveSchema(session, name)
    const { evidence, not_sampled } = await gather(session, schema, year)
    return { schema, tables: judgeAll(schema, new Vocabulary(languages), evidence), not_sampled }
  } catch (error) {
    throw sourceError('scaffold', '', error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Samples table by table; of the values nothing but counts is kept. */
async function gather(session: Session, schema: LiveSchema, year: number) {
  const evidence = new Map<string, ReadonlyMap<string, Evidence>>()
  const not_sampled: string[] = []
  for (const table of schema.tables.filter(({ kind }) => kind !== 'view')) {
    const rows = await sampleRows(session, schema.schema, table)
    if (rows === undefined) not_sampled.push(table.name)
    const columns = sampledColumns(table).map(({ name, type, category }, at): readonly [string, Evidence] => {
      const structured = category === 'A' || /json/.test(type)
      return [
        name,
        weigh(
          (rows ?? []).map((row) => row[at] ?? null),
          structured,
          year,
        ),
      ]
    })
    evidence.set(table.name, new Map(columns))
  }
  return { evidence, not_sampled }
}

function judgeAll(
  schema: LiveSchema,
  vocabulary: Vocabulary,
  evidence: ReadonlyMap<string, ReadonlyMap<string, Evidence>>,
): readonly JudgedTable[] {
  const known = { schema, vocabulary, evidence }
  const tables = judgeTables(known)
  const standings = new Map(tables.map(({ table, standing }) => [table.name, standing]))
  return tables.filter(({ table }) => holdsRows(table)).map((table) => ({ ...table, columns: judgeColumns(known, table, standings) }))
}
