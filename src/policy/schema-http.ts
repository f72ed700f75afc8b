import { z } from 'zod'
import { sqlName } from './schema-names.ts'

/** A call of an API; `{identifier}` and `{column}` in the path and body stand for values, encoded for their place. */
const call = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().regex(/^\//, 'a path that begins with /'),
  body: z.record(z.string(), z.string()).optional().describe('sent as JSON'),
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
  private_network: z.boolean().default(false).describe('the API stands in our own network; else private addresses are refused'),
  requests_per_second: z.number().positive().max(1000).default(10),
  timeout_seconds: z.int().min(1).max(120).default(15),
})

/** How the rows of a collection are found, erased, changed and revoked at an API. */
export const httpCollection = z.strictObject({
  find: call.extend({
    rows: z.string().default('data').describe('where the list stands in the answer, such as data or result.items'),
    next: z
      .strictObject({
        at: z.string().describe('where the answer names the next page'),
        parameter: z.string().describe('query parameter that takes it'),
      })
      .optional(),
  }),
  erase: call.optional().describe('one row; 404 and 410 mean that it is gone already'),
  change: call.optional().describe('one row'),
  revoke: call.optional().describe('one row; called and confirmed before anything is erased here or in a collection that points at it'),
  columns: z.record(sqlName, z.string()).default({}).describe('column → where it stands in a row of the answer; left out: its own name'),
})
