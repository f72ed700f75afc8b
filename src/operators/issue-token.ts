import { Refusal } from '../errors.ts'
import { verb } from '../verb.ts'
import { findOperator } from './find-operator.ts'
import { issueSecret } from './secrets.ts'

const DAY_MS = 86_400_000

/** An API token for an operator, for 90 days or as many as are given (1 to 366). */
export const issueToken = verb(
  { name: 'issueToken', permission: 'operators.manage', audit: 'operator.token_issued' },
  async (ctx, { email, days = 90 }: { email: string; days?: number }) => {
    if (!(Number.isInteger(days) && days >= 1 && days <= 366))
      throw new Refusal('invalid_input', [{ pointer: '/days', detail: 'expected 1 to 366' }])
    const operator = await findOperator(ctx, email)
    await ctx.record('operator.token_issued', { operator: operator.id, days })
    return issueSecret(ctx, { operatorId: operator.id, kind: 'token', lifetime: days * DAY_MS })
  },
)
