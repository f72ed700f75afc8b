import { and, inArray, isNull } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { standingFacts } from '../../db/schema/standing.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import type { Right } from '../../policy/schema.ts'
import { identifierLookup } from '../../standing/identifier.ts'
import { Temporal } from '../../time.ts'
import type { ClaimedStep } from '../carrying-out/claim.ts'
import { provenIdentifiers } from '../sealed.ts'
import type { RequestRow } from '../transition.ts'

/** What may be kept of an effect, and until when. */
export interface MayKeep {
  readonly collections: readonly string[]
  readonly expires_at: Date
}

/** Grounds of Art. 17(1) GDPR on which nothing is kept: (b) consent withdrawn, (c) objection upheld, (d) unlawful, (f) a child's data. */
export const NO_COPY_GROUNDS = ['consent_withdrawn', 'objection', 'unlawful', 'child'] as const

/**
 * The collections of which a recovery copy may be kept, and its end: the shortest period that their categories name, and never beyond the due
 * date of the case. Undefined where the policy asks for none, for an excluded ground, and when there is no time left.
 */
export async function mayKeep(ctx: Context, { request, changes }: Pick<ClaimedStep, 'request' | 'changes'>): Promise<MayKeep | undefined> {
  if (RIGHT_TABLE[request.right as Right].effect !== 'erase') return undefined
  const periods = new Map<string, string>()
  for (const { selection } of changes) {
    const category = ctx.policy.collections.get(selection.collection)?.category ?? ''
    const period = ctx.policy.categories.get(category)?.recovery
    if (period !== undefined) periods.set(selection.collection, period)
  }
  if (periods.size === 0 || (await isExcluded(ctx, request))) return undefined
  const now = ctx.clock.now()
  const zoned = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(request.zone)
  const ends = [...periods.values()].map((period) => zoned.add(period).epochMilliseconds)
  const expires_at = new Date(Math.min(...ends, request.due_at.getTime()))
  return expires_at > now ? { collections: [...periods.keys()], expires_at } : undefined
}

/** Whether the case, or something that stands of the person, says that nothing may be kept. */
async function isExcluded(ctx: Context, request: RequestRow): Promise<boolean> {
  if (request.no_recovery !== null || request.requester_role === 'guardian') return true
  const stated: readonly string[] = NO_COPY_GROUNDS
  if (stated.includes(request.scope?.['erasure'] ?? '')) return true
  const proven = Object.entries(await provenIdentifiers(ctx, request))
  const lookups = proven.flatMap(([kind, values]) => values.map((value) => identifierLookup(ctx, { kind, value })))
  if (lookups.length === 0) return false
  const against = await ctx.db
    .select({ id: standingFacts.id })
    .from(standingFacts)
    .where(
      and(
        inArray(standingFacts.identifier_lookup, lookups),
        inArray(standingFacts.kind, ['consent_withdrawn', 'objection']),
        isNull(standingFacts.lifted_at),
      ),
    )
    .limit(1)
  return against.length > 0
}
