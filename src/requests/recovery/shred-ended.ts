import { and, eq, inArray, isNull } from 'drizzle-orm'
import { shredRecoveryCopy } from '../../archives/recovery.ts'
import { recoveryCopies } from '../../db/schema/recovery.ts'
import { verb } from '../../verb.ts'
import type { RequestRow } from '../transition.ts'

/**
 * Destroys key and bytes of copies that have served or come to nothing, once that is written down; what a crash leaves here, the purge destroys
 * (retention/own-recovery.ts).
 */
export const shredEndedCopies = verb(
  { name: 'shredEndedCopies', permission: 'system', audit: 'recovery.shredded', quiet: true },
  async (ctx, { request }: { request: Pick<RequestRow, 'id' | 'reference'> }): Promise<void> => {
    const ended = and(eq(recoveryCopies.request_id, request.id), inArray(recoveryCopies.state, ['put_back', 'void']))
    const rows = await ctx.db
      .select()
      .from(recoveryCopies)
      .where(and(ended, isNull(recoveryCopies.shredded_at)))
      .for('update')
    for (const copy of rows) {
      await shredRecoveryCopy(ctx, copy)
      await ctx.db.update(recoveryCopies).set({ shredded_at: ctx.clock.now() }).where(eq(recoveryCopies.id, copy.id))
      await ctx.record('recovery.shredded', { case: request.reference, copy: copy.id, why: copy.state })
    }
  },
)
