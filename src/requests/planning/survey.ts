import type { Context } from '../../context.ts'
import type { IdentifierValue, Identifiers } from '../../sources/source.ts'
import type { Survey } from '../../sources/walk.ts'
import { mask } from '../mask.ts'
import { provenIdentifiers } from '../sealed.ts'
import type { RequestRow } from '../transition.ts'

/** The answer that says: none of them, or we cannot tell. */
export const NOBODY = 'none'

export interface Surveyed {
  readonly survey: Survey
  /** What the walk started from: the proven identifiers, or the one person an operator chose. */
  readonly start: Identifiers
  readonly proven_by: string
  /** The people to choose from, when an identifier leads to several, or when somebody has chosen before; else empty. */
  readonly choices: readonly string[]
  /** Whose request it is has been said: one person, or nobody. While it has not, nothing may be planned. */
  readonly resolved: boolean
}

interface Person {
  readonly choice: string
  readonly start: Identifiers
}

/** Looks into every source for what the request has proven; where that leads to several people, for the one that an operator has chosen. */
export async function surveySources(ctx: Context, request: RequestRow, chosen: string | undefined): Promise<Surveyed> {
  const start = await provenIdentifiers(ctx, request)
  const proven_by = request.proof_method ?? 'not proven'
  const survey = await ctx.sources.walk(start)
  if (survey.ambiguous.length === 0 && chosen === undefined) return { survey, start, proven_by, choices: [], resolved: true }
  // A choice outlives what it was made for: the address may lead to one person by now, and not to the one that was meant.
  const persons = survey.ambiguous.length > 0 ? ambiguousPersons(ctx, survey) : foundPersons(ctx, survey)
  const choices = [...persons.map(({ choice }) => choice), NOBODY]
  const person = persons.find(({ choice }) => choice === chosen)
  if (person === undefined) return { survey, start, proven_by, choices, resolved: chosen === NOBODY }
  return { survey: await ctx.sources.walk(person.start), start: person.start, proven_by: 'decision', choices, resolved: true }
}

function ambiguousPersons(ctx: Context, survey: Survey): Person[] {
  return survey.ambiguous.flatMap(({ collection, keys }) => personsOf(ctx, collection, keys))
}

function foundPersons(ctx: Context, survey: Survey): Person[] {
  return survey.looked.flatMap(({ collection, found }) => personsOf(ctx, collection, found.persons))
}

/** People by the keys of their rows, in a steady order, each with the identifier that means only them. */
function personsOf(ctx: Context, id: string, keys: readonly IdentifierValue[]): Person[] {
  const kind = keyKind(ctx, id)
  return [...keys]
    .sort((a, b) => (a.join() < b.join() ? -1 : 1))
    .map((key) => ({
      choice: `${id} ${mask(key.join('/'))} ${ctx.keys.digest('identities', JSON.stringify([id, ...key])).slice(0, 8)}`,
      start: kind === undefined ? {} : { [kind]: [key] },
    }))
}

/** The kind of identifier that a collection's own key is, such as the number of an account. */
export function keyKind(ctx: Context, id: string): string | undefined {
  const collection = ctx.policy.collections.get(id)
  return Object.entries(collection?.provides ?? {}).find(([, columns]) => columns.join() === collection?.key.join())?.[0]
}
