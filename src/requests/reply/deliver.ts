import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requests } from '../../db/schema/requests.ts'
import { verb } from '../../verb.ts'
import { sendReply } from './send-reply.ts'

/** Sends the reply of a case whose work is done and that has no archive: what was erased, corrected, recorded, or that nothing is held. */
export const deliver = verb(
  {
    name: 'deliver',
    permission: 'system',
    audit: ['request.delivered', 'letter.composed', 'task.opened', 'archive.erased', 'recovery.destroyed'],
    quiet: true,
  },
  async (ctx: Parameters<typeof sendReply>[0], { request_id: id }: { request_id: string }): Promise<void> => {
    const [request] = await ctx.db.select().from(requests).where(eq(requests.id, id)).for('update')
    if (request === undefined || request.state !== 'carrying_out') return
    await sendReply(ctx, request)
  },
) satisfies (ctx: Context, input: { request_id: string }) => Promise<void>
