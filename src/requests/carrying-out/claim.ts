import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requests } from '../../db/schema/requests.ts'
import { plans, steps } from '../../db/schema/work.ts'
import type { PlanBody, PlanFindings } from '../../planner/shape.ts'
import type { Change } from '../../sources/source.ts'
import type { FrozenIdentities } from '../planning/freeze.ts'
import { typedCorrections } from '../sealed.ts'
import type { RequestRow } from '../transition.ts'
import { changesFor } from './changes-for.ts'

export interface ClaimedStep {
  readonly step: typeof steps.$inferSelect
  readonly request: RequestRow
  /** The plan that people agreed to. */
  readonly approved: { readonly body: PlanBody; readonly findings: PlanFindings }
  /** What the step goes by: the plan of the start, or the one that was just made again. */
  readonly body: PlanBody
  readonly frozen: FrozenIdentities
  readonly changes: readonly Change[]
  /** The source is only observed: everything is computed and written down as "would". */
  readonly observe: boolean
}

const NOTHING_TO_WAIT_FOR = sql`not exists (select from steps awaited where awaited.id = any(${steps.waits_for}) and awaited.state <> 'done')`

/**
 * Takes a step under the next epoch: whoever held it before (a worker that hung and came back) can no longer write its outcome. A step that
 * is done, that waits for others, or whose case has moved on, is not taken.
 */
export async function claimStep(ctx: Context, { step_id: id }: { step_id: string }): Promise<ClaimedStep | undefined> {
  const [step] = await ctx.db
    .update(steps)
    .set({ epoch: sql`${steps.epoch} + 1`, attempts: sql`${steps.attempts} + 1`, state: 'running', parked_reason: null })
    .where(and(eq(steps.id, id), inArray(steps.state, ['ready', 'running', 'parked']), NOTHING_TO_WAIT_FOR))
    .returning()
  if (step === undefined) return undefined
  const [request] = await ctx.db.select().from(requests).where(eq(requests.id, step.request_id))
  if (request === undefined || request.state !== 'carrying_out' || request.plan_id === null) return undefined
  const approved = await planById(ctx, request.plan_id)
  const started = await planById(ctx, step.plan_id)
  const frozen = JSON.parse(await ctx.keys.open(`plans.identities:${started.id}`, started.identities)) as FrozenIdentities
  const observe = ctx.policy.sources.get(step.source)?.mode === 'observe'
  return withPlan(ctx, { step, request, approved, observe }, { body: started.body, frozen })
}

/** Whether the step is still held under the epoch it was claimed with, and its case still being carried out. */
export async function isStillOurs(ctx: Context, { step, request }: ClaimedStep): Promise<boolean> {
  const ours = and(eq(steps.id, step.id), eq(steps.epoch, step.epoch), eq(steps.state, 'running'))
  const [row] = await ctx.db
    .select({ state: requests.state })
    .from(steps)
    .innerJoin(requests, eq(requests.id, steps.request_id))
    .where(and(ours, eq(requests.id, request.id)))
  return row?.state === 'carrying_out'
}

/** The same step going by another plan; its limits stay those of the plan that people agreed to. */
export async function withPlan(
  ctx: Context,
  claimed: Pick<ClaimedStep, 'step' | 'request' | 'approved' | 'observe'>,
  { body, frozen }: { body: PlanBody; frozen: FrozenIdentities },
): Promise<ClaimedStep> {
  const { step, request, approved, observe } = claimed
  const work = { body, findings: approved.findings, frozen, corrections: await typedCorrections(ctx, request) }
  return {
    step,
    request,
    approved,
    observe,
    body,
    frozen,
    changes: step.kind === 'apply' ? changesFor(work, step.source, step.collections) : [],
  }
}

async function planById(ctx: Context, id: string) {
  const [row] = await ctx.db.select().from(plans).where(eq(plans.id, id))
  if (row === undefined) throw new Error(`the plan ${id} is gone`)
  return { id, identities: row.identities, body: row.body as PlanBody, findings: row.findings as PlanFindings }
}
