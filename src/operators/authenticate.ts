import { and, eq, isNull, lt, sql } from 'drizzle-orm'
import { append } from '../audit/append.ts'
import type { Context } from '../context.ts'
import { operators, operatorSecrets } from '../db/schema/running.ts'
import type { Actor } from '../security/permissions.ts'
import { hashToken, isToken } from '../security/tokens.ts'
import { ABSOLUTE_MS, IDLE_MS } from './secrets.ts'

export type OperatorActor = Extract<Actor, { kind: 'operator' }>

// A session is prolonged at most once a minute: not every page view is a write.
const SLIDE_MS = 60_000

/**
 * The operator who holds this API token or session, with the role they have at this moment; undefined when it is not, or no longer, good.
 * Refused secrets that are more than a session grown old are written into the log.
 */
export async function authenticateOperator(ctx: Context, secret: string): Promise<OperatorActor | undefined> {
  if (!isToken(secret)) return undefined
  const hash = hashToken(secret)
  const now = ctx.clock.now()
  const [found] = await ctx.db
    .select({ secret: operatorSecrets, operator: operators })
    .from(operatorSecrets)
    .innerJoin(operators, eq(operators.id, operatorSecrets.operator_id))
    .where(eq(operatorSecrets.hash, hash))
  const reason = found === undefined ? 'unknown' : reasonToRefuse(found, now)
  if (found === undefined || reason !== undefined) {
    if (found?.secret.kind !== 'session' || reason === 'disabled')
      await denied(ctx, { reason: reason ?? 'unknown', operator: found?.operator.id })
    return undefined
  }
  if (found.secret.kind === 'session') await slide(ctx, hash, found.secret, now)
  const { id, email, role, grants } = found.operator
  return { kind: 'operator', id, email, role, grants }
}

/** Writes into the log that somebody was refused: a secret that is no good, or, from the web edge, an operator whose role does not allow the act. */
export async function denied(ctx: Context, detail: { reason: string; operator?: string | undefined; act?: string }): Promise<void> {
  await append(ctx, 'operator.denied', detail)
}

function reasonToRefuse(
  found: { secret: typeof operatorSecrets.$inferSelect; operator: typeof operators.$inferSelect },
  now: Date,
): string | undefined {
  if (found.operator.disabled_at !== null) return 'disabled'
  if (found.secret.kind === 'link') return 'link'
  if (found.secret.ended_at !== null) return 'ended'
  return found.secret.expires_at <= now ? 'expired' : undefined
}

async function slide(ctx: Context, hash: string, session: { made_at: Date; expires_at: Date }, now: Date): Promise<void> {
  const expires = new Date(Math.min(now.getTime() + IDLE_MS, session.made_at.getTime() + ABSOLUTE_MS))
  if (expires.getTime() - session.expires_at.getTime() < SLIDE_MS) return
  await ctx.db
    .update(operatorSecrets)
    .set({ expires_at: expires })
    .where(and(eq(operatorSecrets.hash, hash), isNull(operatorSecrets.ended_at)))
}

/** Deletes secrets that ended or expired more than 30 days ago; returns how many. */
export async function forgetOldSecrets(ctx: Context): Promise<number> {
  const cutoff = new Date(ctx.clock.now().getTime() - 30 * 86_400_000)
  const deleted = await ctx.db
    .delete(operatorSecrets)
    .where(lt(sql`coalesce(${operatorSecrets.ended_at}, ${operatorSecrets.expires_at})`, cutoff))
  return deleted.rowCount ?? 0
}
