import { spawn } from 'node:child_process'
import { onClose } from '../support/database.ts'

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number | NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A command under way. */
export interface Running {
  readonly pid: number
  readonly ended: Promise<Ended>
  readonly said: () => string
  readonly signal: (name: NodeJS.Signals) => void
}

/** Starts `habeas <args>` as built, with nothing in its environment but what is given; it is ended with the test file. */
export function startCli(args: readonly string[], environment: Record<string, string> = {}): Running {
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment }
  const child = spawn(process.execPath, ['dist/cli.js', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code: signal ?? code, stdout, stderr })))
  onClose(`habeas ${args.join(' ')}`, async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await ended
  })
  return { pid: child.pid ?? 0, ended, said: () => stdout + stderr, signal: (name) => void child.kill(name) }
}

/** Runs a command to its end. */
export function runCli(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  return startCli(args, environment).ended
}
