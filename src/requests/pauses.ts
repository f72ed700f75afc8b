import { and, eq, isNull } from 'drizzle-orm'
import { pauses, requests } from '../db/schema/requests.ts'
import type { VerbContext } from '../verb.ts'
import { clockColumns, recomputeClock } from './case-clock.ts'
import type { RequestRow } from './transition.ts'

/** Ends the open pauses of a case at this instant and counts its dates anew; undefined when none was open. Declares `request.resumed`. */
export async function endPauses(ctx: VerbContext, request: RequestRow): Promise<RequestRow | undefined> {
  const open = and(eq(pauses.request_id, request.id), isNull(pauses.answered_at))
  const ended = await ctx.db.update(pauses).set({ answered_at: ctx.clock.now() }).where(open).returning()
  if (ended.length === 0) return undefined
  const resumed = await withNewClock(ctx, request)
  await ctx.record('request.resumed', { case: request.reference, enforce_by: resumed.enforce_by })
  return resumed
}

/** The case with its dates counted anew from its pauses and extension. */
export async function withNewClock(ctx: VerbContext, request: RequestRow): Promise<RequestRow> {
  const clock = await recomputeClock(ctx, request)
  const [row] = await ctx.db.update(requests).set(clockColumns(clock)).where(eq(requests.id, request.id)).returning()
  return row ?? request
}
