import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { watchJson } from '../../archives/rows.ts'
import type { Context } from '../../context.ts'
import { plans } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import type { PlanBody, PlanItem } from '../../planner/shape.ts'
import type { Policy } from '../../policy/schema.ts'
import type { IdentifierValue } from '../../sources/source.ts'
import { verb } from '../../verb.ts'
import { findRequest } from '../find.ts'
import { addressesOf, selectionOf, type FrozenIdentities } from '../planning/freeze.ts'
import type { RequestRow } from '../transition.ts'
import { hiddenCells } from './hidden-cells.ts'

const PAGE = 50
const PAGE_BYTES = 8_388_608
const MOST_KEYS = 100_051
const KEY_BYTES = 67_108_864

export const reviewPage = z.strictObject({
  collection: z.string().max(63).optional(),
  from: z.coerce.number().int().min(0).max(100_000).default(0),
})

/** A free text of a copy in which other people may appear, as the copy gives it. */
export interface TextCell {
  readonly field: string
  readonly text: string
  /** Already left out by decision. */
  readonly hidden: boolean
}

export interface TextsForReview {
  /** Tables with such texts: of which collection of the policy, and whether of rows the person shares with others. */
  readonly collections: readonly {
    readonly id: string
    readonly of: string
    readonly shared: boolean
    readonly fields: readonly string[]
    readonly rows: number
  }[]
  readonly collection: string | undefined
  readonly from: number
  /** The next page begins here; undefined on the last. */
  readonly next: number | undefined
  readonly rows: readonly { readonly key: IdentifierValue; readonly cells: readonly TextCell[] }[]
}

/** Texts of a built copy in which other people may appear, page by page: somebody reads them before they leave (Art. 15(4) GDPR). */
export const readTexts = verb(
  { name: 'readTexts', permission: 'cases.release', audit: 'archive.viewed' },
  async (ctx, { reference, collection, from }: z.output<typeof reviewPage> & { reference: string }): Promise<TextsForReview> => {
    const request = await findRequest(ctx, reference)
    if (request.state !== 'awaiting_release') throw new Refusal('wrong_state')
    const { body, findings, frozen } = await planOf(ctx, request)
    const items = textItems(ctx.policy, body)
    const collections = items.map((item) => ({
      id: nameOf(item),
      of: item.collection,
      shared: item.whose === 'shared',
      fields: textFields(ctx.policy, item),
      rows: findings[item.collection] ?? 0,
    }))
    const item = items.find((one) => nameOf(one) === (collection ?? collections[0]?.id))
    if (item === undefined) return { collections, collection: undefined, from: 0, next: undefined, rows: [] }
    await ctx.record('archive.viewed', { case: reference, collection: nameOf(item), from })
    const rows = await rowsOf(ctx, { request, item, frozen, from })
    return { collections, collection: nameOf(item), from, next: rows.length > PAGE ? from + PAGE : undefined, rows: rows.slice(0, PAGE) }
  },
)

/** Items of a plan that give texts in which others may appear. */
export function textItems(policy: Policy, { items }: { readonly items: readonly PlanItem[] }): PlanItem[] {
  return items.filter((item) => item.action === 'disclose' && textFields(policy, item).length > 0)
}

/** The fields of an item in which others may appear. */
export function textFields(policy: Policy, { collection, fields }: PlanItem): string[] {
  const declared = policy.collections.get(collection)?.fields ?? {}
  return fields.filter((field) => declared[field]?.others_may_appear === true)
}

/** The name of an item's table in the copy. */
export function nameOf({ collection, whose }: PlanItem): string {
  return whose === 'shared' ? `${collection}_shared` : collection
}

/** The plan of a copy, with what its rows are found by. */
export async function planOf(ctx: Context, request: RequestRow) {
  const [row] = request.plan_id === null ? [] : await ctx.db.select().from(plans).where(eq(plans.id, request.plan_id))
  if (row === undefined) throw new Refusal('not_found')
  const frozen = JSON.parse(await ctx.keys.open(`plans.identities:${row.id}`, row.identities)) as FrozenIdentities
  return { body: row.body as PlanBody, findings: (row.findings as { rows: Record<string, number> }).rows, frozen }
}

/** The keys of an item's rows in the form in which readTexts gives them, each as one JSON text: only such a row can have a text left out. */
export async function keysOfTexts(
  ctx: Context,
  { item, frozen }: { item: PlanItem; frozen: FrozenIdentities },
): Promise<ReadonlySet<string>> {
  const source = ctx.sources.get(item.source)
  const collection = ctx.policy.collections.get(item.collection)
  if (source.kind === 'manual' || collection === undefined) return new Set()
  const watch = watchJson({ keep: MOST_KEYS, bytes: KEY_BYTES })
  for await (const piece of await source.disclose({ selection: selectionOf(frozen, item), format: 'json', columns: collection.key }))
    watch.see(piece)
  return new Set(watch.end().first.map((row) => JSON.stringify(collection.key.map((name) => row[name] ?? ''))))
}

async function rowsOf(
  ctx: Context,
  { request, item, frozen, from }: { request: RequestRow; item: PlanItem; frozen: FrozenIdentities; from: number },
): Promise<{ key: IdentifierValue; cells: TextCell[] }[]> {
  const source = ctx.sources.get(item.source)
  const collection = ctx.policy.collections.get(item.collection)
  if (source.kind === 'manual' || collection === undefined) return []
  const texts = textFields(ctx.policy, item)
  const columns = [...new Set([...collection.key, ...texts])]
  const watch = watchJson({ keep: from + PAGE + 1, bytes: PAGE_BYTES })
  for await (const piece of await source.disclose({
    selection: selectionOf(frozen, item),
    format: 'json',
    columns,
    spare: addressesOf(ctx, frozen),
  }))
    watch.see(piece)
  const hidden = await hiddenCells(ctx, request)
  return watch
    .end()
    .first.slice(from)
    .map((row) => {
      const key = collection.key.map((name) => row[name] ?? '')
      const isHidden = (field: string) =>
        hidden.some((one) => one.collection === nameOf(item) && one.field === field && one.key.join('\n') === key.join('\n'))
      return { key, cells: texts.map((field) => ({ field, text: row[field] ?? '', hidden: isHidden(field) })) }
    })
}
