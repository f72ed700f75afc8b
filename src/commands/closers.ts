import { codeOf } from '../jobs/code-of.ts'
import { describeError } from './log.ts'

const LIMIT_MS = 20_000

/** What this process has opened, to be closed last in, first out. */
export class Closers {
  readonly #open: { name: string; close: () => Promise<unknown> | void }[] = []

  push(name: string, close: () => Promise<unknown> | void): void {
    this.#open.push({ name, close })
  }

  /**
   * Closes all. What fails or has not closed after 20 seconds is named in `report` and left behind: whatever was under way there is taken up
   * again at the next start, as after a crash.
   */
  async closeAll(report: (line: string) => void): Promise<void> {
    for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop()) {
      const { name, close } = next
      const limit = new AbortController()
      try {
        await Promise.race([close(), overdue(limit.signal)])
      } catch (error) {
        report(`${name} did not close: ${codeOf(error)}`)
      } finally {
        limit.abort()
      }
    }
  }
}

function overdue(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(Object.assign(new Error('not closed in time'), { code: 'overdue' })), LIMIT_MS)
    signal.addEventListener('abort', () => clearTimeout(timer))
  })
}

/**
 * Opens a service, waits for SIGTERM or SIGINT and closes it again; a failure while opening closes what is open and is thrown on. A signal
 * during the start counts when the start is through; a second one ends the process at once. So does an error that nobody caught, of which only
 * class and place are shown: what it says may be somebody's data.
 */
export async function runService(open: (closers: Closers) => Promise<void>, report: (line: string) => void): Promise<void> {
  const closers = new Closers()
  const stopped = new Promise<void>((resolve) => {
    let signals = 0
    const onSignal = (): void => {
      signals += 1
      if (signals === 2) process.exit(130)
      resolve()
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  })
  process.on('uncaughtException', (error) => {
    const { type, code, at } = describeError(error)
    report(`Habeas ended unexpectedly (${type}, ${code}).\n${at.join('\n')}`)
    process.exit(1)
  })
  try {
    await open(closers)
    await stopped
  } finally {
    await closers.closeAll(report)
  }
}
