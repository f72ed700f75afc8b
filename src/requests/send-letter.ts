import { randomUUIDv7 } from 'node:crypto'
import { and, count, eq, gt, isNotNull } from 'drizzle-orm'
import { actingAs, type Context } from '../context.ts'
import { codes, letters, requests } from '../db/schema/requests.ts'
import { CODE_PLACEHOLDER } from '../letters/letter.ts'
import type { Mail } from '../mail/mailer.ts'
import { proofFor } from '../policy/rights.ts'
import type { Right } from '../policy/schema.ts'
import { hashCode, newCode } from '../security/codes.ts'
import { verb, type VerbContext } from '../verb.ts'
import { transitionIf } from './transition.ts'

const CODE_MINUTES = 10
const CODE_MAILS_A_DAY = 3
const DAY_MS = 86_400_000

/** Sends a letter once: made ready and, with a code, given a fresh one; handed to the mail server; marked as sent. */
export async function sendLetter(ctx: Context, input: { letter_id: string }): Promise<void> {
  const system = actingAs(ctx, { kind: 'system', name: 'mail' })
  const mail = await prepareLetter(system, input)
  if (mail === undefined) return
  await ctx.mailer.send(mail)
  await markSent(system, input)
}

/** The mail as it goes out, or undefined when it has gone already or its address has had its three code mails of the day. */
const prepareLetter = verb(
  { name: 'prepareLetter', permission: 'system', audit: ['letter.withheld', 'request.code_sent'], quiet: true },
  async (ctx, { letter_id: id }: { letter_id: string }): Promise<Mail | undefined> => {
    const [letter] = await ctx.db.select().from(letters).where(eq(letters.id, id)).for('update')
    if (letter === undefined || letter.sent_at !== null || letter.withheld_at !== null) return undefined
    const [request] = letter.request_id === null ? [] : await ctx.db.select().from(requests).where(eq(requests.id, letter.request_id))
    if (letter.with_code && (await codeMailsOfToday(ctx, letter.recipient_lookup)) >= CODE_MAILS_A_DAY) {
      await ctx.db.update(letters).set({ withheld_at: ctx.clock.now() }).where(eq(letters.id, id))
      await ctx.record('letter.withheld', {
        ...(request !== undefined && { case: request.reference }),
        letter: id,
        reason: 'three code mails in 24 hours',
      })
      return undefined
    }
    const code = letter.with_code && request !== undefined ? await issueCode(ctx, request.id, request.reference) : undefined
    const controller = ctx.policy.controllers.get(request?.controller ?? '') ?? ctx.policy.main
    const fill = (text: string) => (code === undefined ? text : text.replaceAll(CODE_PLACEHOLDER, code))
    return {
      id,
      to: await ctx.keys.open(`letters.recipient:${id}`, letter.recipient),
      from: { name: controller.sender.name, address: controller.sender.email },
      subject: letter.subject,
      text: fill(await ctx.keys.open(`letters.text:${id}`, letter.text)),
      html: fill(await ctx.keys.open(`letters.html:${id}`, letter.html)),
    }
  },
)

const markSent = verb(
  { name: 'markSent', permission: 'system', audit: 'letter.sent', quiet: true },
  async (ctx, { letter_id: id }: { letter_id: string }): Promise<void> => {
    const [letter] = await ctx.db.update(letters).set({ sent_at: ctx.clock.now() }).where(eq(letters.id, id)).returning()
    if (letter?.request_id == null) return
    const [request] = await ctx.db.select().from(requests).where(eq(requests.id, letter.request_id))
    if (request === undefined) return
    if (letter.kind === 'acknowledgement') await startVerifying(ctx, request.group_id)
    await ctx.record('letter.sent', { case: request.reference, kind: letter.kind, letter: id })
  },
)

/** The mail with the code has gone: all rights of the message that need proof now wait for it. */
async function startVerifying(ctx: VerbContext, groupId: string): Promise<void> {
  const group = await ctx.db.select().from(requests).where(eq(requests.group_id, groupId))
  for (const request of group) {
    if (request.proven_at === null && proofFor(request.right as Right, request.scope) === 'code')
      await transitionIf(ctx, request.id, 'verifying')
  }
}

async function issueCode(ctx: VerbContext, requestId: string, reference: string): Promise<string> {
  const code = newCode()
  const now = ctx.clock.now()
  const expires = new Date(now.getTime() + CODE_MINUTES * 60_000)
  await ctx.db
    .insert(codes)
    .values({ id: randomUUIDv7(), request_id: requestId, hash: await hashCode(code), sent_at: now, expires_at: expires })
  await ctx.record('request.code_sent', { case: reference, expires_at: expires.toISOString() })
  return code
}

async function codeMailsOfToday(ctx: Context, lookup: string): Promise<number> {
  const since = new Date(ctx.clock.now().getTime() - DAY_MS)
  const sent = and(
    eq(letters.recipient_lookup, lookup),
    eq(letters.with_code, true),
    isNotNull(letters.sent_at),
    gt(letters.sent_at, since),
  )
  const [row] = await ctx.db.select({ n: count() }).from(letters).where(sent)
  return row?.n ?? 0
}
