import { Refusal, StartupError } from '../errors.ts'
import { codeOf } from '../jobs/code-of.ts'

const EX_CANTCREAT = 73
const FULL = new Set(['ENOSPC', 'EDQUOT', '53100'])

/** The sentence and the exit code for whatever ended a command; never a stack, unless `verbose`. */
export function explainFailure(error: unknown, verbose: boolean): { sentence: string; exitCode: number } {
  if (error instanceof StartupError) return { sentence: error.message, exitCode: error.exitCode }
  if (error instanceof Refusal)
    return { sentence: [error.message, ...error.errors.map(({ pointer, detail }) => `  ${pointer}: ${detail}`)].join('\n'), exitCode: 1 }
  const code = codeOf(error)
  if (FULL.has(code)) return { sentence: 'The disk is full. Free some space and start again; nothing is lost.', exitCode: EX_CANTCREAT }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const stack = verbose && error instanceof Error ? `\n${error.stack ?? ''}` : ''
  return { sentence: `Habeas ended unexpectedly (${code}). ${what}${stack}`, exitCode: 1 }
}
