import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { schema } from './schema/all.ts'

/** The main database, or the transaction that is open in it. */
export type Database = NodePgDatabase<typeof schema>

export interface DatabaseClient {
  readonly db: Database
  readonly pool: pg.Pool
  close(): Promise<void>
}

/** A pool of connections to the main database with Drizzle over it; `close` waits for what is under way. */
export function openDatabase(url: string, options: { name: string; max?: number }): DatabaseClient {
  const pool = new pg.Pool({ connectionString: url, application_name: options.name, max: options.max ?? 10 })
  // A connection that breaks while idle is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => {})
  return { db: drizzle(pool, { schema }), pool, close: () => pool.end() }
}
