import { and, eq, isNull } from 'drizzle-orm'
import { operatorSecrets } from '../db/schema/running.ts'
import { hashToken } from '../security/tokens.ts'
import { verb } from '../verb.ts'

/** Ends the session whose secret is given, at once; nothing when it has ended already. Holding the secret is all that is asked. */
export const endSession = verb(
  { name: 'endSession', permission: 'public', audit: 'operator.signed_out', quiet: true },
  async (ctx, input: { token: string }) => {
    const ended = await ctx.db
      .update(operatorSecrets)
      .set({ ended_at: ctx.clock.now() })
      .where(and(eq(operatorSecrets.hash, hashToken(input.token)), eq(operatorSecrets.kind, 'session'), isNull(operatorSecrets.ended_at)))
      .returning({ operatorId: operatorSecrets.operator_id })
    for (const { operatorId } of ended) await ctx.record('operator.signed_out', { operator: operatorId })
  },
)
