import { randomUUIDv7 } from 'node:crypto'
import { and, count, eq, gt, inArray, sql } from 'drizzle-orm'
import { actingAs, type Context } from '../context.ts'
import { codes, letters, requests } from '../db/schema/requests.ts'
import { CODE_PLACEHOLDER } from '../letters/letter.ts'
import type { Mail } from '../mail/mailer.ts'
import { enqueue } from '../outbox.ts'
import { proofFor } from '../policy/rights.ts'
import type { Right } from '../policy/schema.ts'
import { hashCode, newCode } from '../security/codes.ts'
import { verb, type VerbContext } from '../verb.ts'
import { transitionIf } from './transition.ts'

const CODE_MINUTES = 10
const CODE_MAILS_A_DAY = 3
const DAY_MS = 86_400_000
/** For as long nobody else takes a letter that a worker has in hand: longer than a mail server is waited for. */
const CLAIM_MS = 120_000

type Letter = typeof letters.$inferSelect

/** Sends a letter once: claimed and, with a code, given a fresh one; handed to the mail server; marked as sent. */
export async function sendLetter(ctx: Context, input: { letter_id: string }): Promise<void> {
  const system = actingAs(ctx, { kind: 'system', name: 'mail' })
  const mail = await prepareLetter(system, input)
  if (mail === undefined) return
  try {
    await ctx.mailer.send(mail)
  } catch (error) {
    await ctx.db.update(letters).set({ claimed_at: null }).where(eq(letters.id, input.letter_id))
    throw error
  }
  await markSent(system, input)
}

/** The mail as it goes out; undefined when it has gone, when a worker has it in hand, or when its address has had its code mails of the day. */
const prepareLetter = verb(
  { name: 'prepareLetter', permission: 'system', audit: ['letter.withheld', 'request.code_sent'], quiet: true },
  async (ctx, { letter_id: id }: { letter_id: string }): Promise<Mail | undefined> => {
    const [letter] = await ctx.db.select().from(letters).where(eq(letters.id, id)).for('update')
    if (letter === undefined || letter.sent_at !== null || letter.withheld_at !== null) return undefined
    const now = ctx.clock.now()
    if (letter.claimed_at !== null && now.getTime() - letter.claimed_at.getTime() < CLAIM_MS) {
      await enqueue(ctx, 'send_letter', { letter_id: id }, new Date(letter.claimed_at.getTime() + CLAIM_MS))
      return undefined
    }
    const [request] = letter.request_id === null ? [] : await ctx.db.select().from(requests).where(eq(requests.id, letter.request_id))
    if (letter.with_code && (await mayCarryCode(ctx, letter)) === false) {
      await ctx.db.update(letters).set({ withheld_at: now }).where(eq(letters.id, id))
      await startVerifying(ctx, letter)
      await ctx.record('letter.withheld', {
        ...(request && { case: request.reference }),
        letter: id,
        reason: 'three code mails in 24 hours',
      })
      return undefined
    }
    await ctx.db.update(letters).set({ claimed_at: now }).where(eq(letters.id, id))
    const code = letter.with_code && request !== undefined ? await issueCode(ctx, letter, request) : undefined
    return mailOf(ctx, letter, request?.controller, code)
  },
)

const markSent = verb(
  { name: 'markSent', permission: 'system', audit: 'letter.sent', quiet: true },
  async (ctx, { letter_id: id }: { letter_id: string }): Promise<void> => {
    const [letter] = await ctx.db.update(letters).set({ sent_at: ctx.clock.now() }).where(eq(letters.id, id)).returning()
    if (letter === undefined || letter.request_id === null) return
    const [request] = await ctx.db.select().from(requests).where(eq(requests.id, letter.request_id))
    if (request === undefined) return
    await startVerifying(ctx, letter)
    await ctx.record('letter.sent', { case: request.reference, kind: letter.kind, letter: id })
  },
)

async function mailOf(ctx: Context, letter: Letter, controllerId: string | undefined, code: string | undefined): Promise<Mail> {
  const controller = ctx.policy.controllers.get(controllerId ?? '') ?? ctx.policy.main
  const fill = (text: string) => (code === undefined ? text : text.replaceAll(CODE_PLACEHOLDER, code))
  return {
    id: letter.id,
    to: await ctx.keys.open(`letters.recipient:${letter.id}`, letter.recipient),
    from: { name: controller.sender.name, address: controller.sender.email },
    subject: letter.subject,
    text: fill(await ctx.keys.open(`letters.text:${letter.id}`, letter.text)),
    html: fill(await ctx.keys.open(`letters.html:${letter.id}`, letter.html)),
  }
}

/** From now on the cases that the letter named wait for their code; also when it was withheld, so that they end like any unproven one. */
async function startVerifying(ctx: VerbContext, letter: Letter): Promise<void> {
  if (letter.kind !== 'acknowledgement' || letter.proves.length === 0) return
  const cases = await ctx.db.select().from(requests).where(inArray(requests.id, letter.proves))
  for (const request of cases) {
    const waits = request.proven_at === null && proofFor(request.right as Right, request.scope) === 'code'
    if (waits) await transitionIf(ctx, request.id, 'verifying')
  }
}

async function issueCode(ctx: VerbContext, letter: Letter, request: { id: string; reference: string }): Promise<string> {
  const code = newCode()
  const now = ctx.clock.now()
  const expires = new Date(now.getTime() + CODE_MINUTES * 60_000)
  await ctx.db.insert(codes).values({
    id: randomUUIDv7(),
    request_id: request.id,
    proves: letter.proves,
    hash: await hashCode(code),
    sent_at: now,
    expires_at: expires,
  })
  await ctx.record('request.code_sent', { case: request.reference, expires_at: expires.toISOString() })
  return code
}

/** Whether the address may get another code mail today; claims count, and are looked at one by one for an address. */
async function mayCarryCode(ctx: Context, letter: Letter): Promise<boolean> {
  await ctx.db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`habeas: code mails ${letter.recipient_lookup}`}, 0))`)
  const since = new Date(ctx.clock.now().getTime() - DAY_MS)
  const claimed = and(eq(letters.recipient_lookup, letter.recipient_lookup), eq(letters.with_code, true), gt(letters.claimed_at, since))
  const [row] = await ctx.db.select({ n: count() }).from(letters).where(claimed)
  return (row?.n ?? 0) < CODE_MAILS_A_DAY
}
