import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { destination, pino, type Logger } from 'pino'
import type { Config } from '../config.ts'
import { codeOf } from '../jobs/code-of.ts'

/** The log of this process: JSON lines on standard output, or in `file`. Errors leave only class, code and place, never what they say. */
export function openLog(config: Config, file?: string): Logger {
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const target = file === undefined ? destination({ dest: 1, sync: true }) : destination({ dest: file, sync: true, mode: 0o600 })
  return pino(
    { level: config.logLevel, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"`, serializers: { err: describeError } },
    target,
  )
}

/** Class, code and place of an error, and nothing that it says. */
export function describeError(error: unknown): { type: string; code: string; at: string[] } {
  if (!(error instanceof Error)) return { type: typeof error, code: 'unknown', at: [] }
  // Messages of drivers quote values; frames of the stack begin with "at" and quote nothing.
  const frames = (error.stack ?? '').split('\n').map((line) => line.trim())
  return { type: error.name, code: codeOf(error), at: frames.filter((line) => line.startsWith('at ')).slice(0, 8) }
}
