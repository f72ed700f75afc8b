import { setTimeout as pause } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { previewRuns } from '../retention/preview.ts'
import { readRun } from '../retention/read-run.ts'
import type { RunView } from '../retention/run-view.ts'
import { startRuns } from '../retention/start-runs.ts'
import { say } from './say.ts'
import { withContext } from './with-context.ts'

interface RunOptions {
  readonly rule?: string
  readonly now?: string
  readonly json?: boolean
}

const LOOK_MS = 500

/** Prints what a run would do now, rule by rule, and changes nothing. */
export async function previewRetention({ json, ...input }: RunOptions): Promise<void> {
  const { rules } = await withContext((ctx) => previewRuns(ctx, input))
  if (json === true) return say(JSON.stringify({ rules }, null, 2))
  const rows = rules.map(({ rule, mode, due, held, table_rows, oldest }) => [
    rule,
    mode,
    `${due}`,
    `${held}`,
    `${table_rows}`,
    oldest?.slice(0, 10) ?? '',
  ])
  say(table(['rule', 'mode', 'would go', 'must stay', 'of', 'oldest'], rows))
}

/** Starts a run, which the workers carry out; with `wait` looks until it has ended. */
export async function runRetention({ json, wait, ...input }: RunOptions & { readonly wait?: boolean }): Promise<void> {
  const run = await withContext(async (ctx) => {
    const started = await startRuns(ctx, input)
    return wait === true ? waitForEnd(ctx, started.id) : started
  })
  if (json === true) return say(JSON.stringify(run, null, 2))
  const rows = run.rules.map((rule) => [
    rule.rule,
    rule.state,
    `${rule.due}`,
    `${rule.done}`,
    `${rule.held}`,
    rule.waits_for ?? rule.failure ?? '',
  ])
  say(`Run ${run.id}: ${run.state}`)
  say(table(['rule', 'state', 'due', 'done', 'held', ''], rows))
}

async function waitForEnd(ctx: Context, id: string): Promise<RunView> {
  for (;;) {
    const { run } = await readRun(ctx, { id })
    if (run.state !== 'running') return run
    await pause(LOOK_MS)
  }
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heads, ...rows]
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
