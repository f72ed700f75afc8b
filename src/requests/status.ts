import { and, asc, eq, isNotNull, isNull } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { letters, pauses, type requests } from '../db/schema/requests.ts'
import { archives } from '../db/schema/work.ts'
import { keptOf } from '../letters/notice.ts'
import { remediesFor } from '../letters/remedies.ts'
import type { Regime } from '../policy/schema.ts'
import { verb } from '../verb.ts'
import { currentPlan } from './decision/lock-for-decision.ts'
import { ownRequest } from './find.ts'
import { copyOfPerson } from './recovery/copies.ts'
import { statusUrl } from './letter-case.ts'
import { timelineOf, type TimelineEntry } from './timeline.ts'
import type { RequestRow } from './transition.ts'

/** What the person may know of their case (design.md §5, `GET /v1/requests/{reference}`). */
export interface Status {
  readonly reference: string
  readonly right: string
  readonly regime: string
  readonly state: string
  readonly received_at: string
  readonly due_at: string
  readonly extended: boolean
  readonly cancel_until?: string
  readonly timeline: readonly TimelineEntry[]
  readonly outcome?: string
  readonly reply?: { readonly text: string; readonly html_url: string }
  readonly kept?: readonly { readonly category: string; readonly basis: string; readonly statute: string; readonly until: string }[]
  readonly remedies?: readonly string[]
  readonly needs?: readonly string[]
  readonly archives?: readonly { readonly part: number; readonly bytes: number; readonly sha256: string; readonly expires_at: string }[]
  /** The sealed copy of what was erased, while the person can have it destroyed. */
  readonly recovery_copy?: { readonly until: string; readonly categories: readonly string[] }
}

/** The case as its person sees it. */
export const readStatus = verb(
  { name: 'readStatus', permission: 'subject', audit: [] },
  async (ctx, { reference }: { reference: string }): Promise<Status> => {
    const request = await ownRequest(ctx, reference)
    const answered = request.outcome !== null
    const cancel =
      request.cancel_until !== null && request.cancel_until > ctx.clock.now() && !answered
        ? { cancel_until: request.cancel_until.toISOString() }
        : {}
    return {
      reference,
      right: request.right,
      regime: request.regime,
      state: request.state,
      received_at: request.received_at.toISOString(),
      due_at: request.due_at.toISOString(),
      extended: request.extended_at !== null,
      ...cancel,
      timeline: await timelineOf(ctx, request.reference),
      ...(answered ? await answerOf(ctx, request, reference) : {}),
      ...(await needsOf(ctx, request)),
      ...(await recoveryOf(ctx, request)),
    }
  },
)

async function answerOf(ctx: Context, request: RequestRow, reference: string): Promise<Partial<Status>> {
  const plan = await currentPlan(ctx, request)
  const reply = await replyText(ctx, request)
  const live = await liveArchives(ctx, request)
  const controller = ctx.policy.controllers.get(request.controller) ?? ctx.policy.main
  return {
    ...(request.outcome !== null && { outcome: request.outcome }),
    ...(reply !== undefined && { reply: { text: reply, html_url: `${statusUrl(ctx, reference)}/reply` } }),
    ...(plan !== undefined && request.outcome !== 'refused' && { kept: keptOf(plan.body, ctx.policy) }),
    remedies: remediesFor(request.regime as Regime, controller),
    ...(live.length > 0 && { archives: live }),
  }
}

async function replyText(ctx: Context, request: RequestRow): Promise<string | undefined> {
  if (request.reply_letter_id === null) return undefined
  const [letter] = await ctx.db.select().from(letters).where(eq(letters.id, request.reply_letter_id))
  return letter === undefined ? undefined : ctx.keys.open(`letters.text:${letter.id}`, letter.text)
}

/** The reply as it was sent, as a page. */
export const readReply = verb(
  { name: 'readReply', permission: 'subject', audit: [] },
  async (ctx, { reference }: { reference: string }): Promise<string | undefined> => {
    const request = await ownRequest(ctx, reference)
    if (request.reply_letter_id === null) return undefined
    const [letter] = await ctx.db.select().from(letters).where(eq(letters.id, request.reply_letter_id))
    return letter === undefined ? undefined : ctx.keys.open(`letters.html:${letter.id}`, letter.html)
  },
)

async function liveArchives(ctx: Context, request: typeof requests.$inferSelect) {
  const released = and(eq(archives.request_id, request.id), isNotNull(archives.released_at), isNull(archives.erased_at))
  const rows = await ctx.db.select().from(archives).where(released).orderBy(asc(archives.part))
  const now = ctx.clock.now()
  return rows
    .filter(({ expires_at }) => expires_at > now)
    .map(({ part, bytes, sha256, expires_at }) => ({ part, bytes, sha256, expires_at: expires_at.toISOString() }))
}

async function recoveryOf(ctx: Context, request: RequestRow): Promise<Pick<Status, 'recovery_copy'>> {
  const copy = await copyOfPerson(ctx, request)
  return copy === undefined ? {} : { recovery_copy: { until: copy.until.toISOString(), categories: copy.categories } }
}

async function needsOf(ctx: Context, request: RequestRow): Promise<{ needs?: string[] }> {
  const needs: string[] = []
  if (request.state === 'verifying' || request.state === 'received') needs.push('Type the code we mailed to your address.')
  const asked = await ctx.db
    .select()
    .from(pauses)
    .where(and(eq(pauses.request_id, request.id), isNull(pauses.answered_at)))
  if (asked.length > 0) needs.push('Answer the question we sent you.')
  return needs.length === 0 ? {} : { needs }
}
