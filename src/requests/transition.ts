import { and, eq, inArray } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { requests } from '../db/schema/requests.ts'
import { Refusal } from '../errors.ts'
import { END_STATES, mayGo, statesBefore, type State } from './state.ts'

/** A row of `requests`. */
export type RequestRow = typeof requests.$inferSelect

type Changes = Partial<typeof requests.$inferInsert>

/**
 * Moves a request to `to`, if it is in one of `from` (by default every state the table allows). Somebody was first: Refusal
 * `wrong_state`. The end states set `closed_at`.
 */
export async function transition(
  ctx: Context,
  id: string,
  to: State,
  changes: Changes = {},
  from: readonly State[] = statesBefore(to),
): Promise<RequestRow> {
  const row = await transitionIf(ctx, id, to, changes, from)
  if (row === undefined) throw new Refusal('wrong_state')
  return row
}

/** The same, but `undefined` when the request has moved on: for jobs, which may ring twice. */
export async function transitionIf(
  ctx: Context,
  id: string,
  to: State,
  changes: Changes = {},
  from: readonly State[] = statesBefore(to),
): Promise<RequestRow | undefined> {
  const illegal = from.filter((state) => !mayGo(state, to))
  if (illegal.length > 0) throw new Error(`no way leads from ${illegal.join(', ')} to ${to}`)
  const now = ctx.clock.now()
  const closing = END_STATES.includes(to) ? { closed_at: now } : {}
  const rows = await ctx.db
    .update(requests)
    .set({ ...closing, ...changes, state: to, state_at: now })
    .where(and(eq(requests.id, id), inArray(requests.state, [...from])))
    .returning()
  return rows[0]
}
