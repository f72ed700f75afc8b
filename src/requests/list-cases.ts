import { and, asc, eq, isNotNull, isNull, like, lte, or, sql, type SQL } from 'drizzle-orm'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { requests } from '../db/schema/requests.ts'
import { RIGHTS } from '../policy/schema.ts'
import { readAddress } from '../security/address.ts'
import { verb } from '../verb.ts'
import { caseViews, type CaseView } from './case-view.ts'
import { STATES, type State } from './state.ts'

export const caseFilter = z.object({
  state: z.enum(Object.keys(STATES) as [State, ...State[]]).optional(),
  right: z.enum(RIGHTS).optional(),
  due_before: z.iso.datetime({ offset: true }).optional(),
  assignee: z.uuid().optional(),
  q: z.string().max(320).optional().describe('the beginning of a reference, or an exact e-mail address'),
  open: z.stringbool().optional().describe('true: only cases that are not over'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().max(200).optional(),
})

export interface CasePage {
  readonly data: readonly CaseView[]
  readonly next_cursor: string | null
}

/** A page of cases, soonest due first. */
export const listCases = verb(
  { name: 'listCases', permission: 'cases.read', audit: [] },
  async (ctx, filter: z.output<typeof caseFilter>): Promise<CasePage> => {
    const rows = await ctx.db
      .select()
      .from(requests)
      .where(and(...conditions(ctx, filter)))
      .orderBy(asc(requests.due_at), asc(requests.id))
      .limit(filter.limit + 1)
    const page = rows.slice(0, filter.limit)
    const last = page.at(-1)
    const cursor = rows.length > filter.limit && last !== undefined ? `${last.due_at.toISOString()}_${last.id}` : null
    return { data: await caseViews(ctx, page), next_cursor: cursor }
  },
)

function conditions(ctx: Context, filter: z.output<typeof caseFilter>): (SQL | undefined)[] {
  return [
    filter.state === undefined ? undefined : eq(requests.state, filter.state),
    filter.right === undefined ? undefined : eq(requests.right, filter.right),
    filter.due_before === undefined ? undefined : lte(requests.due_at, new Date(filter.due_before)),
    filter.assignee === undefined ? undefined : eq(requests.assignee, filter.assignee),
    filter.open === undefined ? undefined : filter.open ? isNull(requests.closed_at) : isNotNull(requests.closed_at),
    filter.q === undefined || filter.q === '' ? undefined : matching(ctx, filter.q),
    afterCursor(filter.after),
  ]
}

/** A reference by its beginning, or a person by their exact address: never by a part of it. */
function matching(ctx: Context, q: string): SQL | undefined {
  const address = readAddress(q)
  if (address !== undefined) return eq(requests.email_lookup, ctx.keys.digest('email', address.compare))
  const prefix = q
    .trim()
    .toUpperCase()
    .replaceAll(/[^0-9A-Z-]/g, '')
  return prefix === '' ? sql`false` : or(like(requests.reference, `${prefix}%`), like(requests.reference, `HAB-${prefix}%`))
}

function afterCursor(cursor: string | undefined): SQL | undefined {
  if (cursor === undefined) return undefined
  const [at = '', id = ''] = cursor.split('_')
  const instant = new Date(at)
  if (Number.isNaN(instant.getTime()) || !z.uuid().safeParse(id).success) return sql`false`
  return sql`(${requests.due_at}, ${requests.id}) > (${instant}, ${id}::uuid)`
}
