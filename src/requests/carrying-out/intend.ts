import { randomUUIDv7 } from 'node:crypto'
import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requests } from '../../db/schema/requests.ts'
import { intents, plans, steps } from '../../db/schema/work.ts'
import type { PlanBody, PlanFindings } from '../../planner/shape.ts'
import type { Change, DataSource } from '../../sources/source.ts'
import { verb } from '../../verb.ts'
import type { FrozenIdentities } from '../planning/draft-plan.ts'
import { typedCorrections } from '../sealed.ts'
import type { RequestRow } from '../transition.ts'
import { changesFor } from './changes-for.ts'

export interface ClaimedStep {
  readonly step: typeof steps.$inferSelect
  readonly request: RequestRow
  readonly body: PlanBody
  readonly frozen: FrozenIdentities
  readonly changes: readonly Change[]
  /** The source is only observed: everything is computed and written down as "would". */
  readonly observe: boolean
}

export interface Intent {
  readonly id: string
  readonly expected: Readonly<Record<string, number>>
  readonly key_digests: readonly string[]
}

/**
 * Takes a step under the next epoch: whoever held it before (a worker that hung and came back) can no longer write its outcome. A step that
 * is done, or whose case has moved on, is not taken.
 */
export async function claimStep(ctx: Context, { step_id: id }: { step_id: string }): Promise<ClaimedStep | undefined> {
  const [step] = await ctx.db
    .update(steps)
    .set({ epoch: sql`${steps.epoch} + 1`, attempts: sql`${steps.attempts} + 1`, state: 'running', parked_reason: null })
    .where(and(eq(steps.id, id), inArray(steps.state, ['ready', 'running', 'parked'])))
    .returning()
  if (step === undefined) return undefined
  const [request] = await ctx.db.select().from(requests).where(eq(requests.id, step.request_id))
  const [plan] = await ctx.db.select().from(plans).where(eq(plans.id, step.plan_id))
  if (request === undefined || plan === undefined || request.state !== 'carrying_out') return undefined
  const body = plan.body as PlanBody
  const frozen = JSON.parse(await ctx.keys.open(`plans.identities:${plan.id}`, plan.identities)) as FrozenIdentities
  const work = { body, findings: plan.findings as PlanFindings, frozen, corrections: await typedCorrections(ctx, request) }
  const observe = ctx.policy.sources.get(step.source)?.mode === 'observe'
  return { step, request, body, frozen, changes: step.kind === 'apply' ? changesFor(work, step.source) : [], observe }
}

/** Writes what is about to be done, or finds what an earlier attempt has written: counts, and keyed digests of the persons' own rows. */
export async function intendBatch(ctx: Context, input: { claimed: ClaimedStep; source: DataSource }): Promise<Intent> {
  const { claimed, source } = input
  const [earlier] = await ctx.db
    .select()
    .from(intents)
    .where(and(eq(intents.step_id, claimed.step.id), eq(intents.batch, 0)))
  if (earlier !== undefined) return earlier
  const expected: Record<string, number> = {}
  const digests: string[] = []
  for (const { selection, action, limit } of claimed.changes) {
    expected[selection.collection] = await source.count(selection)
    const collection = ctx.policy.collections.get(selection.collection)
    if (action.kind !== 'delete' || collection?.is_person !== true) continue
    const keys = await source.keys(selection, limit)
    digests.push(
      ...keys.map(
        (key) =>
          `${selection.collection}:${ctx.keys.digest('primary_key', JSON.stringify([source.declaration.id, selection.collection, ...key]))}`,
      ),
    )
  }
  return writeIntent(ctx, { claimed, expected, digests })
}

const writeIntent = verb(
  { name: 'writeIntent', permission: 'system', audit: 'step.intended' },
  async (
    ctx,
    { claimed, expected, digests }: { claimed: ClaimedStep; expected: Record<string, number>; digests: string[] },
  ): Promise<Intent> => {
    const { step, request } = claimed
    const predicate = claimed.changes.map(({ selection, action }) => ({
      collection: selection.collection,
      action: action.kind,
      opened_by: selection.openings.map(({ identifier }) => identifier),
    }))
    const id = randomUUIDv7()
    await ctx.db
      .insert(intents)
      .values({ id, step_id: step.id, epoch: step.epoch, batch: 0, predicate, key_digests: digests, expected, made_at: ctx.clock.now() })
    await ctx.record('step.intended', { case: request.reference, step: step.id, epoch: step.epoch, source: step.source, expected })
    return { id, expected, key_digests: digests }
  },
)
