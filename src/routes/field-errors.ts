import type { z } from 'zod'
import type { FieldError } from '../errors.ts'

/** What zod found wrong, field by field, as JSON pointers. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.map(({ path, message }) => ({ pointer: path.map((part) => `/${String(part)}`).join(''), detail: message }))
}
