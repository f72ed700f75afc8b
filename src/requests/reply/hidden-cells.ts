import { asc, eq } from 'drizzle-orm'
import { canonicalJson, sha256Hex } from '../../canonical.ts'
import type { Context } from '../../context.ts'
import { hiddenTexts } from '../../db/schema/work.ts'
import type { PlanBody } from '../../planner/shape.ts'
import type { DiscloseRequest, IdentifierValue } from '../../sources/source.ts'
import type { RequestRow } from '../transition.ts'

/** A cell of a copy that somebody has decided to leave out, by the key of its row. */
export interface HiddenCell {
  readonly collection: string
  readonly field: string
  readonly key: IdentifierValue
}

/** The cells that are left out of a case's copy, in the order of the decisions. */
export async function hiddenCells(ctx: Context, request: RequestRow): Promise<HiddenCell[]> {
  const rows = await ctx.db.select().from(hiddenTexts).where(eq(hiddenTexts.request_id, request.id)).orderBy(asc(hiddenTexts.id))
  return Promise.all(
    rows.map(async ({ id, collection, field, row_key }) => ({
      collection,
      field,
      key: JSON.parse(await ctx.keys.open(`hidden_texts.row_key:${id}`, row_key)) as IdentifierValue,
    })),
  )
}

/** Those of one table of the copy, by column, as a source takes them. */
export function hiddenIn(cells: readonly HiddenCell[], table: string): NonNullable<DiscloseRequest['hidden']> {
  const mine = cells.filter(({ collection }) => collection === table)
  return [...new Set(mine.map(({ field }) => field))].map((column) => ({
    column,
    keys: mine.filter(({ field }) => field === column).map(({ key }) => key),
  }))
}

/** The same as a plan carries it: counts and a digest, no keys. */
export async function hiddenCounts(ctx: Context, request: RequestRow): Promise<PlanBody['hidden']> {
  const rows = await ctx.db.select().from(hiddenTexts).where(eq(hiddenTexts.request_id, request.id))
  const groups = new Map<string, { collection: string; field: string; digests: string[] }>()
  for (const { collection, field, row_digest } of rows) {
    const group = groups.get(`${collection}.${field}`) ?? { collection, field, digests: [] }
    group.digests.push(row_digest)
    groups.set(`${collection}.${field}`, group)
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { collection, field, digests }]) => ({
      collection,
      field,
      cells: digests.length,
      digest: sha256Hex(canonicalJson(digests.toSorted())),
    }))
}
