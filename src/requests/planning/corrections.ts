import type { Context } from '../../context.ts'
import { columnsBeside, columnsFor, nameOf, type Correction, type Place } from '../../planner/correction.ts'
import { deciding } from '../../planner/graph.ts'
import type { Collection, Named } from '../../policy/schema.ts'
import type { Looked } from '../../sources/walk.ts'
import { typedCorrections } from '../sealed.ts'
import type { RequestRow } from '../transition.ts'

/** The corrections as the planner may know them: digests instead of values, and where the old value really stands. */
export async function correctionsOf(ctx: Context, request: RequestRow, looked: readonly Looked[]): Promise<Correction[]> {
  const corrections: Correction[] = []
  for (const { field, from, to } of await typedCorrections(ctx, request)) {
    corrections.push({
      field,
      from_digest: from === undefined ? null : ctx.keys.digest('identities', from),
      to_digest: ctx.keys.digest('identities', to),
      matching: from === undefined ? null : await matchingRows(ctx, looked, from, (found) => columnsFor(field, found)),
      misfits: await misfitsOf(ctx, looked, field, to),
      copies: from === undefined ? {} : held(await matchingRows(ctx, looked, from, (found) => columnsBeside(field, found))),
    })
  }
  return corrections
}

/** What the sources would say to the new value wherever it could go. */
async function misfitsOf(ctx: Context, looked: readonly Looked[], field: string, to: string): Promise<Record<string, string>> {
  const misfits: Record<string, string> = {}
  for (const one of looked) {
    const found = [{ collection: one.collection, declared: declared(ctx, one.collection) }]
    const source = ctx.sources.get(one.source)
    if (source.kind === 'manual') continue
    for (const place of [...columnsFor(field, found), ...columnsBeside(field, found)]) {
      const misfit = await source.misfit(place.collection, place.column, to)
      if (misfit !== undefined) misfits[nameOf(place)] = misfit.expected
    }
  }
  return misfits
}

function held(rows: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(rows).filter(([, count]) => count > 0))
}

async function matchingRows(
  ctx: Context,
  looked: readonly Looked[],
  from: string,
  columns: (found: Parameters<typeof columnsFor>[1]) => Place[],
): Promise<Record<string, number>> {
  const matching: Record<string, number> = {}
  for (const one of looked) {
    const collection = declared(ctx, one.collection)
    const source = ctx.sources.get(one.source)
    if (source.kind === 'manual') continue
    for (const place of columns([{ collection: one.collection, declared: collection }])) {
      const selection = { collection: one.collection, openings: deciding(collection, one.openings), side: 'ours' } as const
      matching[nameOf(place)] = await source.count(selection, { [place.column]: from })
    }
  }
  return matching
}

function declared(ctx: Context, id: string): Named<Collection> {
  const collection = ctx.policy.collections.get(id)
  if (collection === undefined) throw new Error(`the survey names the collection ${id}, which the policy does not have`)
  return collection
}
