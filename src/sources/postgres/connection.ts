import { Pool, type PoolClient } from 'pg'

import type { Named, Policy, SourceDeclaration } from '../../policy/schema.ts'
import type { Catalog } from './catalog.ts'
import { sourceError } from './errors.ts'

export type Row = Readonly<Record<string, unknown>>

/** One mapped database: its pool, its catalog as read at boot, and the policy that maps it. */
export interface Database {
  readonly pool: Pool
  readonly declaration: Named<SourceDeclaration>
  readonly policy: Policy
  /** The zone in which the controller of this source counts days. */
  readonly zone: string
  catalog: Catalog
}

/** The part of a client that statements need. */
export interface Session {
  // oxlint-disable-next-line no-unnecessary-type-parameters -- names the columns a statement selects, as pg does
  query<R extends object = Row>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: readonly R[]; readonly rowCount: number }>
}

/** A small pool that names itself, and gives up rather than waits for ever. */
export function openPool(source: string, url: string): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: `habeas source ${source}`,
    max: 6,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 60_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
  })
  // A server that restarts ends idle connections; the next statement opens a new one and reports what it meets.
  pool.on('error', ignore)
  // Our statements are short but wide; over many partitions the server would compile for seconds what runs in milliseconds.
  pool.on('connect', (client) => void client.query('set jit = off').catch(ignore))
  return pool
}

/** What one statement gives outside any transaction. */
export function query(db: Database, collection: string, text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
  return withSession(db, collection, async (session) => (await session.query(text, values)).rows)
}

/** One statement of a transaction, whose failure names the collection it was about. */
export function perform(
  db: Database,
  session: Session,
  collection: string,
  text: string,
  values: readonly unknown[],
): Promise<{ readonly rows: readonly Row[]; readonly rowCount: number }> {
  return session.query(text, values).catch((error: unknown) => {
    throw sourceError(db.declaration.id, collection, error)
  })
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export function transaction<T>(db: Database, collection: string, begin: string, work: (session: Session) => Promise<T>): Promise<T> {
  return withSession(db, collection, async (session) => {
    await session.query(begin)
    const result = await work(session).catch(async (error: unknown) => {
      await session.query('rollback').catch(() => undefined)
      throw error
    })
    await session.query('commit')
    return result
  })
}

/** Lends one connection; it goes back whatever happens, and is closed when its state is in doubt. */
export async function withSession<T>(
  db: Database,
  collection: string,
  work: (session: Session, client: PoolClient) => Promise<T>,
): Promise<T> {
  try {
    const client = await db.pool.connect()
    client.on('error', ignore)
    let broken = true
    try {
      const result = await work(sessionOf(client), client)
      broken = false
      return result
    } catch (error) {
      broken = (await client.query('select').catch(() => null)) === null
      throw error
    } finally {
      client.removeListener('error', ignore)
      client.release(broken)
    }
  } catch (error) {
    throw sourceError(db.declaration.id, collection, error)
  }
}

function sessionOf(client: PoolClient): Session {
  return {
    async query(text, values = []) {
      const result = await client.query(text, [...values])
      return { rows: result.rows, rowCount: result.rowCount ?? 0 }
    },
  }
}

function ignore(): void {
  // The statement under way reports the same failure to its caller.
}
