import { and, desc, eq } from 'drizzle-orm'
import { recoveryCopies } from '../../db/schema/recovery.ts'
import { requests } from '../../db/schema/requests.ts'
import type { VerbContext } from '../../verb.ts'
import type { ClaimedStep } from '../carrying-out/claim.ts'

/** What the outcome of one batch says. */
interface Said {
  readonly claimed: Pick<ClaimedStep, 'step' | 'request'>
  readonly batch: number
  readonly confirmed_by: 'effect' | 'marker' | 'reread'
  readonly rows: Readonly<Record<string, number>>
}

/**
 * Makes the copy of the attempt that got through count, in the transaction that writes the outcome; every other attempt is void. An effect of
 * this very attempt has this attempt's copy, or none; a marker found later stands for the last attempt that wrote one, since nobody can write
 * after a commit. Declares `recovery.kept`.
 */
export async function countCopy(ctx: VerbContext, { claimed, batch, confirmed_by, rows }: Said): Promise<void> {
  const { step, request } = claimed
  const attempts = await ctx.db
    .select()
    .from(recoveryCopies)
    .where(and(eq(recoveryCopies.step_id, step.id), eq(recoveryCopies.batch, batch), eq(recoveryCopies.state, 'unfinished')))
    .orderBy(desc(recoveryCopies.epoch))
    .for('update')
  if (attempts.length === 0) return
  const through = confirmed_by === 'effect' ? attempts.find(({ epoch }) => epoch === step.epoch) : attempts[0]
  // Somebody may have said meanwhile that nothing is to be kept.
  const [now] = await ctx.db.select({ no_recovery: requests.no_recovery }).from(requests).where(eq(requests.id, request.id))
  for (const copy of attempts) {
    // An attempt whose rows the outcome does not know was rolled back, whatever came after it.
    const took = copy.parts.length > 0 && copy.parts.every(({ collection }) => (rows[collection] ?? 0) > 0)
    const counts = copy.id === through?.id && took && now?.no_recovery === null
    const changes = counts ? { state: 'kept' as const } : { state: 'void' as const, ended_at: ctx.clock.now() }
    await ctx.db.update(recoveryCopies).set(changes).where(eq(recoveryCopies.id, copy.id))
    if (!counts) continue
    await ctx.record('recovery.kept', {
      case: request.reference,
      step: step.id,
      copy: copy.id,
      source: copy.source,
      rows: rowsOf(copy.parts),
      until: copy.expires_at.toISOString(),
    })
  }
}

/** Rows by collection. */
export function rowsOf(parts: readonly { readonly collection: string; readonly rows: number }[]): Record<string, number> {
  const rows: Record<string, number> = {}
  for (const part of parts) rows[part.collection] = (rows[part.collection] ?? 0) + part.rows
  return rows
}
