import { and, eq, isNotNull, max } from 'drizzle-orm'
import { retentionRuns } from '../db/schema/retention.ts'
import type { BASES, Rule } from '../policy/schema.ts'
import { verb } from '../verb.ts'
import { actionInWords, periodInWords, startInWords } from './words.ts'

/** One line of the published retention table: the promise, and when it was last kept. */
export interface PublicRule {
  readonly category: string
  readonly promise: string
  readonly purpose: string
  readonly basis: (typeof BASES)[number] | null
  readonly kept: string
  readonly starts: string
  readonly period: string | null
  readonly action: Rule['action']
  readonly then: string
  /** When its last run ended well, ISO 8601; null for a rule that others carry out, or that only observes. */
  readonly last_success_at: string | null
  readonly checked_on: string | null
}

/** `checked_on` is the date at which every line had been compared with what is done; null while one has not. */
export interface PublicTable {
  readonly rules: readonly PublicRule[]
  readonly checked_on: string | null
}

/** The published table, written by the same rules that do the work, in the order of the policy. */
export const publicRetention = verb<void, PublicTable>({ name: 'publicRetention', permission: 'public', audit: [] }, async (ctx) => {
  const runs = await ctx.db
    .select({ rule: retentionRuns.rule, at: max(retentionRuns.finished_at) })
    .from(retentionRuns)
    .where(and(eq(retentionRuns.state, 'done'), eq(retentionRuns.mode, 'enforce'), isNotNull(retentionRuns.finished_at)))
    .groupBy(retentionRuns.rule)
  const last = new Map(runs.map(({ rule, at }) => [rule, at]))
  const rules = [...ctx.policy.rules.values()].map((rule): PublicRule => {
    const category = ctx.policy.categories.get(rule.category)
    return {
      category: category?.label ?? rule.category,
      promise: rule.promise,
      purpose: category?.purpose ?? '',
      basis: category?.basis ?? null,
      kept: periodInWords(rule) || (category?.kept ?? ''),
      starts: startInWords(rule),
      period: typeof rule.period === 'string' ? rule.period : null,
      action: rule.action,
      then: actionInWords(rule),
      last_success_at: last.get(rule.id)?.toISOString() ?? null,
      checked_on: rule.checked_on ?? null,
    }
  })
  // The table as a whole is as fresh as its oldest line.
  const dates = rules.map(({ checked_on }) => checked_on)
  return { rules, checked_on: dates.reduce((a, b) => (a === null || b === null ? null : a < b ? a : b), dates[0] ?? null) }
})
