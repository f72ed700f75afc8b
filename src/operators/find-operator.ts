import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { operators } from '../db/schema/running.ts'
import { Refusal } from '../errors.ts'
import { parseAddress } from '../security/address.ts'

export type OperatorRow = typeof operators.$inferSelect

/** The operator with this address who is not disabled, or a Refusal `not_found`. */
export async function findOperator(ctx: Context, email: string): Promise<OperatorRow> {
  const [row] = await ctx.db
    .select()
    .from(operators)
    .where(and(eq(operators.email, parseAddress(email).compare), isNull(operators.disabled_at)))
  if (row === undefined) throw new Refusal('not_found')
  return row
}
