import { and, desc, eq, gt, inArray, isNull, lt, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { codes, requests, subjectTokens } from '../../db/schema/requests.ts'
import { Refusal } from '../../errors.ts'
import { cancelWindowNotice } from '../../letters/cancel-window-notice.ts'
import { enqueue } from '../../outbox.ts'
import { proofFor, RIGHT_TABLE } from '../../policy/rights.ts'
import type { Right } from '../../policy/schema.ts'
import { parseAddress } from '../../security/address.ts'
import { verifyCode } from '../../security/codes.ts'
import { hashToken, newToken } from '../../security/tokens.ts'
import { closeGate } from '../../standing/gate.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { cancelUntil } from '../cancel-window.ts'
import { composeLetter } from '../compose-letter.ts'
import { resolveReference } from '../find.ts'
import { letterCase } from '../letter-case.ts'
import { openColumn, placeOf } from '../sealed.ts'
import { transitionIf, type RequestRow } from '../transition.ts'

const TOKEN_MINUTES = 30
const TRIES = 5
/** Code mails of one address a day, so there are never more that live. */
const MOST_LIVE = 3
const NOBODY = '00000000-0000-0000-0000-000000000000'

export interface Proof {
  readonly token: string
  readonly expires_at: string
}

/**
 * Trades the mailed code for a token of this request. Wrong, spent, expired and unknown are one refusal, `code_refused`; the fifth wrong try
 * spends the code (ASVS 6.5, 6.6.3). The first right one proves the mailbox for every right of the same message.
 */
export async function proveRequest(ctx: Context, input: { reference: string; code: string }): Promise<Proof> {
  const proof = await tryCode(ctx, input)
  if (proof === undefined) throw new Refusal('code_refused')
  return proof
}

/** A refused try is written down too, so it is an answer here and a refusal only outside the transaction. */
const tryCode = verb(
  {
    name: 'tryCode',
    permission: 'public',
    audit: ['request.code_refused', 'request.proven', 'request.cancel_window_started', 'letter.composed'],
    quiet: true,
  },
  async (ctx, { reference, code }: { reference: string; code: string }): Promise<Proof | undefined> => {
    const request = await resolveReference(ctx, reference)
    const proves = await spendCode(ctx, request?.id, code)
    if (request === undefined) return undefined
    if (proves === undefined) {
      await ctx.record('request.code_refused', { case: request.reference })
      return undefined
    }
    const cases = await ctx.db
      .select()
      .from(requests)
      .where(inArray(requests.id, [...proves]))
      .orderBy(requests.id)
      .for('update')
    for (const one of cases) if (one.proven_at === null) await provenByMailbox(ctx, one)
    return issueToken(ctx, request.id)
  },
)

/**
 * The cases that the matching live code proves: those its own mail named, so that nothing which somebody else asked under this address is
 * proven along with it. Without a match the try counts against every live code of the case. Takes as long whatever there is to compare.
 */
async function spendCode(ctx: VerbContext, requestId: string | undefined, typed: string): Promise<readonly string[] | undefined> {
  const now = ctx.clock.now()
  const named = sql`${codes.proves} @> array[${requestId ?? NOBODY}]::uuid[]`
  const live = and(named, isNull(codes.spent_at), gt(codes.expires_at, now), lt(codes.tries, TRIES))
  const rows = await ctx.db.select().from(codes).where(live).orderBy(desc(codes.sent_at)).limit(MOST_LIVE).for('update')
  let match: (typeof rows)[number] | undefined
  for (let index = 0; index < MOST_LIVE; index++) if (await verifyCode(typed, rows[index]?.hash)) match = rows[index]
  if (match === undefined) {
    await ctx.db
      .update(codes)
      .set({ tries: sql`${codes.tries} + 1` })
      .where(live)
    return undefined
  }
  await ctx.db.update(codes).set({ spent_at: now }).where(eq(codes.id, match.id))
  return match.proves
}

async function issueToken(ctx: VerbContext, requestId: string): Promise<Proof> {
  const token = newToken()
  const now = ctx.clock.now()
  const expires = new Date(now.getTime() + TOKEN_MINUTES * 60_000)
  await ctx.db.insert(subjectTokens).values({ hash: hashToken(token), request_id: requestId, code_typed_at: now, expires_at: expires })
  return { token, expires_at: expires.toISOString() }
}

async function provenByMailbox(ctx: VerbContext, request: RequestRow): Promise<void> {
  const right = request.right as Right
  if (proofFor(right, request.scope) === 'none') return
  const address = await openColumn(ctx, request, 'email')
  if (address === null) return
  const proven = JSON.stringify({ email: [[parseAddress(address).address]] })
  await recordProof(ctx, request, { method: 'mailbox_code', proven })
}

/** Writes down what was proven and how, and starts the plan; an erasure's cancel window runs from here (design.md §2.5). */
export async function recordProof(ctx: VerbContext, request: RequestRow, proof: { method: string; proven: string }): Promise<void> {
  // From here on this person's rows wait to be read: a purge batch under way commits first, every later one sees the proof.
  await closeGate(ctx)
  const now = ctx.clock.now()
  const until = RIGHT_TABLE[request.right as Right].cancel_window ? cancelUntil(ctx, request, now) : null
  const changes = {
    proof_method: proof.method,
    proven_at: now,
    proven: await ctx.keys.seal(request.key_id, placeOf('proven', request.id), proof.proven),
    cancel_until: until,
    closed_at: null,
  }
  const moved = await transitionIf(ctx, request.id, 'planning', changes, ['received', 'verifying', 'expired'])
  if (moved === undefined) return
  await ctx.record('request.proven', { case: request.reference, method: proof.method })
  await enqueue(ctx, 'plan_request', { request_id: request.id })
  if (until === null) return
  await ctx.record('request.cancel_window_started', { case: request.reference, until: until.toISOString() })
  await composeLetter(ctx, moved, 'cancel_window', cancelWindowNotice(letterCase(ctx, moved), { cancel_until: until.toISOString() }))
}
