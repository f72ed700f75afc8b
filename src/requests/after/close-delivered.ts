import { and, eq, lte } from 'drizzle-orm'
import { actingAs, type Context } from '../../context.ts'
import { requests } from '../../db/schema/requests.ts'
import { Temporal } from '../../time.ts'
import { verb } from '../../verb.ts'
import { transitionIf } from '../transition.ts'

/** Closes cases whose reply has been out for as long as a link lives. */
export async function closeDelivered(ctx: Context): Promise<number> {
  const system = actingAs(ctx, { kind: 'system', name: 'sweep' })
  const now = Temporal.Instant.fromEpochMilliseconds(ctx.clock.now().getTime()).toZonedDateTimeISO(ctx.policy.main.zone)
  const before = new Date(now.subtract(ctx.policy.decisions.archive_expires_after).epochMilliseconds)
  const over = await ctx.db
    .select({ id: requests.id, reference: requests.reference })
    .from(requests)
    .where(and(eq(requests.state, 'delivered'), lte(requests.delivered_at, before)))
  for (const request of over) await close(system, request)
  return over.length
}

const close = verb(
  { name: 'closeRequest', permission: 'system', audit: 'request.closed', quiet: true },
  async (ctx, { id, reference }: { id: string; reference: string }): Promise<void> => {
    if ((await transitionIf(ctx, id, 'closed')) !== undefined) await ctx.record('request.closed', { case: reference })
  },
)
