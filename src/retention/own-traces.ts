import { sql, type SQL } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { Policy } from '../policy/schema.ts'
import { verb } from '../verb.ts'

const BATCH_ROWS = 5_000

/** Rows of this service that are only deleted: by name the table, the instant from which they are kept, how long, and which of them. */
const TRACES = {
  sign_ins: {
    table: sql`operator_secrets`,
    since: sql`coalesce(ended_at, expires_at)`,
    keep: (policy: Policy) => policy.own_records.sign_in,
  },
  codes: { table: sql`codes`, since: sql`expires_at`, keep: () => 'P7D' },
  tokens: { table: sql`subject_tokens`, since: sql`expires_at`, keep: () => 'P7D' },
  idempotency_keys: { table: sql`idempotency_keys`, since: sql`started_at`, keep: () => 'P1D' },
  // Rows that are not done have no such instant and stay.
  jobs: { table: sql`outbox`, since: sql`done_at`, keep: () => 'P7D' },
  rate_limits: { table: sql`rate_limits`, since: sql`window_at`, keep: () => 'P2D' },
} as const satisfies Record<string, { table: SQL; since: SQL; keep: (policy: Policy) => string }>

export type TraceKind = keyof typeof TRACES
export const TRACE_KINDS = ['sign_ins', 'codes', 'tokens', 'idempotency_keys', 'jobs', 'rate_limits'] as const satisfies TraceKind[]

/** Whether `since` plus an ISO 8601 period has come, by the calendar of a zone, as SQL. */
export function isOver(since: SQL, period: string, zone: string, now: Date): SQL {
  return sql`(${since} at time zone ${zone} + ${period}::interval) at time zone ${zone} <= ${now.toISOString()}::timestamptz`
}

/** How many rows of that kind are due. */
export async function countTraces(ctx: Context, kind: TraceKind, now: Date): Promise<number> {
  const { rows } = await ctx.db.execute<{ n: string }>(
    sql`select count(*) as n from ${TRACES[kind].table} where ${dueTraces(ctx, kind, now)}`,
  )
  return Number(rows[0]?.n)
}

/** Deletes all due rows of that kind, 5,000 in a transaction; how many they were. */
export async function eraseTraces(ctx: Context, kind: TraceKind, now: Date): Promise<number> {
  let erased = 0
  for (;;) {
    const batch = await eraseTraceBatch(ctx, { kind, now })
    erased += batch
    if (batch < BATCH_ROWS) return erased
  }
}

const eraseTraceBatch = verb(
  { name: 'eraseTraceBatch', permission: 'system', audit: 'retention.own_records_erased', quiet: true },
  async (ctx, { kind, now }: { kind: TraceKind; now: Date }): Promise<number> => {
    const { table } = TRACES[kind]
    const due = sql`select ctid from ${table} where ${dueTraces(ctx, kind, now)} limit ${BATCH_ROWS}`
    const { rowCount } = await ctx.db.execute(sql`delete from ${table} where ctid = any(array(${due}))`)
    const erased = rowCount ?? 0
    if (erased > 0) await ctx.record('retention.own_records_erased', { kind, rows: erased })
    return erased
  },
)

function dueTraces(ctx: Context, kind: TraceKind, now: Date): SQL {
  const { since, keep } = TRACES[kind]
  return isOver(since, keep(ctx.policy), ctx.policy.main.zone, now)
}
