import { and, inArray, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { standingFacts } from '../db/schema/standing.ts'
import { verb } from '../verb.ts'
import { identifierLookup } from './identifier.ts'
import type { FactKind } from './set-fact.ts'

export const restrictionsCheck = z.strictObject({
  identifiers: z
    .array(z.strictObject({ kind: z.string().min(1).max(63), value: z.string().min(1).max(1000) }))
    .min(1)
    .max(100),
})

export const restrictionsAnswer = z.object({
  restricted: z.boolean(),
  objected: z.boolean(),
  opted_out: z.boolean(),
  suppressed: z.boolean(),
  purposes: z.array(z.string()),
})

export type RestrictionsAnswer = z.output<typeof restrictionsAnswer>

/** Under which answer a fact counts: a withdrawn consent and a limit are ways of having opted out of the purposes named. */
const ANSWERS = {
  restriction: 'restricted',
  objection: 'objected',
  opt_out: 'opted_out',
  limit: 'opted_out',
  consent_withdrawn: 'opted_out',
  suppression: 'suppressed',
} as const satisfies Record<FactKind, keyof RestrictionsAnswer>

/** What other programs must respect, for each identifier in the order asked; an unknown one is all false, as is one that never asked. */
export const checkRestrictions = verb(
  { name: 'checkRestrictions', permission: 'standing.check', audit: 'standing.checked' },
  async (ctx, { identifiers }: z.output<typeof restrictionsCheck>): Promise<{ data: RestrictionsAnswer[] }> => {
    const lookups = identifiers.map((identifier) => identifierLookup(ctx, identifier))
    const facts = await ctx.db
      .select({ lookup: standingFacts.identifier_lookup, kind: standingFacts.kind, purpose: standingFacts.purpose })
      .from(standingFacts)
      .where(and(inArray(standingFacts.identifier_lookup, [...new Set(lookups)]), isNull(standingFacts.lifted_at)))
    const byLookup = Map.groupBy(facts, (fact) => fact.lookup)
    await ctx.record('standing.checked', { identifiers: identifiers.length, known: byLookup.size })
    return { data: lookups.map((lookup) => answerOf(byLookup.get(lookup) ?? [])) }
  },
)

function answerOf(facts: readonly { kind: FactKind; purpose: string }[]): RestrictionsAnswer {
  const answer = { restricted: false, objected: false, opted_out: false, suppressed: false }
  for (const { kind } of facts) answer[ANSWERS[kind]] = true
  return { ...answer, purposes: [...new Set(facts.map(({ purpose }) => purpose))].toSorted() }
}
