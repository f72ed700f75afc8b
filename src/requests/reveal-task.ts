import { eq } from 'drizzle-orm'
import { requests } from '../db/schema/requests.ts'
import { plans, steps, tasks } from '../db/schema/work.ts'
import { Refusal } from '../errors.ts'
import { verb } from '../verb.ts'
import type { FrozenIdentities } from './planning/freeze.ts'

/** What a person is looked up under in a system, by the name that people give that kind. */
export interface LookedUpUnder {
  readonly label: string
  readonly values: readonly string[]
}

/**
 * Under what the person of a task stands in the system that is searched: what the policy names for it, else the address that was proven. Each
 * look is written down.
 */
export const revealTask = verb(
  { name: 'revealTask', permission: 'tasks.answer', audit: 'request.revealed' },
  async (ctx, { id }: { id: string }): Promise<LookedUpUnder[]> => {
    const [found] = await ctx.db
      .select({ source: tasks.source, state: tasks.state, case: requests.reference, plan: plans.id, identities: plans.identities })
      .from(tasks)
      .innerJoin(requests, eq(requests.id, tasks.request_id))
      .innerJoin(steps, eq(steps.id, tasks.step_id))
      .innerJoin(plans, eq(plans.id, steps.plan_id))
      .where(eq(tasks.id, id))
    if (found === undefined) throw new Refusal('not_found')
    if (found.state === 'answered') throw new Refusal('already_answered')
    const { identifiers } = JSON.parse(await ctx.keys.open(`plans.identities:${found.plan}`, found.identities)) as FrozenIdentities
    const named = ctx.policy.sources.get(found.source)?.opened_by ?? []
    const kinds = named.length === 0 ? ['email'] : named
    await ctx.record('request.revealed', { case: found.case, task: id })
    return kinds.flatMap((kind) => {
      const values = (identifiers[kind] ?? []).map((value) => value.join(' / '))
      return values.length === 0 ? [] : [{ label: ctx.policy.identifiers.get(kind)?.label ?? kind, values }]
    })
  },
)
