import { z } from 'zod'
import type { Context } from '../context.ts'
import { Refusal } from '../errors.ts'
import { verb } from '../verb.ts'
import { actingRules, type ActingRule } from './acting-rules.ts'
import { beginRuns } from './begin-runs.ts'
import { viewRun, type RunView } from './run-view.ts'

export const retentionRun = z.strictObject({
  rule: z.string().max(63).optional().describe('one rule; all of them when left out'),
  preview: z.boolean().default(false).describe('true: only count'),
  now: z.iso.datetime({ offset: true }).optional().describe('demo mode: the instant up to which rows are due'),
})

/** What a run is started with; whether it is only a preview is the caller's to look at first. */
export type RunInput = Omit<z.input<typeof retentionRun>, 'preview'>

/** A run of one rule, or of all, up to now; it has only begun when this answers. */
export const startRuns = verb(
  { name: 'startRuns', permission: 'retention.run', audit: 'retention.run_started' },
  async (ctx, input: RunInput): Promise<RunView> =>
    viewRun(await beginRuns(ctx, { trigger: 'operator', now: nowOf(ctx, input), rules: chosenRules(ctx, input) })),
)

/** The instant that was asked for, in demo mode only; else the clock's. */
export function nowOf(ctx: Context, { now }: RunInput): Date {
  if (now === undefined) return ctx.clock.now()
  if (ctx.demo === undefined)
    throw new Refusal('invalid_input', [{ pointer: '/now', detail: 'Only the demonstration can move the clock.' }])
  return new Date(now)
}

/** The rules that were asked for; Refusal `invalid_input` for one that is not carried out here. */
export function chosenRules(ctx: Context, { rule }: RunInput): readonly ActingRule[] {
  const all = actingRules(ctx.policy)
  if (rule === undefined) return all
  const chosen = all.filter(({ id }) => id === rule)
  if (chosen.length === 0)
    throw new Refusal('invalid_input', [{ pointer: '/rule', detail: 'Expected the name of a rule that is carried out here.' }])
  return chosen
}
