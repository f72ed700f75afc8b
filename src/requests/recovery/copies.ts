import { and, asc, eq, inArray, notInArray } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { recoveryCopies, recoveryFindings, type RecoveryConflict } from '../../db/schema/recovery.ts'
import { operators } from '../../db/schema/running.ts'
import type { RequestRow } from '../transition.ts'
import { rowsOf } from './count-copy.ts'

export type CopyRow = typeof recoveryCopies.$inferSelect
type FindingRow = Omit<typeof recoveryFindings.$inferSelect, 'facts'> & { readonly role: string }

/** The recovery copy of a case as operators see it; rows by collection, never a value. */
export interface RecoveryView {
  /**
   * kept: sealed, nobody has said anything; found: one finding, one more person needed; opened: being put back; blocked: something is in the
   * way; put_back, destroyed, expired: it is no more.
   */
  readonly state: 'kept' | 'found' | 'opened' | 'blocked' | 'put_back' | 'destroyed' | 'expired'
  readonly until: string
  readonly rows: Readonly<Record<string, number>>
  readonly findings: readonly { readonly kind: string; readonly by: string; readonly at: string }[]
  readonly conflicts: readonly RecoveryConflict[]
  readonly failure: string | null
}

/** Copies of a case that can still be opened: kept, before their end and before the case is due, whatever became of its clock. */
export async function openCopies(ctx: Context, request: Pick<RequestRow, 'id' | 'due_at'>): Promise<CopyRow[]> {
  const now = ctx.clock.now()
  if (request.due_at <= now) return []
  const kept = await ctx.db
    .select()
    .from(recoveryCopies)
    .where(and(eq(recoveryCopies.request_id, request.id), eq(recoveryCopies.state, 'kept')))
    .orderBy(asc(recoveryCopies.source), asc(recoveryCopies.batch))
  return kept.filter(({ expires_at }) => expires_at > now)
}

/** The end of copies: the first of theirs, or the case's due date. */
export function endOf(request: Pick<RequestRow, 'due_at'>, copies: readonly Pick<CopyRow, 'expires_at'>[]): Date {
  return new Date(Math.min(request.due_at.getTime(), ...copies.map(({ expires_at }) => expires_at.getTime())))
}

/** What the person who asked is told of the copy: its end and what it holds. Undefined once two people found that the case is not theirs. */
export async function copyOfPerson(ctx: Context, request: RequestRow): Promise<{ until: Date; categories: readonly string[] } | undefined> {
  const copies = await openCopies(ctx, request)
  if (copies.length === 0 || agreedFinding(await findingsOf(ctx, [request.id])) !== undefined) return undefined
  const collections = new Set(copies.flatMap(({ parts }) => parts.map(({ collection }) => collection)))
  const categories = [...collections].map((collection) => ctx.policy.collections.get(collection)?.category ?? '')
  const named = [...ctx.policy.categories.values()].filter(({ id }) => categories.includes(id))
  return { until: endOf(request, copies), categories: named.map(({ label }) => label) }
}

/** What was found about cases, latest first; the roles are those of today. */
export async function findingsOf(ctx: Context, requestIds: readonly string[]): Promise<FindingRow[]> {
  const { id, request_id, operator_id, kind, at } = recoveryFindings
  const rows = await ctx.db
    .select({ id, request_id, operator_id, kind, at, role: operators.role })
    .from(recoveryFindings)
    .innerJoin(operators, eq(operators.id, operator_id))
    .where(inArray(request_id, [...requestIds]))
    .orderBy(asc(at), asc(id))
  return rows.toReversed()
}

/** The finding on which a copy may be opened: two different people have found the same, one of them a `dpo`. Undefined while there is none. */
export function agreedFinding(findings: readonly FindingRow[]): FindingRow['kind'] | undefined {
  return (['wrong_person', 'impostor'] as const).find((kind) => {
    const same = findings.filter((one) => one.kind === kind)
    return new Set(same.map(({ operator_id }) => operator_id)).size >= 2 && same.some(({ role }) => role === 'dpo')
  })
}

/** The copies of several cases as operators see them, by case; a case of which none was ever kept has no entry. */
export async function recoveryViews(ctx: Context, rows: readonly RequestRow[]): Promise<ReadonlyMap<string, RecoveryView>> {
  const ids = rows.map(({ id }) => id)
  const counted = and(inArray(recoveryCopies.request_id, ids), notInArray(recoveryCopies.state, ['unfinished', 'void']))
  const copies = await ctx.db.select().from(recoveryCopies).where(counted).orderBy(asc(recoveryCopies.made_at), asc(recoveryCopies.id))
  if (copies.length === 0) return new Map()
  const findings = await findingsOf(ctx, ids)
  return new Map(
    rows.flatMap((row) => {
      const mine = copies.filter(({ request_id }) => request_id === row.id)
      const found = findings.filter(({ request_id }) => request_id === row.id)
      return mine.length === 0 ? [] : [[row.id, viewOf(ctx.clock.now(), row, mine, found)] as const]
    }),
  )
}

function viewOf(now: Date, request: RequestRow, copies: readonly CopyRow[], findings: readonly FindingRow[]): RecoveryView {
  const conflicts = copies.flatMap((copy) => copy.conflicts ?? [])
  const failure = copies.find((copy) => copy.failure !== null)?.failure ?? null
  return {
    state: stateOf(now, request, copies, findings),
    until: endOf(request, copies).toISOString(),
    rows: rowsOf(copies.flatMap(({ parts }) => parts)),
    findings: findings.map(({ kind, operator_id, at }) => ({ kind, by: operator_id, at: at.toISOString() })).toReversed(),
    conflicts,
    failure,
  }
}

function stateOf(now: Date, request: RequestRow, copies: readonly CopyRow[], findings: readonly FindingRow[]): RecoveryView['state'] {
  const kept = copies.filter(({ state }) => state === 'kept')
  if (kept.length > 0 && endOf(request, kept) > now) {
    if (agreedFinding(findings) === undefined) return findings.length > 0 ? 'found' : 'kept'
    return kept.some(({ conflicts, failure }) => conflicts !== null || failure !== null) ? 'blocked' : 'opened'
  }
  if (kept.length > 0) return 'expired'
  const states = copies.map(({ state }) => state)
  return states.includes('put_back') ? 'put_back' : states.includes('destroyed') ? 'destroyed' : 'expired'
}
