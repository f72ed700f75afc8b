import type { Context } from '../../context.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import type { Right } from '../../policy/schema.ts'
import type { RequestRow } from '../transition.ts'
import { findingsOf, openCopies, type CopyRow } from './copies.ts'
import { erasuresOfSamePerson } from './erased-again.ts'

/** A copy, and the collections of it that are surely this person's alone. */
export interface AccessibleCopy {
  readonly copy: CopyRow
  readonly parts: CopyRow['parts']
}

/**
 * What is kept of erasures that stand on exactly the proven identity of this request, and nothing about which anybody has said that it was the
 * wrong person or an impostor: whoever had somebody erased must not be given their data.
 */
export async function copiesForAccess(ctx: Context, request: RequestRow): Promise<AccessibleCopy[]> {
  if (RIGHT_TABLE[request.right as Right].effect !== 'disclose' || request.right === 'portability') return []
  const found: AccessibleCopy[] = []
  for (const { request: other, body } of await erasuresOfSamePerson(ctx, request)) {
    if (body === null) continue
    if ((await findingsOf(ctx, [other.id])).length > 0) continue
    const shared = new Set(body.items.filter(({ whose }) => whose === 'shared').map(({ collection }) => collection))
    for (const copy of await openCopies(ctx, other))
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
