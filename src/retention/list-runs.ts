import { desc, inArray, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { retentionRuns } from '../db/schema/retention.ts'
import { Refusal } from '../errors.ts'
import { verb } from '../verb.ts'
import { inOrder } from './read-run.ts'
import { viewRun, type RunView } from './run-view.ts'

export interface RunList {
  /** 1–200 runs a page; 50 when left out. */
  readonly limit?: number
  /** The `next_cursor` of the page before. */
  readonly after?: string
}

/** Runs, the one that was started last first. */
export const listRuns = verb(
  { name: 'listRuns', permission: 'retention.read', audit: [] },
  async (ctx, { limit = 50, after }: RunList): Promise<{ data: RunView[]; next_cursor: string | null }> => {
    if (after !== undefined && !z.uuid().safeParse(after).success) {
      throw new Refusal('invalid_input', [{ pointer: '/after', detail: 'Expected the cursor of the page before.' }])
    }
    const found = await ctx.db
      .selectDistinct({ id: retentionRuns.batch_id })
      .from(retentionRuns)
      .where(after === undefined ? sql`true` : lt(retentionRuns.batch_id, after))
      .orderBy(desc(retentionRuns.batch_id))
      .limit(limit + 1)
    const page = found.slice(0, limit).map(({ id }) => id)
    const rows = page.length === 0 ? [] : await ctx.db.select().from(retentionRuns).where(inArray(retentionRuns.batch_id, page))
    const together = Map.groupBy(rows, ({ batch_id }) => batch_id)
    return {
      data: page.map((id) => viewRun(inOrder(ctx, together.get(id) ?? []))),
      next_cursor: found.length > limit ? (page.at(-1) ?? null) : null,
    }
  },
)
