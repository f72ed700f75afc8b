import { randomUUIDv7 } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { intents } from '../../db/schema/work.ts'
import type { DataSource } from '../../sources/source.ts'
import { verb } from '../../verb.ts'
import type { ClaimedStep } from './claim.ts'

export interface Intent {
  readonly id: string
  readonly expected: Readonly<Record<string, number>>
  readonly key_digests: readonly string[]
}

/** What an earlier attempt at this step has written down, if there was one. */
export async function earlierIntent(ctx: Context, stepId: string): Promise<Intent | undefined> {
  const [row] = await ctx.db
    .select()
    .from(intents)
    .where(and(eq(intents.step_id, stepId), eq(intents.batch, 0)))
  return row
}

/** Writes down what is about to be done: counts, and keyed digests of the persons' own rows. */
export async function intendBatch(ctx: Context, input: { claimed: ClaimedStep; source: DataSource }): Promise<Intent> {
  const { claimed, source } = input
  const expected: Record<string, number> = {}
  const digests: string[] = []
  for (const { selection, action, limit } of claimed.changes) {
    expected[selection.collection] = await source.count(selection)
    const collection = ctx.policy.collections.get(selection.collection)
    if (action.kind !== 'delete' || collection?.is_person !== true) continue
    const keys = await source.keys(selection, limit)
    const digest = (key: readonly string[]) => JSON.stringify([source.declaration.id, selection.collection, ...key])
    digests.push(...keys.map((key) => `${selection.collection}:${ctx.keys.digest('primary_key', digest(key))}`))
  }
  await writeIntent(ctx, { claimed, expected, digests })
  const written = await earlierIntent(ctx, claimed.step.id)
  if (written === undefined) throw new Error('the intent was not stored')
  return written
}

const writeIntent = verb(
  { name: 'writeIntent', permission: 'system', audit: 'step.intended', quiet: true },
  async (
    ctx,
    { claimed, expected, digests }: { claimed: ClaimedStep; expected: Record<string, number>; digests: string[] },
  ): Promise<void> => {
    const { step, request } = claimed
    const predicate = claimed.changes.map(({ selection, action }) => ({
      collection: selection.collection,
      action: action.kind,
      opened_by: selection.openings.map(({ identifier }) => identifier),
    }))
    const row = { step_id: step.id, epoch: step.epoch, batch: 0, predicate, key_digests: digests, expected, made_at: ctx.clock.now() }
    // Two workers at once: the first one's intent counts for both.
    const added = await ctx.db
      .insert(intents)
      .values({ id: randomUUIDv7(), ...row })
      .onConflictDoNothing()
      .returning({ id: intents.id })
    if (added.length === 0) return
    await ctx.record('step.intended', { case: request.reference, step: step.id, epoch: step.epoch, source: step.source, expected })
  },
)
