import { and, eq } from 'drizzle-orm'
import { confirmedRules, retentionRuns } from '../db/schema/retention.ts'
import { Refusal } from '../errors.ts'
import { enqueue } from '../outbox.ts'
import { verb } from '../verb.ts'
import { actingRule, ruleHash } from './acting-rules.ts'
import { readRows } from './read-run.ts'
import { viewRun, type RunRow, type RunView } from './run-view.ts'

/**
 * The run, going ahead with every rule of it that waited; the wording of those rules is confirmed from now on. Refusal `wrong_state` when none
 * waits, `stale_plan` when the policy has changed since they were counted, `same_person` for whoever started the run.
 */
export const confirmRun = verb(
  { name: 'confirmRun', permission: 'retention.run', audit: 'retention.run_confirmed' },
  async (ctx, { id }: { id: string }): Promise<RunView> => {
    if (ctx.actor.kind !== 'operator') throw new Refusal('permission_denied')
    const person = ctx.actor.id
    const waiting = (await readRows(ctx, id)).filter(({ state }) => state === 'waiting')
    if (waiting.length === 0) throw new Refusal('wrong_state')
    if (waiting.some(({ policy_hash }) => policy_hash !== ctx.policy.hash)) throw new Refusal('stale_plan')
    if (waiting.some(({ started_by }) => started_by === person)) throw new Refusal('same_person')
    const at = ctx.clock.now()
    const confirmed: RunRow[] = []
    for (const row of waiting) {
      const rule = actingRule(ctx.policy, row.rule)
      if (rule === undefined) throw new Refusal('stale_plan')
      const [going] = await ctx.db
        .update(retentionRuns)
        .set({ state: 'running', waits_for: null, confirmed_by: person })
        .where(and(eq(retentionRuns.id, row.id), eq(retentionRuns.state, 'waiting')))
        .returning()
      if (going === undefined) continue
      confirmed.push(going)
      const wording = { rule: rule.id, rule_hash: ruleHash(rule), confirmed_by: person, by_demo: false, at }
      await ctx.db.insert(confirmedRules).values(wording).onConflictDoNothing()
      await enqueue(ctx, 'run_rule', { run_id: row.id })
    }
    if (confirmed.length === 0) throw new Refusal('already_decided')
    await ctx.record('retention.run_confirmed', { run: id, rules: confirmed.map(({ rule }) => rule) })
    return viewRun(await readRows(ctx, id))
  },
)
