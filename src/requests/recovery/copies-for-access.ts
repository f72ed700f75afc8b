import { and, eq, inArray, isNotNull, ne } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requests } from '../../db/schema/requests.ts'
import { plans } from '../../db/schema/work.ts'
import type { PlanBody } from '../../planner/shape.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import { RIGHTS, type Right } from '../../policy/schema.ts'
import { identityOf, isContested } from '../reply/own-data.ts'
import type { RequestRow } from '../transition.ts'
import { findingsOf, openCopies, type CopyRow } from './copies.ts'

/** A copy, and the collections of it that are surely this person's alone. */
export interface AccessibleCopy {
  readonly copy: CopyRow
  readonly parts: CopyRow['parts']
}

const ERASING = RIGHTS.filter((right) => RIGHT_TABLE[right].effect === 'erase')

/**
 * What is kept of erasures that stand on exactly the proven identity of this request, and nothing about which anybody has said that it was the
 * wrong person or an impostor: whoever had somebody erased must not be given their data.
 */
export async function copiesForAccess(ctx: Context, request: RequestRow): Promise<AccessibleCopy[]> {
  if (RIGHT_TABLE[request.right as Right].effect !== 'disclose' || request.right === 'portability') return []
  const identity = await identityOf(ctx, request)
  if (identity === undefined || request.email_lookup === null) return []
  const others = await ctx.db
    .select({ request: requests, body: plans.body })
    .from(requests)
    .innerJoin(plans, eq(plans.id, requests.plan_id))
    .where(
      and(
        eq(requests.email_lookup, request.email_lookup),
        inArray(requests.right, ERASING),
        ne(requests.id, request.id),
        isNotNull(requests.proven_at),
      ),
    )
  const found: AccessibleCopy[] = []
  for (const other of others) {
    const body = other.body as PlanBody
    if (isContested(body) || (await identityOf(ctx, other.request)) !== identity) continue
    if ((await findingsOf(ctx, [other.request.id])).length > 0) continue
    const shared = new Set(body.items.filter(({ whose }) => whose === 'shared').map(({ collection }) => collection))
    for (const copy of await openCopies(ctx, other.request))
      found.push({ copy, parts: copy.parts.filter(({ collection }) => !shared.has(collection)) })
  }
  return found
}

/** The categories of what such copies hold, in the order of the policy. */
export async function copiedCategories(ctx: Context, request: RequestRow): Promise<string[]> {
  const copies = await copiesForAccess(ctx, request)
  const held = new Set(copies.flatMap(({ parts }) => parts.map(({ collection }) => ctx.policy.collections.get(collection)?.category)))
  return [...ctx.policy.categories.keys()].filter((category) => held.has(category))
}
