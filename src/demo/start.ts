import { mkdir } from 'node:fs/promises'
import type { Config } from '../config.ts'
import { StartupError } from '../errors.ts'
import { prepareDatabases, type DemoDatabases } from './databases.ts'
import { readDemoFile, removeDemoFile } from './demo-file.ts'
import { lockHome } from './home-lock.ts'
import { startEmbeddedPostgres } from './postgres.ts'

const EX_TEMPFAIL = 75
const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3})$/

/** The server and the databases of one demonstration, which nobody else uses until `close`. */
export interface DemoServer {
  readonly databases: DemoDatabases
  readonly close: () => Promise<void>
}

/** Throws a StartupError (exit 78) where a demonstration, with its open mailbox and moved clock, has no business. */
export function refuseDemo(config: Config): void {
  if (config.production)
    throw new StartupError(
      'NODE_ENV is production and DATABASE_URL is not set. A demonstration never runs in production: set DATABASE_URL.',
    )
  if (!LOOPBACK.test(config.host))
    throw new StartupError(
      `HOST is ${config.host}. Without DATABASE_URL this is a demonstration, which listens on this machine only: leave HOST out, or set DATABASE_URL.`,
    )
}

/** Starts, or adopts, the embedded server of `home` with the demonstration's databases; refuses while another process has the home. */
export async function startDemoServer(home: string, log: (line: string) => void): Promise<DemoServer> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const lock = await lockHome(home)
  if (lock === undefined) throw new StartupError(await describeOther(home), EX_TEMPFAIL)
  try {
    await removeDemoFile(home)
    const server = await startEmbeddedPostgres({ home, log })
    const close = async (): Promise<void> => {
      await removeDemoFile(home)
      await server.stop()
      await lock.release()
    }
    try {
      return { databases: await prepareDatabases(server.url, home), close }
    } catch (error) {
      await close()
      throw error
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** The databases of the demonstration that runs in `home`, for commands beside it; a StartupError when none runs. */
export async function findDemoServer(home: string): Promise<{ databases: DemoDatabases; url: string }> {
  const running = await readDemoFile(home)
  const lock = running === undefined ? undefined : await lockHome(home)
  await lock?.release()
  // A lock that could be taken means that whoever wrote the file was killed.
  if (running === undefined || lock !== undefined)
    throw new StartupError(`Neither is DATABASE_URL set nor does a demonstration run in ${home}. Start one with: npm start`)
  const server = await startEmbeddedPostgres({ home, log: () => {} })
  return { databases: await prepareDatabases(server.url, home), url: running.url }
}

async function describeOther(home: string): Promise<string> {
  const other = await readDemoFile(home)
  const remedy = 'For a second one beside it set HABEAS_HOME to another folder and PORT=0.'
  if (other === undefined) return `Another process is starting or stopping a demonstration in ${home}. ${remedy}`
  return `A demonstration runs already at ${other.url} (process ${other.pid}, in ${home}). ${remedy}`
}
