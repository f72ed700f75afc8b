import { z } from 'zod'

export const id = z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'a lower-case name (letters, digits, - and _)')
/** Any identifier that PostgreSQL can hold, such as `First Name`: statements quote every name. */
export const sqlName = z
  .string()
  .regex(/^[^\0]{1,63}$/, 'a column or table name of 1 to 63 bytes')
  .refine((name) => Buffer.byteLength(name) <= 63, 'a column or table name of 1 to 63 bytes')
export const path = z.string().regex(/^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)*$/, 'a column, or ref.column through declared refs')
