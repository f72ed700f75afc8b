import { eq } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requestAliases, requests } from '../../db/schema/requests.ts'
import { newReference } from '../../security/references.ts'

/** A reference that no case and no repeat has: 35 random bits are short enough to say on the phone, and too few never to meet. */
export async function freshReference(ctx: Context): Promise<string> {
  for (;;) {
    const reference = newReference()
    const taken = await ctx.db
      .select({ reference: requests.reference })
      .from(requests)
      .where(eq(requests.reference, reference))
      .union(ctx.db.select({ reference: requestAliases.reference }).from(requestAliases).where(eq(requestAliases.reference, reference)))
    if (taken.length === 0) return reference
  }
}
