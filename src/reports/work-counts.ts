import { sql } from 'drizzle-orm'
import { verb } from '../verb.ts'

/** How much waits for people: numbers only. */
export interface WorkCounts {
  readonly open: number
  readonly awaiting_decision: number
  readonly awaiting_release: number
  readonly overdue: number
  /** Open cases whose due date ends within seven days, the overdue ones included. */
  readonly week: number
  readonly tasks: number
  readonly waiting_runs: number
}

const WEEK_MS = 7 * 86_400_000

/** The numbers beside the console's navigation and over its queue; closed cases cost nothing here. */
export const countWork = verb<void, WorkCounts>({ name: 'countWork', permission: 'reports.read', audit: [] }, async (ctx) => {
  const now = ctx.clock.now()
  const week = new Date(now.getTime() + WEEK_MS)
  const { rows } = await ctx.db.execute<Record<keyof WorkCounts, number>>(
    sql`select count(*)::int as open,
        count(*) filter (where state = 'awaiting_decision')::int as awaiting_decision,
        count(*) filter (where state = 'awaiting_release')::int as awaiting_release,
        count(*) filter (where due_at <= ${now.toISOString()} and delivered_at is null)::int as overdue,
        count(*) filter (where due_at <= ${week.toISOString()} and delivered_at is null)::int as week,
        (select count(*)::int from tasks where state = 'open') as tasks,
        (select count(distinct batch_id)::int from retention_runs where state = 'waiting') as waiting_runs
      from requests where closed_at is null`,
  )
  const [counts] = rows
  if (counts === undefined) throw new Error('a count without a row')
  return counts
})
