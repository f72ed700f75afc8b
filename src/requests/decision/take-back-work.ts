import { and, eq, gte, inArray, isNull, ne } from 'drizzle-orm'
import { eraseArchive } from '../../archives/store.ts'
import type { Context } from '../../context.ts'
import { requests } from '../../db/schema/requests.ts'
import { archives, intents, steps, tasks } from '../../db/schema/work.ts'
import { Refusal } from '../../errors.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import type { Right } from '../../policy/schema.ts'
import type { VerbContext } from '../../verb.ts'
import type { RequestRow } from '../transition.ts'

/** Takes the steps of a case back, or refuses with `too_late` when one is done or may have reached its source. */
export async function takeBackSteps(ctx: Context, request: RequestRow): Promise<void> {
  const all = await ctx.db.select().from(steps).where(eq(steps.request_id, request.id)).for('update')
  if (all.some(({ state, kind }) => state === 'running' || (state === 'done' && kind !== 'task'))) throw new Refusal('too_late')
  for (const step of all) if (await mayHaveReached(ctx, step)) throw new Refusal('too_late')
  for (const { id } of all) await ctx.db.delete(intents).where(eq(intents.step_id, id))
  await dropSteps(ctx, request)
}

/**
 * Whether the work of a step may have changed anything: what its source says of each intent without outcome, and where the source cannot say, that
 * there is one. Such a step is tried again until its outcome is known: only then do the rows that went stand in a receipt.
 */
async function mayHaveReached(ctx: Context, step: typeof steps.$inferSelect): Promise<boolean> {
  const intended = await ctx.db.select().from(intents).where(eq(intents.step_id, step.id))
  if (intended.some(({ settled_at }) => settled_at !== null)) return true
  const source = step.kind === 'apply' ? ctx.sources.get(step.source) : undefined
  if (source === undefined || source.kind === 'manual') return false
  // Our own database may have been restored to before an intent; a marker is not forgotten.
  if (typeof (await source.settle(step.id, 0)) === 'object') return true
  for (const { batch } of intended) if ((await source.settle(step.id, batch)) !== 'nothing') return true
  return false
}

/**
 * Takes a built copy back that nobody has been given, so that it is made again. Refused with `too_late` when something of the same person was
 * erased after it was built: then it is the only one there is. Declares `archive.erased`.
 */
export async function takeBackCopy(ctx: VerbContext, request: RequestRow): Promise<void> {
  const built = await ctx.db
    .select()
    .from(archives)
    .where(and(eq(archives.request_id, request.id), isNull(archives.erased_at)))
    .for('update')
  if (await erasedSince(ctx, request, built)) throw new Refusal('too_late')
  for (const archive of built) {
    await eraseArchive(ctx, archive)
    await ctx.db.delete(archives).where(eq(archives.id, archive.id))
    await ctx.record('archive.erased', { case: request.reference, archive: archive.id, reason: 'made again' })
  }
  await dropSteps(ctx, request)
}

async function erasedSince(ctx: Context, request: RequestRow, built: readonly { readonly built_at: Date }[]): Promise<boolean> {
  const first = built.map(({ built_at }) => built_at.getTime()).sort((a, b) => a - b)[0]
  if (first === undefined || request.email_lookup === null) return false
  const others = await ctx.db
    .select({ right: requests.right })
    .from(requests)
    .where(
      and(
        eq(requests.email_lookup, request.email_lookup),
        ne(requests.id, request.id),
        inArray(requests.state, ['carrying_out', 'awaiting_release', 'delivered', 'closed']),
        gte(requests.state_at, new Date(first)),
      ),
    )
  return others.some(({ right }) => RIGHT_TABLE[right as Right].effect === 'erase')
}

/** What people have answered already stays; it is taken over when the steps are opened again. */
async function dropSteps(ctx: Context, request: RequestRow): Promise<void> {
  await ctx.db.delete(tasks).where(and(eq(tasks.request_id, request.id), eq(tasks.kind, 'search'), eq(tasks.state, 'open')))
  await ctx.db.delete(steps).where(eq(steps.request_id, request.id))
}
