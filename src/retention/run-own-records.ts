import type { Context } from '../context.ts'
import type { OwnRecordsRule } from './acting-rules.ts'
import { endRun } from './end-run.ts'
import { countOwnRecords, eraseOwnRecords } from './own-records.ts'
import { intendBatch, settleBatch } from './run-batch.ts'
import type { RunRow } from './run-view.ts'

/** Works off the rule for what this service keeps itself, as one batch of many small transactions; what a crash left is simply due again. */
export async function runOwnRecords(ctx: Context, run: RunRow, rule: OwnRecordsRule): Promise<void> {
  if (rule.mode === 'observe') {
    const { due } = await countOwnRecords(ctx, run.started_at)
    return endRun(ctx, { run, rule, state: 'done', left: { due, held: 0, table_rows: due, oldest: null } })
  }
  const intent = await intendBatch(ctx, { run, rule })
  if (intent === undefined) return
  const { due: rows, held, by_kind } = await eraseOwnRecords(ctx, run.started_at)
  const along = Object.fromEntries(Object.entries(by_kind).filter(([, count]) => count > 0))
  await settleBatch(ctx, { run, batch: intent.batch, outcome: { confirmed_by: 'effect', rows, with: along, range: null } })
  await endRun(ctx, { run, rule, state: 'done', left: { due: 0, held, table_rows: held, oldest: null } })
}
