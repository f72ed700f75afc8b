import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '../../src/demo/postgres.ts'
import { isRoot, locateStateFolder, ROOT_STATE } from '../../src/demo/state-folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run: a URL that may create databases, and the prefix of every database the run makes. */
    databaseServer: { url: string; prefix: string }
  }
}

/** One way to a server; `null` with a reason when it does not apply on this machine. */
interface Lane {
  readonly name: string
  open(): Promise<{ url: string; close: () => Promise<void> } | { skipped: string }>
}

const LANES: readonly Lane[] = [
  { name: 'TEST_DATABASE_URL', open: openGiven },
  { name: 'testcontainers', open: openContainer },
  { name: 'embedded', open: openEmbedded },
]

/** One PostgreSQL for the whole run: the one given, else a container, else the embedded one; says which, and why not the others. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const skipped: string[] = []
  for (const [index, lane] of LANES.entries()) {
    const opened = await lane.open()
    if ('skipped' in opened) {
      skipped.push(`${lane.name} (${opened.skipped})`)
      continue
    }
    skipped.push(...LANES.slice(index + 1).map(({ name }) => `${name} (not needed)`))
    const prefix = `habeas_${randomBytes(4).toString('hex')}_`
    project.provide('databaseServer', { url: opened.url, prefix })
    process.stdout.write(`Database: ${lane.name}, PostgreSQL ${await readVersion(opened.url)}. Skipped: ${skipped.join(', ')}.\n`)
    return async () => {
      await dropDatabases(opened.url, prefix)
      await opened.close()
    }
  }
  throw new Error(`no PostgreSQL for the tests: ${skipped.join(', ')}`)
}

async function openGiven(): ReturnType<Lane['open']> {
  const url = process.env['TEST_DATABASE_URL']
  return url === undefined || url === '' ? { skipped: 'not set' } : { url, close: async () => undefined }
}

async function openContainer(): ReturnType<Lane['open']> {
  const { XDG_RUNTIME_DIR: runtime = '/nonexistent', DOCKER_HOST: host, TESTCONTAINERS_HOST_OVERRIDE: override } = process.env
  const sockets = ['/var/run/docker.sock', join(runtime, 'docker.sock'), join(homedir(), '.docker/run/docker.sock')]
  const others = [
    join(homedir(), '.docker/desktop/docker.sock'),
    `/run/user/${process.getuid?.()}/docker.sock`,
    join(homedir(), '.testcontainers.properties'),
  ]
  // Asked before the library is loaded, which takes longer than all the rest of this file.
  if (host === undefined && override === undefined && ![...sockets, ...others].some(existsSync)) return { skipped: 'no container runtime' }
  try {
    const { PostgreSqlContainer } = await import('@testcontainers/postgresql')
    const command = [
      'postgres',
      '-c',
      'fsync=off',
      '-c',
      'synchronous_commit=off',
      '-c',
      'full_page_writes=off',
      '-c',
      'max_connections=200',
    ]
    const container = await new PostgreSqlContainer('postgres:18').withCommand(command).start()
    const close = async (): Promise<void> => {
      await container.stop()
    }
    return { url: container.getConnectionUri(), close }
  } catch (error) {
    return { skipped: `no container could be started: ${error instanceof Error ? error.message : String(error)}` }
  }
}

async function openEmbedded(): ReturnType<Lane['open']> {
  const [parent, name] = isRoot() ? [ROOT_STATE, 'test-'] : [tmpdir(), 'habeas-test-']
  await mkdir(parent, { recursive: true, mode: 0o711 })
  await removeDeadRuns(parent, name)
  await removeDeadRuns(tmpdir(), 'habeas-home-')
  const folder = await mkdtemp(join(parent, `${name}${process.pid}-`))
  const server = await startEmbeddedPostgres({ home: folder, folder, fast: true, log: () => undefined })
  // A run that is cut short (second Ctrl-C) still ends its server; the folder goes with the next run.
  const endServer = (): void => {
    if (existsSync(`/proc/${server.pid}`)) process.kill(server.pid, 'SIGQUIT')
  }
  process.once('exit', endServer)
  const close = async (): Promise<void> => {
    await server.stop()
    process.off('exit', endServer)
    await rm(folder, { recursive: true, force: true })
  }
  return { url: server.url, close }
}

/** Ends and removes what killed runs left, their own server and those of their homes: each folder names the process that is no more. */
async function removeDeadRuns(parent: string, name: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    const pid = new RegExp(`^${name}(\\d+)-`).exec(entry)?.[1]
    const path = join(parent, entry)
    if (pid === undefined || existsSync(`/proc/${pid}`) || (await stat(path)).uid !== process.getuid?.()) continue
    const state = await locateStateFolder(path)
    await stopEmbeddedPostgres(path)
    await stopEmbeddedPostgres(state)
    await rm(isRoot() ? dirname(state) : state, { recursive: true, force: true })
    await rm(path, { recursive: true, force: true })
  }
}

async function readVersion(url: string): Promise<string> {
  return withClient(
    url,
    async (client) => (await client.query<{ server_version: string }>('show server_version')).rows[0]?.server_version ?? '',
  )
}

/** Drops the databases of this run, templates included, on a server that outlives it. */
async function dropDatabases(url: string, prefix: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>('select datname as name from pg_database where starts_with(datname, $1)', [
      prefix,
    ])
    for (const { name } of rows) await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`)
  })
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'habeas tests' })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
