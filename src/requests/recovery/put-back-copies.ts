import { and, eq, inArray } from 'drizzle-orm'
import { readRecoveryPart } from '../../archives/recovery.ts'
import { sha256Hex } from '../../canonical.ts'
import { actingAs, type Context } from '../../context.ts'
import { recoveryCopies } from '../../db/schema/recovery.ts'
import { REFUSALS } from '../../errors.ts'
import { enqueue } from '../../outbox.ts'
import { SourceError, type CopiedPart, type PutBackOutcome } from '../../sources/source.ts'
import { verb } from '../../verb.ts'
import { requestById } from '../find.ts'
import type { RequestRow } from '../transition.ts'
import { agreedFinding, findingsOf, openCopies, type CopyRow } from './copies.ts'
import { isErasedAgain } from './erased-again.ts'
import { openingsPlace, pseudonymPlace } from './keep-copy.ts'
import { recordPutBack } from './record-put-back.ts'

const RETRY_MS = 300_000

/**
 * Puts back what a case's erasure took, source by source, on a finding that two people agreed on; rings twice without harm. A source in which
 * something is in the way stays as it is, and the others are put back all the same.
 */
export async function putBackCopies(ctx: Context, { request_id: id }: { request_id: string }): Promise<void> {
  const system = actingAs(ctx, { kind: 'system', name: 'recovery' })
  const request = await requestById(system, id)
  if (request === undefined || agreedFinding(await findingsOf(system, [id])) === undefined) return
  const copies = await openCopies(system, request)
  if (copies.length > 0 && (await isErasedAgain(system, request))) {
    await recordFailure(system, { request, copies, reason: REFUSALS.erased_again[1], retry: false })
    return
  }
  // Steps and batches are one erasure of a source in many pieces: all of it comes back, or nothing.
  for (const pieces of Map.groupBy(copies, ({ source }) => source).values()) {
    try {
      const outcome = await putBackAt(system, pieces)
      ctx.failpoint('after_put_back')
      await recordPutBack(system, { request, copies: pieces, outcome })
    } catch (error) {
      if (!(error instanceof SourceError)) throw error
      await recordFailure(system, { request, copies: pieces, reason: error.message, retry: error.transient })
    }
  }
}

async function putBackAt(ctx: Context, copies: readonly CopyRow[]): Promise<PutBackOutcome> {
  const [first] = copies
  if (first === undefined) throw new Error('a source without copies')
  const source = ctx.sources.get(first.source)
  if (source.kind === 'manual' || source.putBack === undefined) {
    throw new SourceError(first.source, '', 'schema', 'nothing can be put back into this source')
  }
  const sealed = copies.find(({ pseudonym_key }) => pseudonym_key !== null)
  const pseudonym_key = sealed?.pseudonym_key == null ? undefined : await ctx.keys.open(pseudonymPlace(sealed.id), sealed.pseudonym_key)
  return source.putBack({
    step: `recovery:${sha256Hex(copies.map(({ id }) => id).join(' '))}`,
    parts: (await Promise.all(copies.map((copy) => partsOf(ctx, copy)))).flat(),
    ...(pseudonym_key !== undefined && { pseudonym_key }),
  })
}

function partsOf(ctx: Context, { key_id, parts }: CopyRow): Promise<CopiedPart[]> {
  return Promise.all(
    parts.map(async ({ id, collection, action, columns, set, openings }) => ({
      collection,
      action,
      columns,
      set: set as CopiedPart['set'],
      ...(openings !== undefined && {
        openings: JSON.parse(await ctx.keys.open(openingsPlace(id), openings)) as CopiedPart['openings'] & {},
      }),
      rows: () => readRecoveryPart(ctx, { id, key_id }),
    })),
  )
}

/** Writes down why a source could not be asked; one that was only down is asked again by itself. */
const recordFailure = verb(
  { name: 'recordRecoveryFailure', permission: 'system', audit: 'recovery.blocked' },
  async (
    ctx,
    { request, copies, reason, retry }: { request: RequestRow; copies: readonly CopyRow[]; reason: string; retry: boolean },
  ): Promise<void> => {
    const ids = copies.map(({ id }) => id)
    const mine = and(inArray(recoveryCopies.id, ids), eq(recoveryCopies.state, 'kept'))
    await ctx.db.update(recoveryCopies).set({ failure: reason, conflicts: null }).where(mine)
    await ctx.record('recovery.blocked', { case: request.reference, source: copies[0]?.source ?? '', reason })
    if (retry) await enqueue(ctx, 'put_back_copies', { request_id: request.id }, new Date(ctx.clock.now().getTime() + RETRY_MS))
  },
)
