import { spawn, type ChildProcess } from 'node:child_process'
import { open, readFile, realpath } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client, DatabaseError } from 'pg'
import { StartupError } from '../errors.ts'
import { copyBinaries, findBinaryPackage } from './postgres-binaries.ts'
import { initialiseData } from './postgres-data.ts'
import { withFolderLock } from './postgres-lock.ts'
import { clearRemains, findPostmaster, stopPostmaster, type Postmaster } from './postmaster.ts'
import { explainFailure, ignoreMissing, locateStateFolder, openStateFolder, readPassword, type StateFolder } from './state-folder.ts'

/** A running server; `url` is the superuser's, of the database `postgres`; `adopted` when an earlier run had left it alive. */
export interface EmbeddedServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly adopted: boolean
  readonly folder: string
  /** Done when the server is gone. Close pools first: it cuts off whoever is still connected. Calling it again does nothing. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  readonly home: string
  readonly log: (line: string) => void
  /** For tests: data that need not survive a crash of the machine. */
  readonly fast?: boolean
  /** Another state folder than the one that belongs to `home`. */
  readonly folder?: string
}

// Crash recovery replays up to a gigabyte of log before the first answer.
const READY_WITHIN_MS = 120_000
const PORT_TRIES = 5

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'shared_buffers=128MB',
  'timezone=UTC',
  'log_timezone=UTC',
  'wal_level=minimal',
  'max_wal_senders=0',
  // What the server writes to its log must not hold anybody's data: no statement, no "Key (email)=(…) already exists".
  'log_min_error_statement=panic',
  'log_error_verbosity=terse',
  'log_checkpoints=off',
]
// Test files open many installations side by side, each with pools of its own.
const FAST_SETTINGS = ['max_connections=600', 'fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum=off']

/**
 * A PostgreSQL 18 of our own on a free port of 127.0.0.1: the one that already runs in the state folder, or a new one. It is no child of the
 * terminal, so Ctrl-C reaches us and not it. A `StartupError` says what is wrong in a sentence.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedServer> {
  let where = options.folder ?? options.home
  try {
    where = options.folder ?? (await locateStateFolder(options.home))
    const state = await openStateFolder(where)
    return await withFolderLock(state.path, () => adoptOrStart(state, options))
  } catch (error) {
    throw explainFailure(error, where)
  }
}

/** Stops the server in `folder`, whoever started it; does nothing when none runs. */
export async function stopEmbeddedPostgres(folder: string): Promise<void> {
  const path = await realpath(folder).catch(ignoreMissing)
  if (path === null) return
  await withFolderLock(path, async () => {
    const running = await findPostmaster(join(path, 'data'))
    if (running !== null) await stopPostmaster(join(path, 'data'), running.pid)
  })
}

async function adoptOrStart(state: StateFolder, options: EmbeddedOptions): Promise<EmbeddedServer> {
  const living = await findPostmaster(state.data)
  const adopted = living === null ? null : await waitForAnswer(state, living.pid)
  if (adopted !== null) {
    options.log(`PostgreSQL of an earlier run is still up (process ${adopted.pid}, port ${adopted.port}) and is used again.`)
    return describeServer(state, adopted, true)
  }
  await clearRemains(state.data)
  const binaries = await copyBinaries(await findBinaryPackage(), state.path)
  await initialiseData(state, binaries)
  if (state.user !== null) options.log(`PostgreSQL refuses to run as root: it runs as the user nobody, with its data in ${state.path}.`)
  return describeServer(state, await launch(state, binaries, options.fast === true), false)
}

async function describeServer(state: StateFolder, { pid, port }: Postmaster, adopted: boolean): Promise<EmbeddedServer> {
  const stop = (): Promise<void> => withFolderLock(state.path, () => stopPostmaster(state.data, pid))
  return { url: await urlOf(state, port), port, pid, adopted, folder: state.path, stop }
}

async function launch(state: StateFolder, binaries: string, fast: boolean): Promise<Postmaster> {
  for (let tries = 1; ; tries++) {
    const child = await spawnServer(state, binaries, [...SETTINGS, ...(fast ? FAST_SETTINGS : []), `port=${await findFreePort()}`])
    const answer = child.pid === undefined ? null : await waitForAnswer(state, child.pid, child)
    if (answer !== null) return answer
    const said = await readFile(state.logFile, 'utf8')
    // Somebody else can take the port between our looking and the server's binding.
    if (tries === PORT_TRIES || !/could not (bind|create any TCP)/.test(said)) throw new Error(said.trim().split('\n').slice(-5).join('\n'))
  }
}

async function spawnServer(state: StateFolder, binaries: string, settings: string[]): Promise<ChildProcess> {
  const log = await open(state.logFile, 'w', 0o600)
  try {
    const child = spawn(join(binaries, 'bin', 'postgres'), ['-D', state.data, ...settings.flatMap((setting) => ['-c', setting])], {
      cwd: state.path,
      detached: true,
      env: { LC_ALL: 'C' },
      stdio: ['ignore', log.fd, log.fd],
      ...state.user,
    })
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    child.unref()
    return child
  } finally {
    await log.close()
  }
}

/** The server once it answers to our password for our folder; `null` when it ends instead. */
async function waitForAnswer(state: StateFolder, pid: number, child?: ChildProcess): Promise<Postmaster | null> {
  const end = performance.now() + READY_WITHIN_MS
  while (performance.now() < end) {
    const running = await findPostmaster(state.data)
    if (running?.pid === pid && running.ready && (await answers(state, running.port))) return running
    const ended = child === undefined ? running === null : child.exitCode !== null || child.signalCode !== null
    if (ended) return null
    await wait(10)
  }
  child?.kill('SIGQUIT')
  throw new StartupError(`PostgreSQL (process ${pid}) in ${state.path} has not answered for two minutes. Its log is ${state.logFile}.`, 69)
}

async function answers(state: StateFolder, port: number): Promise<boolean> {
  const client = new Client({ connectionString: await urlOf(state, port), application_name: 'habeas start', connectionTimeoutMillis: 5000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ data_directory: string }>('show data_directory')
    return rows[0]?.data_directory === state.data
  } catch (error) {
    if (error instanceof DatabaseError && error.code === '28P01') {
      throw new StartupError(
        `The PostgreSQL in ${state.path} refuses the password kept in ${state.passwordFile}. Restore that file, or end the server.`,
      )
    }
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function urlOf(state: StateFolder, port: number): Promise<string> {
  const password = await readPassword(state, false)
  if (password === null)
    throw new StartupError(`The password of the embedded PostgreSQL is missing in ${state.path}. Remove that folder to begin anew.`)
  return `postgres://habeas:${password}@127.0.0.1:${port}/postgres`
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no free port'))))
    })
  })
}
