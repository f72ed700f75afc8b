import { readdir, readFile } from 'node:fs/promises'
import { Client } from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { checkMigrated, ensureDatabase, migrateDatabase, migrateKeys } from '../../src/db/migrate.ts'
import { StartupError } from '../../src/errors.ts'
import { createDatabase, onClose } from '../support/database.ts'

describe('migrations', () => {
  test('by three processes at once all succeed, once', async () => {
    const { url } = await createDatabase()
    await Promise.all([migrateDatabase(url), migrateDatabase(url), migrateDatabase(url)])
    await checkMigrated(url)
    const files = await sqlFiles('migrations')
    expect(await query(url, 'select count(*)::int as applied from drizzle.__drizzle_migrations')).toEqual([{ applied: files.length }])
    await migrateDatabase(url)
    await checkMigrated(url)
  })

  test('of the keys database are its own', async () => {
    const { url } = await createDatabase()
    await Promise.all([migrateKeys(url), migrateKeys(url)])
    const tables = await query(url, `select table_name from information_schema.tables where table_schema = 'public' order by 1`)
    expect(tables).toEqual([{ table_name: 'canaries' }, { table_name: 'data_keys' }, { table_name: 'secrets' }])
  })

  test('that are missing refuse the start and name the command', async () => {
    const { url } = await createDatabase()
    expect(await refusal(checkMigrated(url))).toMatch(/is behind this version by \d+ migration\(s\)\. Run: habeas migrate/)
    await migrateDatabase(url)
    await query(url, 'delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations)')
    expect(await refusal(checkMigrated(url))).toContain('behind this version by 1 migration')
  })

  test('of a later version refuse the start, and are not migrated over', async () => {
    const { url } = await createDatabase()
    await migrateDatabase(url)
    await query(url, `insert into drizzle.__drizzle_migrations (hash, created_at) values ('of a later version', 9999999999999)`)
    expect(await refusal(checkMigrated(url))).toContain('is ahead of this version')
    expect(await refusal(migrateDatabase(url))).toContain('is ahead of this version')
  })

  test.each(['migrations', 'migrations/keys'])('in %s stand in the journal, in order, and nothing else does', async (folder) => {
    const journal: unknown = JSON.parse(await readFile(`${folder}/meta/_journal.json`, 'utf8'))
    expect(journal).toMatchObject({ dialect: 'postgresql' })
    const { entries } = journal as { entries: { tag: string; idx: number; when: number }[] }
    expect(entries.map(({ tag }) => `${tag}.sql`)).toEqual(await sqlFiles(folder))
    expect(entries.map(({ idx }) => idx)).toEqual(entries.map((_, place) => place))
    // An entry older than one that was applied would be passed over without a word.
    expect(entries.map(({ when }) => when)).toEqual(entries.map(({ when }) => when).toSorted((a, b) => a - b))
    expect(new Set(entries.map(({ when }) => when)).size).toBe(entries.length)
  })
})

describe('the database', () => {
  test('is made when its server has none of that name, also by three at once, and left alone when it has', async () => {
    const url = unused()
    await Promise.all([ensureDatabase(url), ensureDatabase(url), ensureDatabase(url)])
    await query(url, 'create table kept ()')
    await ensureDatabase(url)
    expect(await query(url, `select to_regclass('kept') is not null as kept`)).toEqual([{ kept: true }])
    expect(await query(url, 'show server_encoding')).toEqual([{ server_encoding: 'UTF8' }])
  })

  test('is not made by a role that may not; the refusal says what to do and shows no password', async () => {
    const role = `${inject('databaseServer').prefix}guest`
    await query(inject('databaseServer').url, `create role ${role} login password 'opensesame'`)
    onClose('role', () => query(inject('databaseServer').url, `drop role ${role}`))
    const url = new URL(unused())
    url.username = role
    url.password = 'opensesame'
    const message = await refusal(ensureDatabase(url.href))
    expect(message).toMatch(/does not exist and could not be created \(42501\)\. Create it/)
    expect(message).not.toContain('opensesame')
  })

  test('on a server that does not answer is a refusal that names the server and no password', async () => {
    const message = await refusal(ensureDatabase('postgres://ada:opensesame@127.0.0.1:1/habeas'))
    expect(message).toBe('The database "habeas" at 127.0.0.1:1 cannot be opened (ECONNREFUSED).')
    expect(await refusal(checkMigrated('postgres://ada:opensesame@127.0.0.1:1/habeas'))).toBe(message)
  })
})

function unused(): string {
  const { url, prefix } = inject('databaseServer')
  const other = new URL(url)
  other.pathname = `/${prefix}ensured_${Math.random().toString(36).slice(2)}`
  return other.href
}

async function sqlFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
}

async function refusal(act: Promise<unknown>): Promise<string> {
  const error: unknown = await act.catch((reason: unknown) => reason)
  if (!(error instanceof StartupError)) throw new Error('expected a StartupError', { cause: error })
  expect(error.exitCode).toBe(78)
  return error.message
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}
