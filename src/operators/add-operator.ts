import { randomUUIDv7 } from 'node:crypto'
import { z } from 'zod'
import { operators } from '../db/schema/running.ts'
import { Refusal } from '../errors.ts'
import { parseAddress } from '../security/address.ts'
import { verb } from '../verb.ts'
import { issueSecret, LINK_MS } from './secrets.ts'

export const newOperator = z.strictObject({
  email: z.string().max(320),
  role: z.enum(['caseworker', 'dpo', 'auditor', 'admin']),
  grants: z.array(z.enum(['approver'])).default([]),
})

/** Takes on an operator and returns the token of a sign-in link that works once, within an hour. */
export const addOperator = verb(
  { name: 'addOperator', permission: 'operators.manage', audit: 'operator.added' },
  async (ctx, input: z.input<typeof newOperator>) => {
    const { address, grants = [] } = { ...input, address: parseAddress(input.email) }
    const row = { id: randomUUIDv7(), email: address.compare, role: input.role, grants, added_at: ctx.clock.now() }
    const added = await ctx.db.insert(operators).values(row).onConflictDoNothing().returning({ id: operators.id })
    if (added.length === 0)
      throw new Refusal('invalid_input', [{ pointer: '/email', detail: 'expected somebody who is not an operator yet' }])
    await ctx.record('operator.added', { operator: row.id, role: row.role, grants })
    const link = await issueSecret(ctx, { operatorId: row.id, kind: 'link', lifetime: LINK_MS })
    return { id: row.id, email: row.email, role: row.role, link }
  },
)
