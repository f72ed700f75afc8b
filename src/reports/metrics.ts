import { and, gte, inArray, lt } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { pauses, requests } from '../db/schema/requests.ts'
import { RIGHTS } from '../policy/schema.ts'
import { Temporal } from '../time.ts'
import { verb } from '../verb.ts'

/** What became of the requests for one right that were received in a year (11 CCR §7102, and what a DPO asks beside it). */
export interface RightMetrics {
  readonly right: string
  readonly received: number
  readonly granted: number
  readonly partly: number
  readonly refused: number
  readonly nothing_held: number
  readonly withdrawn: number
  readonly expired: number
  readonly open: number
  /** Days from receipt to the answer, over the answered ones; null when none is. */
  readonly median_days: number | null
  readonly mean_days: number | null
  /** Answered not later than the instant at which the due date ends. */
  readonly in_time: number
  readonly late: number
  readonly extended: number
  readonly paused: number
  /** Grounds of refusals, with how often each was given. */
  readonly grounds: Readonly<Record<string, number>>
}

type Row = Pick<
  typeof requests.$inferSelect,
  'id' | 'right' | 'state' | 'outcome' | 'received_at' | 'delivered_at' | 'closed_at' | 'due_at' | 'extended_at' | 'refusal_ground'
>

const DAY_MS = 86_400_000

/** The numbers of one calendar year, in the zone of the first controller; by right, in the order of the rights. */
export const readRequestMetrics = verb(
  { name: 'readRequestMetrics', permission: 'reports.read', audit: [] },
  async (ctx, { year }: { year: number }): Promise<{ year: number; zone: string; data: RightMetrics[] }> => {
    const { zone } = ctx.policy.main
    const [from, to] = [startOf(year, zone), startOf(year + 1, zone)]
    const rows = await ctx.db
      .select({
        id: requests.id,
        right: requests.right,
        state: requests.state,
        outcome: requests.outcome,
        received_at: requests.received_at,
        delivered_at: requests.delivered_at,
        closed_at: requests.closed_at,
        due_at: requests.due_at,
        extended_at: requests.extended_at,
        refusal_ground: requests.refusal_ground,
      })
      .from(requests)
      .where(and(gte(requests.received_at, from), lt(requests.received_at, to)))
    const paused = await everPaused(ctx, rows)
    const byRight = Map.groupBy(rows, ({ right }) => right)
    return { year, zone, data: RIGHTS.map((right) => metricsOf(right, byRight.get(right) ?? [], paused)) }
  },
)

function startOf(year: number, zone: string): Date {
  return new Date(Temporal.PlainDate.from({ year, month: 1, day: 1 }).toZonedDateTime(zone).epochMilliseconds)
}

async function everPaused(ctx: Context, rows: readonly Row[]): Promise<ReadonlySet<string>> {
  if (rows.length === 0) return new Set()
  const found = await ctx.db
    .selectDistinct({ id: pauses.request_id })
    .from(pauses)
    .where(
      inArray(
        pauses.request_id,
        rows.map(({ id }) => id),
      ),
    )
  return new Set(found.map(({ id }) => id))
}

function metricsOf(right: string, rows: readonly Row[], paused: ReadonlySet<string>): RightMetrics {
  const answered = rows.flatMap((row) => answeredAt(row) ?? [])
  const days = answered.map(({ row, at }) => (at.getTime() - row.received_at.getTime()) / DAY_MS).toSorted((a, b) => a - b)
  const inTime = answered.filter(({ row, at }) => at <= row.due_at).length
  const outcome = (name: string) => rows.filter((row) => row.outcome === name).length
  const state = (name: string) => rows.filter((row) => row.state === name).length
  const grounds = Map.groupBy(
    rows.flatMap(({ refusal_ground }) => refusal_ground ?? []),
    (ground) => ground,
  )
  return {
    right,
    received: rows.length,
    granted: outcome('granted'),
    partly: outcome('partly'),
    refused: outcome('refused'),
    nothing_held: outcome('nothing_held'),
    withdrawn: state('withdrawn'),
    expired: state('expired'),
    open: rows.filter((row) => row.closed_at === null && row.delivered_at === null).length,
    median_days: rounded(medianOf(days)),
    mean_days: rounded(days.length === 0 ? null : days.reduce((sum, one) => sum + one, 0) / days.length),
    in_time: inTime,
    late: answered.length - inTime,
    extended: rows.filter(({ extended_at }) => extended_at !== null).length,
    paused: rows.filter(({ id }) => paused.has(id)).length,
    grounds: Object.fromEntries([...grounds].map(([ground, all]) => [ground, all.length])),
  }
}

function answeredAt(row: Row): { row: Row; at: Date } | undefined {
  const at = row.delivered_at ?? (row.state === 'refused' ? row.closed_at : null)
  return at === null ? undefined : { row, at }
}

function medianOf(sorted: readonly number[]): number | null {
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle]
  const lower = sorted[sorted.length % 2 === 0 ? middle - 1 : middle]
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2
}

function rounded(days: number | null): number | null {
  return days === null ? null : Math.round(days * 10) / 10
}
