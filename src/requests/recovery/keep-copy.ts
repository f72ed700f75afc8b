import { randomUUIDv7 } from 'node:crypto'
import { and, eq, lt, sql } from 'drizzle-orm'
import { shredRecoveryCopy, writeRecoveryPart } from '../../archives/recovery.ts'
import type { Context } from '../../context.ts'
import { recoveryCopies, type RecoveryPart } from '../../db/schema/recovery.ts'
import { steps } from '../../db/schema/work.ts'
import { enqueue } from '../../outbox.ts'
import type { Strategy } from '../../policy/schema.ts'
import { SourceError, type Change, type Copying, type DataSource } from '../../sources/source.ts'
import { verb } from '../../verb.ts'
import type { ClaimedStep } from '../carrying-out/claim.ts'
import { mayKeep } from './may-keep.ts'

/** One batch of a step that is about to be carried out. */
interface Batch {
  readonly claimed: ClaimedStep
  readonly source: DataSource
  readonly batch: number
  /** The case's key for pseudonyms, kept with the copy: without it nobody could tell later what was set. */
  readonly pseudonym_key?: string | undefined
}

interface Begun {
  readonly id: string
  readonly key_id: string
}

/**
 * What the source hands rows to before they go; undefined where no copy may be kept. Each part is sealed and on disk before the source goes on,
 * so that a commit never comes before its copy. Until the outcome is written the copy counts for nothing.
 */
export async function copyingFor(ctx: Context, batch: Batch): Promise<Copying | undefined> {
  if (batch.source.putBack === undefined) return undefined
  const allowed = await mayKeep(ctx, batch.claimed)
  if (allowed === undefined) return undefined
  let begun: Begun | undefined
  return {
    collections: allowed.collections,
    async write({ rows, ...copied }) {
      begun ??= await beginCopy(ctx, { ...batch, expires_at: allowed.expires_at })
      const id = randomUUIDv7()
      const count = await writeRecoveryPart(ctx, { id, key_id: begun.key_id }, rows)
      if (count === 0) return
      const changes = batch.claimed.changes.filter(({ selection }) => selection.collection === copied.collection)
      const set = copied.action === 'set' ? setOf(changes) : {}
      const openings = Object.values(set).some(goesByPerson) ? await sealOpenings(ctx, begun, id, changes) : undefined
      await addPart(ctx, { copy: begun, batch, part: { id, ...copied, set, ...(openings !== undefined && { openings }), rows: count } })
    },
  }
}

/** A copy of this worker's own, in place of what an attempt that came to nothing has left; refused to a worker who has been overtaken. */
const beginCopy = verb(
  { name: 'beginRecoveryCopy', permission: 'system', audit: 'recovery.begun' },
  async (ctx, { claimed, source, batch, pseudonym_key, expires_at }: Batch & { expires_at: Date }): Promise<Begun> => {
    const { step, request } = claimed
    const [mine] = await ctx.db
      .select({ id: steps.id })
      .from(steps)
      .where(and(eq(steps.id, step.id), eq(steps.epoch, step.epoch), eq(steps.state, 'running')))
      .for('update')
    if (mine === undefined) throw overtaken(source)
    // Whoever writes holds the step's lock at the source and found no marker: no attempt before has got through.
    const earlier = and(eq(recoveryCopies.step_id, step.id), eq(recoveryCopies.batch, batch), lt(recoveryCopies.epoch, step.epoch))
    for (const copy of await ctx.db
      .select()
      .from(recoveryCopies)
      .where(and(earlier, eq(recoveryCopies.state, 'unfinished')))) {
      await shredRecoveryCopy(ctx, copy)
      const now = ctx.clock.now()
      await ctx.db.update(recoveryCopies).set({ state: 'void', ended_at: now, shredded_at: now }).where(eq(recoveryCopies.id, copy.id))
    }
    const id = randomUUIDv7()
    const key_id = await ctx.keys.create('recovery')
    await ctx.db.insert(recoveryCopies).values({
      id,
      request_id: request.id,
      step_id: step.id,
      batch,
      epoch: step.epoch,
      source: step.source,
      key_id,
      pseudonym_key: pseudonym_key === undefined ? null : await ctx.keys.seal(key_id, pseudonymPlace(id), pseudonym_key),
      state: 'unfinished',
      made_at: ctx.clock.now(),
      expires_at,
    })
    await ctx.record('recovery.begun', { case: request.reference, step: step.id, batch, copy: id, until: expires_at.toISOString() })
    await enqueue(ctx, 'shred_copies', { request_id: request.id }, expires_at)
    return { id, key_id }
  },
)

/** The place a case's pseudonym key is sealed for. */
export function pseudonymPlace(copyId: string): string {
  return `recovery_copies.pseudonym_key:${copyId}`
}

async function addPart(ctx: Context, { copy, batch, part }: { copy: Begun; batch: Batch; part: RecoveryPart }): Promise<void> {
  const added = await ctx.db
    .update(recoveryCopies)
    .set({ parts: sql`${recoveryCopies.parts} || ${JSON.stringify([part])}::jsonb` })
    .where(and(eq(recoveryCopies.id, copy.id), eq(recoveryCopies.state, 'unfinished')))
    .returning({ id: recoveryCopies.id })
  if (added.length === 0) throw overtaken(batch.source)
}

function setOf(changes: readonly Change[]): Readonly<Record<string, Strategy>> {
  const sets = changes.flatMap(({ action }) => (action.kind === 'set' ? [action.set] : []))
  return Object.assign({}, ...sets) as Record<string, Strategy>
}

/** What such a strategy makes of a value depends on by what the person is known. */
function goesByPerson(strategy: Strategy): boolean {
  return strategy !== null && ('remove' in strategy || 'redact' in strategy)
}

function sealOpenings(ctx: Context, { key_id }: Begun, partId: string, changes: readonly Change[]): Promise<string> {
  return ctx.keys.seal(key_id, openingsPlace(partId), JSON.stringify(changes.flatMap(({ selection }) => selection.openings)))
}

/** The place by what a person was known is sealed for, beside a part of a copy. */
export function openingsPlace(partId: string): string {
  return `recovery_copies.openings:${partId}`
}

function overtaken({ declaration }: DataSource): SourceError {
  return new SourceError(declaration.id, '', 'changed', 'another worker has taken over, so nothing was done')
}
