import type { retentionBatches } from '../db/schema/retention.ts'
import type { DueCount } from '../sources/source.ts'
import { ruleHash, type ActingRule } from './acting-rules.ts'
import type { RunRow } from './run-view.ts'

type BatchRow = typeof retentionBatches.$inferSelect

/**
 * What a receipt states of a run: counts, the predicate, the range and times, never a value or key of a row. In `observe` mode the numbers
 * stand under `would`, and `done` is 0.
 */
export function receiptBody(
  run: RunRow,
  rule: ActingRule | undefined,
  batches: readonly BatchRow[],
  left: DueCount | undefined,
): Record<string, unknown> {
  const ranges = batches.flatMap(({ range_from, range_to }) => [range_from, range_to].filter((at) => at !== null)).toSorted()
  return {
    kind: 'retention_run',
    run: run.id,
    batch_id: run.batch_id,
    rule: run.rule,
    rule_hash: rule === undefined ? null : ruleHash(rule),
    policy: run.policy_hash,
    trigger: run.trigger,
    mode: run.mode,
    state: run.state,
    predicate: predicateOf(rule),
    due_up_to: run.started_at.toISOString(),
    cutoff: run.cutoff.toISOString(),
    ...(run.mode === 'observe' && { would: run.due }),
    due: run.due,
    done: run.done,
    held: run.held,
    along: alongOf(batches),
    batches: run.batches,
    confirmed_by: countBy(batches.filter(({ rows }) => rows !== null && rows > 0).map(({ confirmed_by }) => confirmed_by ?? 'nothing')),
    range: ranges.length === 0 ? null : [ranges[0], ranges.at(-1)],
    left: left === undefined ? null : left.due,
    oldest_left: run.oldest_left,
    failure: run.failure,
    finished_at: run.finished_at?.toISOString() ?? null,
  }
}

/** The rule in the words of the policy: where, from when, how long, under which conditions, and what happens. */
function predicateOf(rule: ActingRule | undefined): Record<string, unknown> | null {
  if (rule === undefined) return null
  if (rule.kind === 'own_records') return { kind: rule.kind, zone: rule.zone }
  const { starts, period, when, action } = rule.rule
  return {
    source: rule.lane,
    collection: rule.collection.id,
    starts,
    period,
    when,
    action,
    zone: rule.zone,
    fiscal_year_ends: rule.fiscal_year_ends,
  }
}

/** Rows that went along, by collection. */
function alongOf(batches: readonly BatchRow[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { along } of batches) for (const [name, rows] of Object.entries(along ?? {})) sums[name] = (sums[name] ?? 0) + rows
  return sums
}

function countBy(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]))
}
