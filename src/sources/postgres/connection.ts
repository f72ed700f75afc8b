import { Pool, type PoolClient } from 'pg'

import type { Named, Policy, SourceDeclaration } from '../../policy/schema.ts'
import type { Catalog } from './catalog/catalog.ts'
import { sourceError } from './errors.ts'

export type Row = Readonly<Record<string, unknown>>

/** One mapped database: its pools, its catalog as read at boot, and the policy that maps it. */
export interface Database {
  /** The role that reads, in transactions that can do nothing else. */
  readonly pool: Pool
  /** The role that erases; every transaction that may change something runs here. */
  readonly eraser: Pool
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

/** A small pool that names itself, and gives up rather than waits for ever; one that reads cannot write, whatever its role may do. */
export function openPool(source: string, url: string, { reads }: { reads: boolean }): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: `habeas source ${source}${reads ? '' : ' erase'}`,
    max: 6,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 10_000,
    statement_timeout: 60_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
  })
  // A server that restarts ends idle connections; the next statement opens a new one and reports what it meets.
  pool.on('error', ignore)
  // Our statements are short but wide; over many partitions the server would compile for seconds what runs in milliseconds.
  // Rows that a policy of the database hides would be said not to be there: without row_security the server refuses instead.
  const settings = `set jit = off; set row_security = off${reads ? '; set default_transaction_read_only = on' : ''}`
  pool.on('connect', (client) => void client.query(settings).catch(ignore))
  return pool
}

/** What one statement gives outside any transaction. */
export function query(
  db: Database,
  collection: string,
  text: string,
  values: readonly unknown[] = [],
  pool: Pool = db.pool,
): Promise<readonly Row[]> {
  return withSession(db, collection, async (session) => (await session.query(text, values)).rows, pool)
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

/** Runs `work` in one transaction, of the role that erases when no pool is named: committed when it returns, rolled back when it throws. */
export function transaction<T>(
  db: Database,
  collection: string,
  begin: string,
  work: (session: Session) => Promise<T>,
  pool: Pool = db.eraser,
): Promise<T> {
  const whole = async (session: Session): Promise<T> => {
    await session.query(begin)
    const result = await work(session).catch(async (error: unknown) => {
      await session.query('rollback').catch(() => undefined)
      throw error
    })
    await session.query('commit')
    return result
  }
  return withSession(db, collection, whole, pool)
}

/** Lends one connection, to read when no pool is named; it goes back whatever happens, and is closed when its state is in doubt. */
export async function withSession<T>(
  db: Database,
  collection: string,
  work: (session: Session, client: PoolClient) => Promise<T>,
  pool: Pool = db.pool,
): Promise<T> {
  try {
    const client = await pool.connect()
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
