import { and, eq, gt } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { subjectTokens } from '../db/schema/requests.ts'
import type { Actor } from '../security/permissions.ts'
import { hashToken, isToken } from '../security/tokens.ts'

/** The subject whose token this is, or undefined for one that is foreign, expired or no token at all. */
export async function authenticateSubject(ctx: Context, token: string): Promise<Actor | undefined> {
  if (!isToken(token)) return undefined
  const live = and(eq(subjectTokens.hash, hashToken(token)), gt(subjectTokens.expires_at, ctx.clock.now()))
  const [row] = await ctx.db.select().from(subjectTokens).where(live)
  return row === undefined ? undefined : { kind: 'subject', requestId: row.request_id, codeTypedAt: row.code_typed_at }
}
