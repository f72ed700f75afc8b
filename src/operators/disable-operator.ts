import { and, eq, isNull } from 'drizzle-orm'
import { operators, operatorSecrets } from '../db/schema/running.ts'
import { verb } from '../verb.ts'
import { findOperator } from './find-operator.ts'

/** Shuts an operator out from the next request on: every token, link and session of theirs ends. The name stays in the log. */
export const disableOperator = verb(
  { name: 'disableOperator', permission: 'operators.manage', audit: 'operator.disabled' },
  async (ctx, input: { email: string }) => {
    const operator = await findOperator(ctx, input.email)
    const now = ctx.clock.now()
    await ctx.db.update(operators).set({ disabled_at: now }).where(eq(operators.id, operator.id))
    await ctx.db
      .update(operatorSecrets)
      .set({ ended_at: now })
      .where(and(eq(operatorSecrets.operator_id, operator.id), isNull(operatorSecrets.ended_at)))
    await ctx.record('operator.disabled', { operator: operator.id })
  },
)
