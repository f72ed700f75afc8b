import { and, asc, eq, inArray } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { approvals, archives, plans, steps } from '../db/schema/work.ts'
import { openQuestions } from '../planner/plan.ts'
import type { PlanBody, PlanQuestion } from '../planner/shape.ts'
import { countsFor } from './decision/approvals.ts'
import { mask } from './mask.ts'
import { recoveryViews, type RecoveryView } from './recovery/copies.ts'
import { openColumn } from './sealed.ts'
import type { RequestRow } from './transition.ts'

/** A case as operators see it in lists and after every act (design.md §5); whose it is only masked. */
export interface CaseView {
  readonly reference: string
  readonly right: string
  readonly scope: Readonly<Record<string, string>>
  readonly regime: string
  readonly controller: string
  readonly state: string
  readonly paused: boolean
  readonly channel: string
  readonly received_at: string
  readonly due_at: string
  readonly first_reply_by: string
  readonly send_by: string
  readonly enforce_by: string
  readonly statutory_by: string
  readonly extended: boolean
  readonly assignee: string | null
  readonly subject: {
    readonly email: string | null
    readonly name: string | null
    readonly proven_by: string | null
    readonly proven_at: string | null
  }
  readonly plan_hash: string | null
  readonly approvals: readonly { readonly by: string; readonly at: string }[]
  readonly approvals_needed: number
  readonly questions: readonly PlanQuestion[]
  readonly steps: { readonly total: number; readonly done: number; readonly parked: number }
  readonly archives: readonly {
    readonly part: number
    readonly bytes: number
    readonly sha256: string
    readonly released: boolean
    readonly erased: boolean
  }[]
  readonly cancel_until: string | null
  /** A refusal that a second person has to agree to. */
  readonly refusal_proposed: { readonly ground: string; readonly by: string } | null
  /** The recovery copy of an erasure, where one was kept. */
  readonly recovery: RecoveryView | null
  readonly outcome: string | null
  readonly closed_at: string | null
}

/** Views of cases, in the order given; a page of them costs a handful of queries, not one a case. */
export async function caseViews(ctx: Context, rows: readonly RequestRow[]): Promise<CaseView[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const planIds = rows.flatMap(({ plan_id }) => (plan_id === null ? [] : [plan_id]))
  // One after the other: a verb's reads share one connection.
  const planRows =
    planIds.length === 0
      ? []
      : await ctx.db.select({ id: plans.id, hash: plans.hash, body: plans.body }).from(plans).where(inArray(plans.id, planIds))
  const approvalRows = await ctx.db.select().from(approvals).where(inArray(approvals.request_id, ids)).orderBy(asc(approvals.at))
  const stepRows = await ctx.db
    .select({ request_id: steps.request_id, state: steps.state })
    .from(steps)
    .where(inArray(steps.request_id, ids))
  const archiveRows = await ctx.db.select().from(archives).where(inArray(archives.request_id, ids)).orderBy(asc(archives.part))
  const recovery = await recoveryViews(ctx, rows)
  return Promise.all(
    rows.map(async (row) => {
      const plan = planRows.find(({ id }) => id === row.plan_id)
      const mine = stepRows.filter(({ request_id }) => request_id === row.id)
      return {
        ...datesOf(row),
        subject: await subjectOf(ctx, row),
        plan_hash: plan?.hash ?? null,
        approvals: approvalRows
          .filter((one) => one.request_id === row.id && countsFor(one, row, plan?.hash))
          .map(({ operator_id, at }) => ({ by: operator_id, at: at.toISOString() })),
        approvals_needed: row.approvals_needed,
        questions: plan === undefined ? [] : openQuestions(plan.body as PlanBody),
        steps: { total: mine.length, done: countOf(mine, 'done'), parked: countOf(mine, 'parked') },
        archives: archiveRows
          .filter(({ request_id }) => request_id === row.id)
          .map(({ part, bytes, sha256, released_at, erased_at }) => ({
            part,
            bytes,
            sha256,
            released: released_at !== null,
            erased: erased_at !== null,
          })),
        cancel_until: row.cancel_until?.toISOString() ?? null,
        refusal_proposed: proposedRefusal(row),
        recovery: recovery.get(row.id) ?? null,
        outcome: row.outcome,
        closed_at: row.closed_at?.toISOString() ?? null,
      }
    }),
  )
}

/** The view of one case. */
export async function caseView(ctx: Context, row: RequestRow): Promise<CaseView> {
  const [view] = await caseViews(ctx, [row])
  if (view === undefined) throw new Error('a case without a view')
  return view
}

function datesOf(row: RequestRow) {
  return {
    reference: row.reference,
    right: row.right,
    scope: row.scope ?? {},
    regime: row.regime,
    controller: row.controller,
    state: row.state,
    paused: row.paused,
    channel: row.channel,
    received_at: row.received_at.toISOString(),
    due_at: row.due_at.toISOString(),
    first_reply_by: row.first_reply_by,
    send_by: row.send_by,
    enforce_by: row.enforce_by,
    statutory_by: row.statutory_by,
    extended: row.extended_at !== null,
    assignee: row.assignee,
  }
}

function proposedRefusal(row: RequestRow): CaseView['refusal_proposed'] {
  if (row.refusal_by === null || row.refusal_ground === null || row.outcome !== null) return null
  return { ground: row.refusal_ground, by: row.refusal_by }
}

async function subjectOf(ctx: Context, row: RequestRow): Promise<CaseView['subject']> {
  const masked = async (column: 'email' | 'name') => {
    const value = await openColumn(ctx, row, column)
    return value === null ? null : mask(value)
  }
  return {
    email: await masked('email'),
    name: await masked('name'),
    proven_by: row.proof_method,
    proven_at: row.proven_at?.toISOString() ?? null,
  }
}

function countOf(rows: readonly { state: string }[], state: string): number {
  return rows.filter((row) => row.state === state).length
}

/** The steps of a case with what delays them. */
export async function stepsOf(ctx: Context, row: RequestRow) {
  const mine = await ctx.db
    .select()
    .from(steps)
    .where(and(eq(steps.request_id, row.id)))
    .orderBy(asc(steps.position))
  return mine.map(({ id, kind, source, state, attempts, parked_reason, done_at }) => ({
    id,
    kind,
    source,
    state,
    attempts,
    parked_reason,
    done_at: done_at?.toISOString() ?? null,
  }))
}
