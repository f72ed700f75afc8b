import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { shredRecoveryCopy } from '../../archives/recovery.ts'
import { recoveryCopies } from '../../db/schema/recovery.ts'
import { requests } from '../../db/schema/requests.ts'
import { Refusal } from '../../errors.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { lockRequest, ownRequest } from '../find.ts'
import type { RequestRow } from '../transition.ts'
import { agreedFinding, findingsOf, openCopies } from './copies.ts'
import { NO_COPY_GROUNDS } from './may-keep.ts'

/**
 * Destroys the recovery copy of the person's own case at once, and has none kept by what is still to be erased. Once two people have found that
 * the case is not of the person who asked, the word is no longer that person's to give: `wrong_state`.
 */
export const destroyCopy = verb(
  { name: 'destroyRecoveryCopy', permission: 'subject', audit: 'recovery.destroyed' },
  async (ctx, { reference }: { reference: string }): Promise<void> => {
    const own = await ownRequest(ctx, reference)
    const request = await lockRequest(ctx, own.reference)
    if (agreedFinding(await findingsOf(ctx, [request.id])) !== undefined) throw new Refusal('wrong_state')
    if ((await openCopies(ctx, request)).length === 0) throw new Refusal('recovery_gone')
    const copies = await destroyKept(ctx, request, 'by_the_person')
    await ctx.record('recovery.destroyed', { case: request.reference, copies, why: 'by_the_person' })
  },
)

export const exclusionInput = z.strictObject({
  ground: z.enum(NO_COPY_GROUNDS).describe('why no recovery copy may be kept (Art. 17(1)(b), (c), (d), (f) GDPR)'),
})

/** Records a ground on which no recovery copy may be kept, which nobody knew when the case came; what is kept already is destroyed. */
export const excludeRecovery = verb(
  { name: 'excludeRecovery', permission: 'cases.decide', audit: 'recovery.excluded' },
  async (ctx, { reference, ground }: z.output<typeof exclusionInput> & { reference: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    if (agreedFinding(await findingsOf(ctx, [request.id])) !== undefined) throw new Refusal('wrong_state')
    const copies = await destroyKept(ctx, request, ground)
    await ctx.record('recovery.excluded', { case: reference, ground, copies })
    return request
  },
)

/**
 * Destroys what is kept of a case and notes why nothing more may be; how many copies they were. Keys and bytes first: after a crash the rows are
 * still there, and whoever comes again finds nothing more to open.
 */
export async function destroyKept(ctx: VerbContext, request: RequestRow, why: string): Promise<number> {
  await ctx.db.update(requests).set({ no_recovery: why }).where(eq(requests.id, request.id))
  const kept = and(eq(recoveryCopies.request_id, request.id), eq(recoveryCopies.state, 'kept'))
  const copies = await ctx.db.select().from(recoveryCopies).where(kept).for('update')
  const now = ctx.clock.now()
  for (const copy of copies) {
    await shredRecoveryCopy(ctx, copy)
    await ctx.db.update(recoveryCopies).set({ state: 'destroyed', ended_at: now, shredded_at: now }).where(eq(recoveryCopies.id, copy.id))
  }
  return copies.length
}
