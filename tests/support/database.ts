import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, inject } from 'vitest'
import { stopEmbeddedPostgres } from '../../src/demo/postgres.ts'
import { isRoot, locateStateFolder } from '../../src/demo/state-folder.ts'

/** A database of one test file; `drop` fails, naming them, when somebody still holds connections to it. */
export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

// A closed pool's connections end on the server a moment later; whoever is there after this is a leak.
const LEAK_AFTER_MS = 3_000

const closers: { name: string; close: () => Promise<unknown> }[] = []

/** Has `close` called when the test file ends, last registered first; a failure in one fails the file and keeps no other from running. */
export function onClose(name: string, close: () => Promise<unknown>): void {
  closers.push({ name, close })
}

// Importing this module is enough: vitest loads it anew for every test file.
afterAll(async () => {
  const failures: unknown[] = []
  for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) {
    const { name, close } = closer
    await close().catch((error: unknown) =>
      failures.push(new Error(`closing ${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })),
    )
  }
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('\n'))
})

/** A new database on the run's server, a clone of `template` when given; dropped when the test file ends, or earlier by `drop`. */
export async function createDatabase({ template = 'template0' }: { template?: string } = {}): Promise<TestDatabase> {
  const name = `${inject('databaseServer').prefix}${randomBytes(5).toString('hex')}`
  await onServer((server) => create(server, name, template))
  let dropping: Promise<void> | undefined
  const drop = (): Promise<void> => (dropping ??= onServer((server) => dropUnlessLeaked(server, name)))
  // Whoever drops it by hand has been told of a leak already.
  onClose(`database ${name}`, () => dropping?.catch(() => undefined) ?? drop())
  return { url: urlOf(name), drop }
}

/**
 * The name of a template that is made once per run: the first test file to ask has `build` fill it, the others wait. `build` must close
 * every connection it opened. Privileges on the database itself (`grant connect`) are not copied into clones.
 */
export async function templateOnce(name: string, build: (url: string) => Promise<void>): Promise<string> {
  const template = `${inject('databaseServer').prefix}template_${name}`
  const partial = `${template}_partial`
  await onServer(async (server) => {
    await server.query('select pg_advisory_lock(hashtextextended($1, 0))', [template])
    const { rowCount } = await server.query('select from pg_database where datname = $1', [template])
    if (rowCount === 1) return
    await server.query(`drop database if exists ${server.escapeIdentifier(partial)} with (force)`)
    await create(server, partial, 'template0')
    await build(urlOf(partial))
    const leaked = await findLeaks(server, partial)
    if (leaked.length > 0) throw new Error(`the template ${name} was left with open connections: ${leaked.join('; ')}`)
    await server.query(`alter database ${server.escapeIdentifier(partial)} rename to ${server.escapeIdentifier(template)}`)
  })
  return template
}

/** A new HABEAS_HOME outside the checkout; when the test file ends, its embedded server is stopped and both are removed. */
export async function makeHome(): Promise<string> {
  // The next run knows by the number whose folder it is, should this run be killed.
  const home = await mkdtemp(join(tmpdir(), `habeas-home-${process.pid}-`))
  onClose(`home ${home}`, async () => {
    const state = await locateStateFolder(home)
    await stopEmbeddedPostgres(state)
    await rm(isRoot() ? dirname(state) : state, { recursive: true, force: true })
    await rm(home, { recursive: true, force: true })
  })
  return home
}

async function create(server: Client, name: string, template: string): Promise<void> {
  // Copying files instead of logging pages: 9 ms against 51 ms where fsync is off.
  await server.query(
    `create database ${server.escapeIdentifier(name)} template ${server.escapeIdentifier(template)} encoding 'UTF8' strategy file_copy`,
  )
}

async function dropUnlessLeaked(server: Client, name: string): Promise<void> {
  const leaked = await findLeaks(server, name)
  await server.query(`drop database if exists ${server.escapeIdentifier(name)}${leaked.length > 0 ? ' with (force)' : ''}`)
  if (leaked.length > 0) throw new Error(`${leaked.length} connection(s) leaked: ${leaked.join('; ')}`)
}

/** Who is still connected after a short wait: application name, state and last statement of each. */
async function findLeaks(server: Client, name: string): Promise<string[]> {
  const who = `select format('%s, %s: %s', coalesce(nullif(application_name, ''), 'unnamed'), state, left(query, 200)) as leak
    from pg_stat_activity where datname = $1 and backend_type = 'client backend' and pid <> pg_backend_pid()`
  const end = performance.now() + LEAK_AFTER_MS
  for (;;) {
    const { rows } = await server.query<{ leak: string }>(who, [name])
    if (rows.length === 0 || performance.now() > end) return rows.map(({ leak }) => leak)
    await wait(20)
  }
}

function urlOf(name: string): string {
  const url = new URL(inject('databaseServer').url)
  url.pathname = `/${name}`
  return url.href
}

/** Advisory locks belong to one database, so every file of the run works on the same: the one the server's URL names. */
async function onServer<T>(work: (server: Client) => Promise<T>): Promise<T> {
  const server = new Client({ connectionString: inject('databaseServer').url, application_name: 'habeas tests' })
  await server.connect()
  try {
    return await work(server)
  } finally {
    await server.end()
  }
}
