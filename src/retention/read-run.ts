import { asc, eq, inArray } from 'drizzle-orm'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { retentionBatches, retentionRuns } from '../db/schema/retention.ts'
import { receipts } from '../db/schema/work.ts'
import { Refusal } from '../errors.ts'
import { verb } from '../verb.ts'
import { actingRules } from './acting-rules.ts'
import { viewRun, type RunRow, type RunView } from './run-view.ts'

/** One batch of a run: when its intent was written, and what it did; `rows` is null while that is open. */
export interface BatchView {
  readonly rule: string
  readonly batch: number
  readonly at: string
  readonly rows: number | null
  readonly along: Readonly<Record<string, number>>
  readonly first: string | null
  readonly last: string | null
  readonly confirmed_by: string | null
}

export interface ReceiptView {
  readonly rule: string
  readonly body: Readonly<Record<string, unknown>>
  readonly hash: string
  readonly signature: string
}

/** A run with its batches and signed receipts; Refusal `not_found`. */
export const readRun = verb(
  { name: 'readRun', permission: 'retention.read', audit: [] },
  async (ctx, { id }: { id: string }): Promise<{ run: RunView; batches: BatchView[]; receipts: ReceiptView[] }> => {
    const rows = await readRows(ctx, id)
    const rules = new Map(rows.map((row) => [row.id, row.rule]))
    const batches = await ctx.db
      .select()
      .from(retentionBatches)
      .where(inArray(retentionBatches.run_id, [...rules.keys()]))
      .orderBy(asc(retentionBatches.made_at), asc(retentionBatches.batch))
    const signed = await ctx.db
      .select()
      .from(receipts)
      .where(inArray(receipts.run_id, [...rules.keys()]))
      .orderBy(asc(receipts.at))
    return {
      run: viewRun(rows),
      batches: batches.map((batch) => ({
        rule: rules.get(batch.run_id) ?? '',
        batch: batch.batch,
        at: batch.made_at.toISOString(),
        rows: batch.rows,
        along: batch.along ?? {},
        first: batch.range_from,
        last: batch.range_to,
        confirmed_by: batch.confirmed_by,
      })),
      receipts: signed.map(({ run_id, body, hash, signature }) => ({ rule: rules.get(run_id ?? '') ?? '', body, hash, signature })),
    }
  },
)

/** The rows of what was started together, in the order in which the rules run; Refusal `not_found`. */
export async function readRows(ctx: Context, id: string): Promise<readonly RunRow[]> {
  if (!z.uuid().safeParse(id).success) throw new Refusal('not_found')
  const rows = await ctx.db.select().from(retentionRuns).where(eq(retentionRuns.batch_id, id))
  if (rows.length === 0) throw new Refusal('not_found')
  return inOrder(ctx, rows)
}

/** Rows of one run in the order in which its rules run; those that the policy no longer has come first. */
export function inOrder(ctx: Context, rows: readonly RunRow[]): readonly RunRow[] {
  const order = actingRules(ctx.policy).map(({ id }) => id)
  return rows.toSorted((a, b) => order.indexOf(a.rule) - order.indexOf(b.rule) || (a.rule < b.rule ? -1 : 1))
}
