import { and, eq, gt, isNull } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { operators, operatorSecrets } from '../db/schema/running.ts'
import { Refusal } from '../errors.ts'
import { hashToken, isToken } from '../security/tokens.ts'
import { verb, type VerbContext } from '../verb.ts'
import { IDLE_MS, issueSecret, type IssuedSecret } from './secrets.ts'

type SignInKind = 'token' | 'link'

/** Opens a session of the console for the holder of an API token; else `unauthenticated`, whatever was wrong. */
export async function signInWithToken(ctx: Context, input: { token: string }): Promise<IssuedSecret> {
  return orUnauthenticated(await trySignIn(ctx, { secret: input.token, kind: 'token' }))
}

/** Opens a session for the holder of a one-time link, which is spent by that; opening the link alone (GET) must not call this. */
export async function signInWithLink(ctx: Context, input: { token: string }): Promise<IssuedSecret> {
  return orUnauthenticated(await trySignIn(ctx, { secret: input.token, kind: 'link' }))
}

// It returns undefined instead of throwing: a throw would take the entry about the refusal with it.
const trySignIn = verb(
  { name: 'signIn', permission: 'public', audit: ['operator.signed_in', 'operator.sign_in_refused'] },
  async (ctx, input: { secret: string; kind: SignInKind }): Promise<IssuedSecret | undefined> => {
    const operatorId = isToken(input.secret) ? await useSecret(ctx, hashToken(input.secret), input.kind) : undefined
    if (operatorId === undefined) {
      await ctx.record('operator.sign_in_refused', { by: input.kind })
      return undefined
    }
    await ctx.record('operator.signed_in', { operator: operatorId, by: input.kind })
    return issueSecret(ctx, { operatorId, kind: 'session', lifetime: IDLE_MS })
  },
)

/** Uses a live secret, in one statement: of two who come with one link at once, one is let in. */
async function useSecret(ctx: VerbContext, hash: string, kind: SignInKind): Promise<string | undefined> {
  const now = ctx.clock.now()
  const [used] = await ctx.db
    .update(operatorSecrets)
    .set({ used_at: now, ...(kind === 'link' ? { ended_at: now } : {}) })
    .from(operators)
    .where(
      and(
        eq(operatorSecrets.hash, hash),
        eq(operatorSecrets.kind, kind),
        gt(operatorSecrets.expires_at, now),
        isNull(operatorSecrets.ended_at),
        eq(operators.id, operatorSecrets.operator_id),
        isNull(operators.disabled_at),
      ),
    )
    .returning({ operatorId: operatorSecrets.operator_id })
  return used?.operatorId
}

function orUnauthenticated(session: IssuedSecret | undefined): IssuedSecret {
  if (session === undefined) throw new Refusal('unauthenticated')
  return session
}
