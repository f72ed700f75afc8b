import { and, eq, inArray, isNotNull, ne } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requests } from '../../db/schema/requests.ts'
import { RIGHT_TABLE } from '../../policy/rights.ts'
import type { Right } from '../../policy/schema.ts'
import type { RequestRow } from '../transition.ts'

const NOT_READ_YET = ['planning', 'awaiting_decision', 'approved', 'carrying_out']

/** Whether a proven request of the same address for a copy has not been read yet: who asks for both gets the copy first (law.md §5). */
export async function copyIsOutstanding(ctx: Context, request: RequestRow): Promise<boolean> {
  if (RIGHT_TABLE[request.right as Right].effect !== 'erase' || request.email_lookup === null) return false
  const others = await ctx.db
    .select({ right: requests.right })
    .from(requests)
    .where(
      and(
        eq(requests.email_lookup, request.email_lookup),
        ne(requests.id, request.id),
        isNotNull(requests.proven_at),
        inArray(requests.state, NOT_READ_YET),
      ),
    )
  return others.some(({ right }) => RIGHT_TABLE[right as Right].effect === 'disclose')
}
