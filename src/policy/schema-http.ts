import { z } from 'zod'
import { id, sqlName } from './schema-names.ts'

const place = z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, 'a property, or property.property further down')

/** A call of an API: `{name}` in the path or in a text of the body stands for a value, encoded for that place. */
const call = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().regex(/^\/[^\s#]*$/, 'a path that begins with / and may end with a query'),
  body: z.record(z.string(), z.string()).optional().describe('sent as JSON'),
})

/** One row: `{column}` stands for what the row holds there. */
const rowCall = call.extend({ method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']) })

const find = call.extend({
  method: z.enum(['GET', 'POST']).default('GET'),
  identifier: id.optional().describe('which identifier this call takes; left out: each of one part'),
  rows: z
    .union([z.literal('.'), place])
    .default('data')
    .describe('where the list stands in the answer, such as data or result.items; .: the answer is the list'),
  next: z
    .union(
      [
        z.literal('link'),
        z.strictObject({
          at: place.describe('where the answer names the next page'),
          parameter: z
            .string()
            .regex(/^[\w.[\]-]+$/, 'the name of a query parameter')
            .describe('query parameter that takes it'),
        }),
      ],
      'link (the Link header), or { at: place in the answer, parameter: of the query }',
    )
    .optional(),
  not_found_is_nothing: z.boolean().default(false).describe('404 says that nothing is held; else it is a failure'),
})

/** How an API is spoken to. The secret comes from the setting SOURCE_<ID>_SECRET, another address from SOURCE_<ID>_URL. */
export const httpSource = z.strictObject({
  base_url: z.url({ protocol: /^https?$/ }),
  auth: z
    .union(
      [z.literal('none'), z.literal('bearer'), z.literal('basic'), z.strictObject({ header: z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/) })],
      'none, bearer, basic, or { header: name }',
    )
    .default('bearer'),
  private_network: z
    .boolean()
    .default(false)
    .describe('the API stands in our own network: its addresses, and http without TLS, are allowed; link-local ones never are'),
  requests_per_second: z.number().positive().max(1000).default(10),
  timeout_seconds: z.int().min(1).max(120).default(15),
})

/** How the rows of a collection are found, erased, changed and revoked at an API. */
export const httpCollection = z.strictObject({
  find: z
    .union([find.transform((one) => [one]), z.array(find).min(1)], 'a call, or a list of calls with their identifiers')
    .describe('{identifier}, or {column} for each part of a composite one, stands for the value that is looked for'),
  revoke: rowCall.optional().describe('one row; called and confirmed before it is erased'),
  erase: rowCall.optional().describe('one row; 404 and 410 mean that it is gone already'),
  change: rowCall.omit({ body: true }).optional().describe('one row; the new values are sent as JSON'),
  columns: z.record(sqlName, place).default({}).describe('column → where it stands in a row of the answer; left out: its own name'),
})

export type HttpSource = z.output<typeof httpSource>
export type HttpCollection = z.output<typeof httpCollection>
export type HttpCall = Pick<z.output<typeof call>, 'path' | 'body'> & { readonly method: string }
export type FindCall = z.output<typeof find>
