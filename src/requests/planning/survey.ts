import type { Context } from '../../context.ts'
import type { Identifiers } from '../../sources/source.ts'
import type { Survey } from '../../sources/walk.ts'
import { mask } from '../mask.ts'
import { provenIdentifiers } from '../sealed.ts'
import type { RequestRow } from '../transition.ts'

export interface Surveyed {
  readonly survey: Survey
  /** What the walk started from: the proven identifiers, or the person an operator chose among several. */
  readonly start: Identifiers
  readonly proven_by: string
  /** The people a proven identifier leads to, masked, in a steady order; empty when it is not ambiguous. */
  readonly persons: readonly { readonly choice: string; readonly start: Identifiers }[]
}

/** Looks into every source for what the request has proven; with `chosen`, only for the person an operator has picked. */
export async function surveySources(ctx: Context, request: RequestRow, chosen: string | undefined): Promise<Surveyed> {
  const proven = await provenIdentifiers(ctx, request)
  const proven_by = request.proof_method ?? 'not proven'
  const survey = await ctx.sources.walk(proven)
  const persons = personsOf(ctx, survey)
  if (persons.length === 0 || chosen === undefined) return { survey, start: proven, proven_by, persons }
  const start = persons.find(({ choice }) => choice === chosen)?.start ?? {}
  return { survey: await ctx.sources.walk(start), start, proven_by: 'decision', persons: [] }
}

/** The people behind ambiguous identifiers, each with the identifier that means only them. */
function personsOf(ctx: Context, survey: Survey): { choice: string; start: Identifiers }[] {
  return survey.ambiguous.flatMap(({ collection: id, keys }) => {
    const collection = ctx.policy.collections.get(id)
    if (collection === undefined) return []
    const own = Object.entries(collection.provides).find(([, columns]) => columns.join() === collection.key.join())
    return [...keys]
      .sort((a, b) => (a.join() < b.join() ? -1 : 1))
      .map((key) => ({
        choice: `${id} ${mask(key.join('/'))} ${ctx.keys.digest('identities', JSON.stringify([id, ...key])).slice(0, 8)}`,
        start: own === undefined ? {} : { [own[0]]: [key] },
      }))
  })
}
