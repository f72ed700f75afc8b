import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'

/** What an operator of the machine watches: counts and ages in seconds, no personal data. */
export interface Gauges {
  readonly openByState: Readonly<Record<string, number>>
  readonly overdue: number
  readonly outboxAge: number
  readonly unnumberedAge: number
  readonly parkedSteps: number
}

/** The present values, read from the database; ages are by the service's clock and never negative. */
export async function readGauges(ctx: Pick<Context, 'db' | 'clock'>): Promise<Gauges> {
  const now = ctx.clock.now()
  const states = await ctx.db.execute<{ state: string; n: number; overdue: number }>(
    sql`select state, count(*)::int as n, count(*) filter (where due_at <= ${now.toISOString()} and delivered_at is null)::int as overdue
      from requests where closed_at is null group by state`,
  )
  const ages = await ctx.db.execute<{ outbox: Date | string | null; unnumbered: Date | string | null; parked: number }>(
    sql`select (select min(not_before) from outbox where done_at is null and not_before <= ${now.toISOString()}) as outbox,
      (select min(at) from audit_entries e where not exists (select from audit_numbers n where n.entry_id = e.id)
        and e.id > coalesce((select settled_id from audit_roots order by tree_size desc limit 1), 0)) as unnumbered,
      (select count(*)::int from steps where state = 'parked') as parked`,
  )
  const [age] = ages.rows
  return {
    openByState: Object.fromEntries(states.rows.map(({ state, n }) => [state, n])),
    overdue: states.rows.reduce((sum, { overdue }) => sum + overdue, 0),
    outboxAge: secondsSince(age?.outbox ?? null, now),
    unnumberedAge: secondsSince(age?.unnumbered ?? null, now),
    parkedSteps: age?.parked ?? 0,
  }
}

function secondsSince(at: Date | string | null, now: Date): number {
  return at === null ? 0 : Math.max(0, (now.getTime() - new Date(at).getTime()) / 1000)
}
