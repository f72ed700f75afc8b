import type { Context } from '../context.ts'
import type { DueCount } from '../sources/source.ts'
import { protectedRows, type Protection } from '../standing/protected.ts'
import { verb } from '../verb.ts'
import { cutoffOf, type ActingRule } from './acting-rules.ts'
import { nextRun } from './next-run.ts'
import { countOwnRecords } from './own-records.ts'
import { chosenRules, nowOf, type RunInput } from './start-runs.ts'
import { weigh } from './weigh.ts'

/** What a run of one rule would do now: how many rows may go, how many are due and must stay, and of how many. */
export interface PreviewRule {
  readonly rule: string
  readonly mode: 'observe' | 'enforce'
  readonly cutoff: string
  readonly due: number
  readonly held: number
  /** Start of the oldest row that may go, ISO 8601. */
  readonly oldest: string | null
  readonly table_rows: number
  readonly next_run: string
}

/** What a run would do, rule by rule, changing nothing. Throws a SourceError when a source does not answer. */
export const previewRuns = verb(
  { name: 'previewRuns', permission: 'retention.read', audit: 'retention.previewed' },
  async (ctx, input: RunInput): Promise<{ rules: PreviewRule[] }> => {
    const now = nowOf(ctx, input)
    const chosen = chosenRules(ctx, input)
    const protection = await protectedRows(ctx)
    const rules: PreviewRule[] = []
    for (const rule of chosen) rules.push(await previewRule(ctx, rule, now, protection))
    await ctx.record('retention.previewed', { rules: rules.map(({ rule }) => rule), due: rules.reduce((sum, { due }) => sum + due, 0) })
    return { rules }
  },
)

async function previewRule(ctx: Context, rule: ActingRule, now: Date, protection: Protection): Promise<PreviewRule> {
  const count = rule.kind === 'purge' ? await weigh(ctx, rule, now, protection) : await ownCount(ctx, now)
  const next_run = (await nextRun(ctx, rule)).toISOString()
  return { rule: rule.id, mode: rule.mode, cutoff: cutoffOf(rule, now).toISOString(), next_run, ...count }
}

async function ownCount(ctx: Context, now: Date): Promise<DueCount> {
  const { due, held } = await countOwnRecords(ctx, now)
  return { due, held, oldest: null, table_rows: due }
}
