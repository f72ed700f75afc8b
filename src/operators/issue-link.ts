import { verb } from '../verb.ts'
import { findOperator } from './find-operator.ts'
import { issueSecret, LINK_MS } from './secrets.ts'

/** A new sign-in link for an operator who is known already; it works once, within an hour. */
export const issueLink = verb(
  { name: 'issueLink', permission: 'operators.manage', audit: 'operator.link_issued' },
  async (ctx, input: { email: string }) => {
    const operator = await findOperator(ctx, input.email)
    await ctx.record('operator.link_issued', { operator: operator.id })
    return issueSecret(ctx, { operatorId: operator.id, kind: 'link', lifetime: LINK_MS })
  },
)
