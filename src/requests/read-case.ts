import { asc, eq } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { receipts } from '../db/schema/work.ts'
import { Refusal } from '../errors.ts'
import { rowsOf } from '../planner/plan.ts'
import type { PlanBody, PlanItem } from '../planner/shape.ts'
import { verb } from '../verb.ts'
import { caseView, stepsOf, type CaseView } from './case-view.ts'
import { currentPlan, type StoredPlan } from './decision/lock-for-decision.ts'
import { findRequest, lockRequest } from './find.ts'
import { read } from './messages.ts'
import { openColumn, typedCorrections } from './sealed.ts'
import { eventsOf, type CaseEvent } from './timeline.ts'
import type { RequestRow } from './transition.ts'

/** A plan as operators see it: what was hashed, with the rows that were found beside it; never a value. */
export interface PlanView extends Omit<PlanBody, 'items'> {
  readonly hash: string
  readonly made_at: string
  readonly items: readonly (PlanItem & { readonly rows: number })[]
  /** Rows left out because they are also somebody else's, by collection. */
  readonly left_out: Readonly<Record<string, number>>
  /** Rows in which the old value of a correction stands elsewhere, by `collection.column`: they can be added. */
  readonly copies: Readonly<Record<string, number>>
  readonly paths: Readonly<Record<string, readonly string[]>>
}

/** One case, masked; looking at it is written down. */
export const readCase = verb(
  { name: 'readCase', permission: 'cases.read', audit: 'request.viewed' },
  async (ctx, { reference }: { reference: string }): Promise<CaseView> => {
    const request = await findRequest(ctx, reference)
    await ctx.record('request.viewed', { case: reference })
    return caseView(ctx, request)
  },
)

/** Everything the case page shows beside the case itself, in one look. */
export const readCasePage = verb(
  { name: 'readCasePage', permission: 'cases.read', audit: 'request.viewed' },
  async (ctx, { reference }: { reference: string }) => {
    const request = await findRequest(ctx, reference)
    await ctx.record('request.viewed', { case: reference })
    const plan = await currentPlan(ctx, request)
    const masksMessages = ctx.actor.kind === 'operator' && ctx.actor.role === 'auditor'
    return {
      case: await caseView(ctx, request),
      plan: plan === undefined ? undefined : planView(plan),
      steps: await stepsOf(ctx, request),
      events: await eventsOf(ctx, reference),
      receipts: await receiptsOf(ctx, request),
      messages: masksMessages ? [] : await read(ctx, request, ['from_subject', 'to_subject', 'note']),
      explanation: request.explanation,
    }
  },
)

/** The current plan of a case. */
export const readPlan = verb(
  { name: 'readPlan', permission: 'cases.read', audit: [] },
  async (ctx, { reference }: { reference: string }): Promise<PlanView> => {
    const plan = await currentPlan(ctx, await findRequest(ctx, reference))
    if (plan === undefined) throw new Refusal('not_found')
    return planView(plan)
  },
)

/** Every event of a case. */
export const readEvents = verb(
  { name: 'readEvents', permission: 'cases.read', audit: [] },
  async (ctx, { reference }: { reference: string }): Promise<CaseEvent[]> => {
    await findRequest(ctx, reference)
    return eventsOf(ctx, reference)
  },
)

/** The receipts of a case: what was really done, signed. */
export const readReceipts = verb(
  { name: 'readReceipts', permission: 'cases.read', audit: [] },
  async (ctx, { reference }: { reference: string }) => receiptsOf(ctx, await findRequest(ctx, reference)),
)

/** Who asks, unmasked, for a stated reason; each look is written down. */
export const revealSubject = verb(
  { name: 'revealSubject', permission: 'cases.reveal', audit: 'request.revealed' },
  async (ctx, { reference, reason }: { reference: string; reason: string }) => {
    const request = await lockRequest(ctx, reference)
    await ctx.record('request.revealed', { case: reference, reason_length: reason.length })
    return {
      email: await openColumn(ctx, request, 'email'),
      name: await openColumn(ctx, request, 'name'),
      postal_address: await openColumn(ctx, request, 'postal_address'),
      details: await openColumn(ctx, request, 'details'),
      identifiers: await openColumn(ctx, request, 'identifiers'),
      requester: await openColumn(ctx, request, 'requester'),
      corrections: await typedCorrections(ctx, request),
    }
  },
)

function planView(plan: StoredPlan): PlanView {
  const { findings } = plan
  return {
    ...plan.body,
    hash: plan.hash,
    made_at: plan.made_at.toISOString(),
    items: plan.body.items.map((item) => ({ ...item, rows: rowsOf(findings, item) })),
    left_out: Object.fromEntries(
      Object.entries(findings.shared_rows).filter(
        ([id, rows]) => rows > 0 && !plan.body.items.some((item) => item.whose === 'shared' && item.collection === id),
      ),
    ),
    copies: findings.copies ?? {},
    paths: findings.paths,
  }
}

async function receiptsOf(ctx: Context, request: RequestRow) {
  const rows = await ctx.db.select().from(receipts).where(eq(receipts.request_id, request.id)).orderBy(asc(receipts.at))
  return rows.map(({ id, body, hash, signature, at }) => ({ id, at: at.toISOString(), hash, signature, body }))
}
