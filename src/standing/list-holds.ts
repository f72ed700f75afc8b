import { and, desc, isNull, lt } from 'drizzle-orm'
import { z } from 'zod'
import { holds } from '../db/schema/standing.ts'
import { Refusal } from '../errors.ts'
import { verb } from '../verb.ts'
import { viewHold, type HoldView } from './hold-view.ts'

export interface HoldList {
  /** Also holds that have been released. */
  readonly all?: boolean
  /** 1–200 holds a page; 50 when left out. */
  readonly limit?: number
  /** The `next_cursor` of the page before. */
  readonly after?: string
}

/** Holds, newest first, with masked scopes. */
export const listHolds = verb(
  { name: 'listHolds', permission: 'holds.read', audit: [] },
  async (ctx, { all = false, limit = 50, after }: HoldList): Promise<{ data: HoldView[]; next_cursor: string | null }> => {
    if (after !== undefined && !z.uuid().safeParse(after).success) {
      throw new Refusal('invalid_input', [{ pointer: '/after', detail: 'Expected the cursor of the page before.' }])
    }
    const rows = await ctx.db
      .select()
      .from(holds)
      .where(and(all ? undefined : isNull(holds.released_at), after === undefined ? undefined : lt(holds.id, after)))
      .orderBy(desc(holds.id))
      .limit(limit + 1)
    const page = rows.slice(0, limit)
    return { data: page.map(viewHold), next_cursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null }
  },
)
