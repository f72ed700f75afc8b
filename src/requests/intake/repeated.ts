import { and, asc, eq, isNull, ne } from 'drizzle-orm'
import { canonicalJson } from '../../canonical.ts'
import type { Context } from '../../context.ts'
import { requests } from '../../db/schema/requests.ts'
import { readAddress } from '../../security/address.ts'
import { openColumn } from '../sealed.ts'
import type { RequestRow } from '../transition.ts'
import type { Arrival } from './new-request.ts'

/**
 * The open case that this arrival merely repeats: the same right, scope, residence and words, from exactly the same address, by the person
 * themselves. Anything else is a case of its own: what somebody typed under a stranger's address must never ride along with the stranger's
 * own request. A rectification is never a repeat, because its values are its content.
 */
export async function repeatedCase(ctx: Context, arrival: Arrival): Promise<RequestRow | undefined> {
  const { address } = arrival
  if (address === undefined || arrival.corrections !== undefined || arrival.requester_role !== 'subject') return undefined
  const lookup = ctx.keys.digest('email', address.compare)
  const candidates = await ctx.db
    .select()
    .from(requests)
    .where(
      and(
        eq(requests.email_lookup, lookup),
        eq(requests.right, arrival.right),
        isNull(requests.closed_at),
        ne(requests.state, 'delivered'),
      ),
    )
    .orderBy(asc(requests.received_at))
  for (const one of candidates) if (await saysTheSame(ctx, one, arrival)) return one
  return undefined
}

async function saysTheSame(ctx: Context, request: RequestRow, arrival: Arrival): Promise<boolean> {
  const identifiers = arrival.identifiers === undefined ? null : JSON.stringify(arrival.identifiers)
  return (
    request.requester_role === 'subject' &&
    request.corrections === null &&
    request.residence === arrival.residence &&
    canonicalJson(request.scope ?? {}) === canonicalJson(arrival.scope ?? {}) &&
    readAddress((await openColumn(ctx, request, 'email')) ?? '')?.address === arrival.address?.address &&
    (await openColumn(ctx, request, 'details')) === (arrival.details ?? null) &&
    (await openColumn(ctx, request, 'name')) === (arrival.name ?? null) &&
    (await openColumn(ctx, request, 'identifiers')) === identifiers
  )
}
