import { z } from 'zod'
import type { retentionRuns } from '../db/schema/retention.ts'

/** A stored run of one rule. */
export type RunRow = typeof retentionRuns.$inferSelect

const runState = z.enum(['running', 'waiting', 'stopped', 'failed', 'done'])

export const runRuleView = z.object({
  rule: z.string(),
  state: runState,
  mode: z.enum(['observe', 'enforce']),
  cutoff: z.string(),
  due: z.number(),
  done: z.number(),
  held: z.number(),
  batches: z.number(),
  oldest_left: z.string().nullable(),
  waits_for: z.string().nullable(),
  failure: z.string().nullable(),
  finished_at: z.string().nullable(),
})

export const runView = z.object({
  id: z.string(),
  state: runState,
  trigger: z.enum(['schedule', 'operator']),
  started_at: z.string(),
  finished_at: z.string().nullable(),
  waits_for: z.string().nullable(),
  rules: z.array(runRuleView),
})

/** One execution of one or more rules, as the API shows it; `id` is what they were started under together. */
export type RunView = z.output<typeof runView>
export type RunState = z.output<typeof runState>

/** The worst that is true of any rule is true of the run. */
const WORST: readonly RunState[] = ['failed', 'running', 'waiting', 'stopped', 'done']

/** A run from its rows, which are those of one `batch_id`, in the order in which they were written. */
export function viewRun(rows: readonly RunRow[]): RunView {
  const [first] = rows
  if (first === undefined) throw new TypeError('a run has at least one rule')
  const finished = rows.map(({ finished_at }) => finished_at)
  const last = finished.includes(null) ? null : finished.reduce((a, b) => (a !== null && b !== null && a > b ? a : b))
  return {
    id: first.batch_id,
    state: WORST.find((state) => rows.some((row) => row.state === state)) ?? 'done',
    trigger: first.trigger,
    started_at: first.started_at.toISOString(),
    finished_at: last?.toISOString() ?? null,
    waits_for: rows.find(({ state }) => state === 'waiting')?.waits_for ?? null,
    rules: rows.map(viewRule),
  }
}

function viewRule(row: RunRow): RunView['rules'][number] {
  return {
    rule: row.rule,
    state: row.state,
    mode: row.mode,
    cutoff: row.cutoff.toISOString(),
    due: row.due,
    done: row.done,
    held: row.held,
    batches: row.batches,
    oldest_left: row.oldest_left,
    waits_for: row.state === 'waiting' ? row.waits_for : null,
    failure: row.failure,
    finished_at: row.finished_at?.toISOString() ?? null,
  }
}
