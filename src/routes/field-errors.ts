import type { z } from 'zod'
import type { FieldError } from '../errors.ts'

/** What zod found wrong, field by field, as JSON pointers; for a person, so its own terms are put into words. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.map((issue) => ({ pointer: issue.path.map((part) => `/${String(part)}`).join(''), detail: inWords(issue) }))
}

/** Sentences of our own stay; what only the library says is told in plain words. */
function inWords({ code, message, ...issue }: z.core.$ZodIssue): string {
  if (!/^(Too (small|big)|Invalid)/.test(message)) return message
  if (code === 'too_small' && 'origin' in issue && issue.origin === 'string') return 'Enter something here'
  if (code === 'too_big') return 'This is too long'
  return 'This is not in the right form'
}
