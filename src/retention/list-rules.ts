import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { Named, Policy, Rule } from '../policy/schema.ts'
import { verb } from '../verb.ts'
import { actingRules, cutoffOf, type ActingRule } from './acting-rules.ts'
import { nextRun } from './next-run.ts'
import type { RunState } from './run-view.ts'
import { ruleInWords } from './words.ts'

/** One rule of the schedule; `cutoff`, `next_run` and `last_run` are null for one that is not carried out here. */
export interface RuleView {
  readonly rule: string
  readonly category: string
  readonly title: string
  readonly promise: string
  readonly sentence: string
  readonly action: Rule['action']
  readonly collection: string | null
  readonly period: string | null
  readonly mode: 'observe' | 'enforce'
  readonly owner: string
  readonly checked_on: string | null
  readonly cutoff: string | null
  readonly next_run: string | null
  /** `id` is the run's, `at` when it ended, or began while it has not. */
  readonly last_run: {
    readonly id: string
    readonly state: RunState
    readonly at: string
    readonly due: number
    readonly done: number
    readonly held: number
  } | null
}

/** Every rule of the schedule, in the order in which the policy has them, with its last and its next run. */
export const listRules = verb<void, { data: RuleView[]; next_cursor: null }>(
  { name: 'listRules', permission: 'retention.read', audit: [] },
  async (ctx) => {
    const acting = new Map(actingRules(ctx.policy).map((rule) => [rule.id, rule]))
    const last = await lastRuns(ctx)
    const data: RuleView[] = []
    for (const rule of ctx.policy.rules.values()) {
      const carried = acting.get(rule.id)
      data.push({ ...declared(ctx.policy, rule, carried), ...(await schedule(ctx, carried)), last_run: last.get(rule.id) ?? null })
    }
    return { data, next_cursor: null }
  },
)

function declared(policy: Policy, rule: Named<Rule>, carried: ActingRule | undefined) {
  return {
    rule: rule.id,
    category: rule.category,
    title: policy.categories.get(rule.category)?.label ?? rule.category,
    promise: rule.promise,
    sentence: ruleInWords(policy, rule),
    action: rule.action,
    collection: rule.collection ?? null,
    period: typeof rule.period === 'string' ? rule.period : null,
    mode: carried?.mode ?? rule.mode,
    owner: rule.owner,
    checked_on: rule.checked_on ?? null,
  }
}

async function schedule(ctx: Context, rule: ActingRule | undefined) {
  if (rule === undefined) return { cutoff: null, next_run: null }
  return { cutoff: cutoffOf(rule, ctx.clock.now()).toISOString(), next_run: (await nextRun(ctx, rule)).toISOString() }
}

async function lastRuns(ctx: Context): Promise<ReadonlyMap<string, NonNullable<RuleView['last_run']>>> {
  const { rows } = await ctx.db.execute<{ rule: string; id: string; state: RunState; at: string; due: string; done: string; held: string }>(
    sql`select distinct on (rule) rule, batch_id as id, state, coalesce(finished_at, started_at)::text as at, due, done, held
      from retention_runs order by rule, batch_id desc`,
  )
  return new Map(
    rows.map(({ rule, id, state, at, due, done, held }) => [
      rule,
      { id, state, at: new Date(at).toISOString(), due: Number(due), done: Number(done), held: Number(held) },
    ]),
  )
}
