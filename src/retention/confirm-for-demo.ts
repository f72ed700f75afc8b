import { confirmedRules } from '../db/schema/retention.ts'
import { verb } from '../verb.ts'
import { actingRules, ruleHash } from './acting-rules.ts'

/** Has the demonstration agree to every rule as it is written, so that its runs wait for nobody; throws outside demo mode. */
export const confirmRulesForDemo = verb<void, void>(
  { name: 'confirmRulesForDemo', permission: 'system', audit: 'retention.run_confirmed', quiet: true },
  async (ctx) => {
    if (ctx.demo === undefined) throw new Error('only the demonstration agrees to rules that nobody has looked at')
    const at = ctx.clock.now()
    const confirmed = await ctx.db
      .insert(confirmedRules)
      .values(actingRules(ctx.policy).map((rule) => ({ rule: rule.id, rule_hash: ruleHash(rule), by_demo: true, at })))
      .onConflictDoNothing()
      .returning({ rule: confirmedRules.rule })
    if (confirmed.length > 0) await ctx.record('retention.run_confirmed', { by_demo: true, rules: confirmed.map(({ rule }) => rule) })
  },
)
