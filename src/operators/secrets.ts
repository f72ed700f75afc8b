import type { Context } from '../context.ts'
import { operatorSecrets } from '../db/schema/running.ts'
import { hashToken, newToken } from '../security/tokens.ts'

/** A secret as it is handed over, once: afterwards only its hash is known. */
export interface IssuedSecret {
  readonly token: string
  readonly expires_at: string
}

const MINUTE = 60_000

/** How long a one-time sign-in link waits to be used. */
export const LINK_MS = 60 * MINUTE
/** A session ends after this long without a request … */
export const IDLE_MS = 15 * MINUTE
/** … and in any case this long after sign-in. */
export const ABSOLUTE_MS = 8 * 60 * MINUTE

/** Makes a secret of this kind for an operator, living for `lifetime` milliseconds. */
export async function issueSecret(
  ctx: Context,
  secret: { operatorId: string; kind: 'token' | 'link' | 'session'; lifetime: number },
): Promise<IssuedSecret> {
  const token = newToken()
  const now = ctx.clock.now()
  const expires = new Date(now.getTime() + secret.lifetime)
  await ctx.db.insert(operatorSecrets).values({
    hash: hashToken(token),
    operator_id: secret.operatorId,
    kind: secret.kind,
    made_at: now,
    expires_at: expires,
  })
  return { token, expires_at: expires.toISOString() }
}
