import type { Context } from '../context.ts'
import type { Identifiers } from '../sources/source.ts'
import type { RequestRow } from './transition.ts'

/** A correction as the person typed it. */
export interface TypedCorrection {
  readonly field: string
  readonly from?: string | undefined
  readonly to: string
}

type SealedColumn =
  | 'email'
  | 'name'
  | 'postal_address'
  | 'identifiers'
  | 'details'
  | 'corrections'
  | 'requester'
  | 'proven'
  | 'refusal_facts'

/** The place a column of `requests` is bound to when it is sealed: a value cannot be moved to another row or column. */
export function placeOf(column: SealedColumn, id: string): string {
  return `requests.${column}:${id}`
}

/** The opened value of a sealed column, or null when there is none. */
export async function openColumn(ctx: Context, request: RequestRow, column: SealedColumn): Promise<string | null> {
  const value = request[column]
  return value === null ? null : ctx.keys.open(placeOf(column, request.id), value)
}

/** What the person has proven to be theirs, such as `{ email: [['ada@example.com']] }`; nothing before the proof. */
export async function provenIdentifiers(ctx: Context, request: RequestRow): Promise<Identifiers> {
  const text = await openColumn(ctx, request, 'proven')
  return text === null ? {} : (JSON.parse(text) as Identifiers)
}

/** The corrections of a rectification, in the order they were typed. */
export async function typedCorrections(ctx: Context, request: RequestRow): Promise<TypedCorrection[]> {
  const text = await openColumn(ctx, request, 'corrections')
  return text === null ? [] : (JSON.parse(text) as TypedCorrection[])
}
