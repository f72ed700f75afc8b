import { randomUUIDv7 } from 'node:crypto'
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { standingFacts } from '../db/schema/standing.ts'
import { verb } from '../verb.ts'
import { closeGate } from './gate.ts'
import { canonicalParts, identifierLookup, type GivenIdentifier } from './identifier.ts'

export type FactKind = (typeof standingFacts.$inferSelect)['kind']

export interface NewFacts {
  readonly kind: FactKind
  readonly purpose: string
  readonly identifiers: readonly GivenIdentifier[]
  readonly case_reference: string
}

/** How many facts were new: one an identifier; the same ones again for the same case add nothing (Art. 18, 21 GDPR, §1798.120, §1798.121). */
export const setStandingFacts = verb(
  { name: 'setStandingFacts', permission: 'system', audit: 'standing.set', quiet: true },
  async (ctx, input: NewFacts): Promise<{ set: number }> => {
    // A restriction must bind every purge batch that is not yet committed; and two jobs of one case must not both find nothing there.
    if (input.kind === 'restriction') await closeGate(ctx)
    await ctx.db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`habeas: standing ${input.case_reference}`}, 0))`)
    let set = 0
    for (const identifier of input.identifiers) set += (await setFact(ctx, input, identifier)) ? 1 : 0
    if (set > 0) await ctx.record('standing.set', { case: input.case_reference, kind: input.kind, purpose: input.purpose, facts: set })
    return { set }
  },
)

async function setFact(ctx: Context, { kind, purpose, case_reference }: NewFacts, identifier: GivenIdentifier): Promise<boolean> {
  const lookup = identifierLookup(ctx, identifier)
  const [known] = await ctx.db
    .select({ id: standingFacts.id })
    .from(standingFacts)
    .where(
      and(
        eq(standingFacts.identifier_lookup, lookup),
        eq(standingFacts.kind, kind),
        eq(standingFacts.purpose, purpose),
        eq(standingFacts.case_reference, case_reference),
        isNull(standingFacts.lifted_at),
      ),
    )
  if (known !== undefined) return false
  const id = randomUUIDv7()
  // A key of its own: the fact outlives the case, and can be forgotten without it.
  const keyId = await ctx.keys.create('standing')
  await ctx.db.insert(standingFacts).values({
    id,
    kind,
    purpose,
    identifier_kind: identifier.kind,
    identifier_lookup: lookup,
    key_id: keyId,
    identifier: await ctx.keys.seal(keyId, factPlace(id), JSON.stringify(canonicalParts(ctx.policy, identifier))),
    case_reference,
    set_at: ctx.clock.now(),
  })
  return true
}

/** The place a fact's identifier is sealed for: a JSON list of its parts. */
export function factPlace(id: string): string {
  return `standing_facts.identifier:${id}`
}
