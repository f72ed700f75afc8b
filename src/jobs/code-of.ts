import { Refusal } from '../errors.ts'

const CODE = /^[A-Za-z0-9_]{1,40}$/

/** A code for the log and the tables: a refusal's, a driver's, or the error's class; never a message, which may quote somebody's data. */
export function codeOf(error: unknown): string {
  if (error instanceof Refusal) return error.code
  if (!(error instanceof Error)) return 'unknown'
  if ('code' in error && typeof error.code === 'string' && CODE.test(error.code)) return error.code
  // Drizzle wraps what the driver threw.
  if (error.cause instanceof Error && error.cause !== error) return codeOf(error.cause)
  return CODE.test(error.name) ? error.name : 'unknown'
}
