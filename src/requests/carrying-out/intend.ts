import { randomUUIDv7 } from 'node:crypto'
import { asc, eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { intents } from '../../db/schema/work.ts'
import type { Change, DataSource, IdentifierValue } from '../../sources/source.ts'
import { verb } from '../../verb.ts'
import type { Batch } from './batches.ts'
import type { ClaimedStep } from './claim.ts'

/** What one batch of a step is about, without values. */
export interface Predicate {
  readonly collection: string
  readonly action: Change['action']['kind']
  readonly opened_by: readonly string[]
  /** The rows were changed before, and somebody has written them since: they are not counted twice. */
  readonly repeated?: boolean
}

type Rows = Readonly<Record<string, number>>

export interface Intent {
  readonly id: string
  readonly batch: number
  readonly predicate: readonly Predicate[]
  readonly expected: Rows
  readonly key_digests: readonly string[]
  /** A batch of many: the keys of its rows; once it is settled only the last of them. */
  readonly keys: readonly IdentifierValue[] | undefined
  readonly settled: { readonly confirmed_by: string; readonly rows: Rows; readonly left: Rows } | undefined
}

/** What attempts at this step have written down so far, in their order. */
export async function intentsOf(ctx: Context, stepId: string): Promise<Intent[]> {
  const rows = await ctx.db.select().from(intents).where(eq(intents.step_id, stepId)).orderBy(asc(intents.batch))
  return Promise.all(rows.map((row) => intentOf(ctx, row)))
}

/** Writes down what is about to be done: counts, keyed digests of the persons' own rows, and for a batch of many the keys of its rows. */
export async function intendBatch(ctx: Context, input: { claimed: ClaimedStep; source: DataSource; batch: Batch }): Promise<Intent> {
  const { claimed, source, batch } = input
  const expected: Record<string, number> = {}
  const digests: string[] = []
  for (const { selection, action, limit } of batch.changes) {
    expected[selection.collection] = batch.keys?.length ?? (await source.count(selection))
    const collection = ctx.policy.collections.get(selection.collection)
    if (action.kind !== 'delete' || collection?.is_person !== true) continue
    const keys = batch.keys ?? (await source.keys(selection, limit))
    const digest = (key: readonly string[]) => JSON.stringify([source.declaration.id, selection.collection, ...key])
    digests.push(...keys.map((key) => `${selection.collection}:${ctx.keys.digest('primary_key', digest(key))}`))
  }
  await writeIntent(ctx, { claimed, batch, expected, digests })
  // Two workers at once: the first one's intent counts for both.
  const written = (await intentsOf(ctx, claimed.step.id)).find((intent) => intent.batch === batch.number)
  if (written === undefined) throw new Error('the intent was not stored')
  return written
}

/** Seals keys for an intent: under the key of the request, so that they go when it does. */
export async function sealKeys(ctx: Context, { request }: ClaimedStep, id: string, keys: readonly IdentifierValue[]): Promise<string> {
  return ctx.keys.seal(request.key_id, `intents.keys:${id}`, JSON.stringify(keys))
}

const writeIntent = verb(
  { name: 'writeIntent', permission: 'system', audit: 'step.intended', quiet: true },
  async (
    ctx,
    { claimed, batch, expected, digests }: { claimed: ClaimedStep; batch: Batch; expected: Rows; digests: string[] },
  ): Promise<void> => {
    const { step, request } = claimed
    const predicate = batch.changes.map(({ selection, action }) => ({
      collection: selection.collection,
      action: action.kind,
      opened_by: selection.openings.map(({ identifier }) => identifier),
      ...(batch.repeated.includes(selection.collection) && { repeated: true }),
    }))
    const id = randomUUIDv7()
    const keys = batch.keys === undefined ? null : await sealKeys(ctx, claimed, id, batch.keys)
    const row = { id, step_id: step.id, epoch: step.epoch, batch: batch.number, predicate, key_digests: digests, keys }
    const added = await ctx.db
      .insert(intents)
      .values({ ...row, expected: { ...expected }, made_at: ctx.clock.now() })
      .onConflictDoNothing()
      .returning({ id: intents.id })
    if (added.length === 0) return
    const { source, epoch } = step
    await ctx.record('step.intended', { case: request.reference, step: step.id, epoch, source, batch: batch.number, expected })
  },
)

async function intentOf(ctx: Context, row: typeof intents.$inferSelect): Promise<Intent> {
  const { id, batch, key_digests, expected, keys } = row
  return {
    id,
    batch,
    key_digests,
    expected,
    predicate: row.predicate as Predicate[],
    keys: keys === null ? undefined : (JSON.parse(await ctx.keys.open(`intents.keys:${id}`, keys)) as IdentifierValue[]),
    settled: row.settled_at === null ? undefined : { confirmed_by: row.confirmed_by ?? '', rows: row.rows ?? {}, left: row.left ?? {} },
  }
}
