import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/node-postgres'
import { readMigrationFiles, type MigrationMeta } from 'drizzle-orm/migrator'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { Client } from 'pg'
import { StartupError } from '../errors.ts'

// From src/db and from dist/db alike, two steps up is the root of the package.
const MAIN = fileURLToPath(new URL('../../migrations', import.meta.url))
const KEYS = fileURLToPath(new URL('../../migrations/keys', import.meta.url))

// "habeas" in ASCII: the advisory lock under which one process at a time migrates a database.
const LOCK = 0x686162656173

/** Brings the main database to this version's schema; of two at once the second waits and finds nothing to do. */
export async function migrateDatabase(url: string): Promise<void> {
  await applyMigrations(url, MAIN)
}

/** Brings the database of wrapped keys to this version's schema, in the same way. */
export async function migrateKeys(url: string): Promise<void> {
  await applyMigrations(url, KEYS)
}

/** Returns when the main database has exactly this version's schema, else throws a StartupError that says who is behind. */
export async function checkMigrated(url: string): Promise<void> {
  await withSession(url, async (session) =>
    compare(await appliedHashes(session), readMigrationFiles({ migrationsFolder: MAIN }), nameOf(url)),
  )
}

/** Creates the database that `url` names when its server has none of that name; a StartupError says why that failed. */
export async function ensureDatabase(url: string): Promise<void> {
  const name = nameOf(url)
  if (await exists(url)) return
  const maintenance = new URL(url)
  maintenance.pathname = '/postgres'
  await withSession(maintenance.href, async (session) => {
    try {
      // template0 has no visitors, whose presence would refuse the copy, and lets us ask for UTF-8.
      await session.query(`create database ${session.escapeIdentifier(name)} template template0 encoding 'UTF8'`)
    } catch (error) {
      if (madeBySomebodyElse(error)) return
      throw new StartupError(
        `The database "${name}" does not exist and could not be created (${codeOf(error)}). Create it, then start again.`,
      )
    }
  })
}

async function exists(url: string): Promise<boolean> {
  const session = new Client({ connectionString: url })
  try {
    await session.connect()
    return true
  } catch (error) {
    if (codeOf(error) === '3D000') return false
    throw unreachable(url, error)
  } finally {
    await session.end().catch(() => {})
  }
}

async function applyMigrations(url: string, migrationsFolder: string): Promise<void> {
  await withSession(url, async (session) => {
    await session.query('select pg_advisory_lock($1)', [LOCK])
    const files = readMigrationFiles({ migrationsFolder })
    refuseUnknown(await appliedHashes(session), files, nameOf(url))
    await migrate(drizzle(session), { migrationsFolder })
    compare(await appliedHashes(session), files, nameOf(url))
  })
}

async function appliedHashes(session: Client): Promise<string[]> {
  const table = await session.query<{ known: boolean }>(`select to_regclass('drizzle.__drizzle_migrations') is not null as known`)
  if (table.rows[0]?.known !== true) return []
  const applied = await session.query<{ hash: string }>('select hash from drizzle.__drizzle_migrations order by created_at, id')
  return applied.rows.map((row) => row.hash)
}

function compare(applied: readonly string[], files: readonly MigrationMeta[], name: string): void {
  refuseUnknown(applied, files, name)
  const missing = files.filter((file) => !applied.includes(file.hash)).length
  if (missing > 0) throw new StartupError(`The database "${name}" is behind this version by ${missing} migration(s). Run: habeas migrate`)
}

function refuseUnknown(applied: readonly string[], files: readonly MigrationMeta[], name: string): void {
  const known = new Set(files.map((file) => file.hash))
  const unknown = applied.filter((hash) => !known.has(hash)).length
  if (unknown === 0) return
  throw new StartupError(
    `The database "${name}" is ahead of this version: ${unknown} of its migrations are not known here. Start the version that made them, or a later one.`,
  )
}

async function withSession<T>(url: string, use: (session: Client) => Promise<T>): Promise<T> {
  const session = new Client({ connectionString: url, application_name: 'habeas migrate' })
  try {
    await session.connect()
  } catch (error) {
    await session.end().catch(() => {})
    throw unreachable(url, error)
  }
  try {
    return await use(session)
  } finally {
    await session.end()
  }
}

function unreachable(url: string, error: unknown): StartupError {
  // Never the whole address: it may hold a password.
  return new StartupError(`The database "${nameOf(url)}" at ${new URL(url).host} cannot be opened (${codeOf(error)}).`)
}

function madeBySomebodyElse(error: unknown): boolean {
  return codeOf(error) === '42P04' || codeOf(error) === '23505'
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'unknown error'
}

function nameOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1))
}
