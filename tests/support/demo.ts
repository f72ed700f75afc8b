import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onClose } from './database.ts'
import { eventually } from './server.ts'

/** What `.habeas/demo.json` says (design.md §5). */
export interface DemoFile {
  readonly url: string
  readonly pid: number
  readonly mailbox: string
  readonly company_database_url: string
  readonly operators: readonly { email: string; role: string; token: string }[]
  readonly subjects: readonly { email: string; note: string }[]
}

/** A demonstration in a process of its own. */
export interface Demo {
  readonly file: DemoFile
  readonly home: string
  /** Everything it has printed so far. */
  readonly output: () => string
  /** Resolves with the signal or code that ended the process. */
  readonly ended: Promise<NodeJS.Signals | number | null>
  stop(): Promise<NodeJS.Signals | number | null>
}

/** Builds `dist/` when it is not of these very sources. */
export function build(): void {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build.ts', '--quiet'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the build failed: ${stderr}`)
}

/** Starts a demonstration in `home` on a free port and waits until it says it is ready. */
export async function startDemo(home: string, options: { failpoint?: string; accounts?: number; port?: number } = {}): Promise<Demo> {
  const args = ['dist/cli.js', 'start', ...(options.accounts === undefined ? [] : ['--accounts', String(options.accounts)])]
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    HABEAS_HOME: home,
    PORT: String(options.port ?? 0),
  }
  if (options.failpoint !== undefined) environment['HABEAS_FAILPOINT'] = options.failpoint
  const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)))
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    return ended
  }
  onClose(`demonstration in ${home}`, stop)
  const file = await eventually('the demonstration to be ready', () => readyFile(home, child, () => printed))
  return { file, home, output: () => printed, ended, stop }
}

async function readyFile(home: string, child: ChildProcess, printed: () => string): Promise<DemoFile | undefined> {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended before it was ready:\n${printed()}`)
  try {
    const file = JSON.parse(await readFile(join(home, 'demo.json'), 'utf8')) as DemoFile
    // A file that an earlier process left says nothing of this one.
    return file.pid === child.pid ? file : undefined
  } catch {
    return undefined
  }
}
