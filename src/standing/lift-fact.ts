import { and, eq, inArray, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { standingFacts } from '../db/schema/standing.ts'
import { Refusal } from '../errors.ts'
import { verb } from '../verb.ts'
import { identifierLookup, type GivenIdentifier } from './identifier.ts'
import type { FactKind } from './set-fact.ts'

export interface FactsToLift {
  readonly kind: FactKind
  readonly case_reference: string
  /** Only these identifiers; all of the case when left out. */
  readonly identifiers?: readonly GivenIdentifier[]
  readonly reason: string
  /** When the person was told that the restriction will end, ISO 8601; a restriction needs it. */
  readonly told_at?: string
}

/**
 * How many facts of a case ended. A restriction ends only after the person was told so (Art. 18(3) GDPR): Refusal `forbidden_by_law`
 * without a `told_at` that has passed.
 */
export const liftStandingFacts = verb(
  { name: 'liftStandingFacts', permission: 'cases.decide', audit: 'standing.lifted', quiet: true },
  async (ctx, input: FactsToLift): Promise<{ lifted: number }> => {
    const now = ctx.clock.now()
    if (input.kind === 'restriction' && !isPast(input.told_at, now)) {
      const detail = 'Tell the person first that the restriction will be lifted, and say when you did (Art. 18(3) GDPR).'
      throw new Refusal('forbidden_by_law', [{ pointer: '/told_at', detail }])
    }
    const lookups = input.identifiers?.map((identifier) => identifierLookup(ctx, identifier))
    const rows = await ctx.db
      .update(standingFacts)
      .set({ lifted_at: now })
      .where(
        and(
          eq(standingFacts.case_reference, input.case_reference),
          eq(standingFacts.kind, input.kind),
          isNull(standingFacts.lifted_at),
          lookups === undefined ? undefined : inArray(standingFacts.identifier_lookup, lookups),
        ),
      )
      .returning({ id: standingFacts.id })
    if (rows.length > 0) {
      await ctx.record('standing.lifted', { case: input.case_reference, kind: input.kind, facts: rows.length, reason: input.reason })
    }
    return { lifted: rows.length }
  },
)

function isPast(at: string | undefined, now: Date): boolean {
  return at !== undefined && z.iso.datetime({ offset: true }).safeParse(at).success && new Date(at) <= now
}
