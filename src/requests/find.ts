import { eq } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { requestAliases, requests } from '../db/schema/requests.ts'
import { Refusal } from '../errors.ts'
import type { RequestRow } from './transition.ts'

/** The request with this reference, or Refusal `unknown_reference`. */
export async function findRequest(ctx: Context, reference: string): Promise<RequestRow> {
  const [row] = await ctx.db.select().from(requests).where(eq(requests.reference, reference))
  if (row === undefined) throw new Refusal('unknown_reference')
  return row
}

/** The same, locked until the transaction ends: for decisions that read, judge and write. */
export async function lockRequest(ctx: Context, reference: string): Promise<RequestRow> {
  const [row] = await ctx.db.select().from(requests).where(eq(requests.reference, reference)).for('update')
  if (row === undefined) throw new Refusal('unknown_reference')
  return row
}

/** The request with this id, if there is one; with `lock`, held until the transaction ends. */
export async function requestById(ctx: Context, id: string, { lock = false } = {}): Promise<RequestRow | undefined> {
  const query = ctx.db.select().from(requests).where(eq(requests.id, id))
  const [row] = await (lock ? query.for('update') : query)
  return row
}

/** The request a reference leads to, also the reference a repeat was given; undefined when there is none. */
export async function resolveReference(ctx: Context, reference: string): Promise<RequestRow | undefined> {
  const [row] = await ctx.db.select().from(requests).where(eq(requests.reference, reference))
  if (row !== undefined) return row
  const [alias] = await ctx.db
    .select({ request: requests })
    .from(requestAliases)
    .innerJoin(requests, eq(requests.id, requestAliases.request_id))
    .where(eq(requestAliases.reference, reference))
  return alias?.request
}

/** The request a subject's token opens; any other reference gives the same refusal as no token at all. */
export async function ownRequest(ctx: Context, reference: string): Promise<RequestRow> {
  if (ctx.actor.kind !== 'subject') throw new Refusal('unauthenticated')
  const row = await resolveReference(ctx, reference)
  if (row === undefined || row.id !== ctx.actor.requestId) throw new Refusal('unauthenticated')
  return row
}
