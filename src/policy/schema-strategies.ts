import { z } from 'zod'
import { id, path, sqlName } from './schema-names.ts'

/** A scalar to compare with, a list of them, null, or `{ not: null }`. */
export const scalar = z.union([z.string(), z.number(), z.boolean()], 'a text, a number, true or false')
const wanted = z.union(
  [scalar, z.array(scalar).min(1), z.null(), z.strictObject({ not: z.null() })],
  'a value, a list, null, or { not: null }',
)
export const condition = z.record(path, wanted)

// A place in a list is another one once its neighbour has gone, so a second run would take more.
const jsonPath = z
  .string()
  .regex(/^(?!\d+(\.|$))[^.]+(\.(?!\d+(\.|$))[^.]+)*$/, 'names joined by dots, such as customer.email, and no places in a list')

/** What becomes of a single field. */
export const strategy = z.union(
  [
    z.null(),
    z.strictObject({ value: scalar }).describe('a fixed value'),
    z
      .strictObject({ truncate: z.enum(['day', 'month', 'year', 'ip', 'postcode']) })
      .describe('keeps only this much of a time; ip: the network (/24, /48); postcode: its first half'),
    z
      .strictObject({ replace: z.literal(true) })
      .describe('a value that says nothing and that the type and the constraints of the column allow'),
    z.strictObject({ pseudonym: z.literal(true) }).describe('equal values stay equal, under a key that is gone with the case file'),
    z.strictObject({ redact: z.literal(true) }).describe('text: addresses, numbers and what identifies the person become [removed]'),
    z.strictObject({ remove: id }).describe("an array, or a jsonb array: the elements that hold the person's values of this identifier go"),
    z.strictObject({ drop: z.array(jsonPath).min(1) }).describe('jsonb: these paths go, such as customer.email'),
  ],
  'null, { value: … }, { truncate: day|month|year|ip|postcode }, { replace: true }, { pseudonym: true }, { redact: true }, { remove: identifier } or { drop: [paths] }',
)
export const fieldChanges = z.record(sqlName, strategy)

/** A column alone may have any name without `[`, `]`, `>` and dots; within paths names are plain: `[]` means any element of an array: `members[]`, `payload->owner->mail`, `payload->people[]->id`. */
export const columnPath = z
  .string()
  .regex(
    /^([A-Za-z_][\w$]{0,62}(\[\])?(->[A-Za-z_][\w$-]*(\[\])?)*|[^\0\n[\]>.]{1,63})$/,
    'a column, column[] for any element of an array, or column->key->key into jsonb',
  )
