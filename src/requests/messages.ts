import { randomUUIDv7 } from 'node:crypto'
import { and, asc, eq, inArray } from 'drizzle-orm'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { messages } from '../db/schema/requests.ts'
import { messageNotice } from '../letters/message-notice.ts'
import { verb, type VerbContext } from '../verb.ts'
import { composeLetter } from './compose-letter.ts'
import { lockRequest, ownRequest } from './find.ts'
import { endPauses } from './pauses.ts'
import { letterCase } from './letter-case.ts'
import type { RequestRow } from './transition.ts'

export const messageInput = z.strictObject({ text: z.string().trim().min(1).max(10_000) })

export interface Message {
  readonly id: string
  readonly from: 'you' | 'us'
  readonly text: string
  readonly at: string
}

type MessageKind = 'from_subject' | 'to_subject' | 'note'

/** Stores what the person writes on the status page; the operators see it on the case. */
export const writeMessage = verb(
  { name: 'writeMessage', permission: 'subject', audit: ['request.message_received', 'request.resumed'] },
  async (ctx, { reference, text }: { reference: string; text: string }): Promise<readonly Message[]> => {
    const request = await ownRequest(ctx, reference)
    await storeMessage(ctx, request, 'from_subject', text)
    await ctx.record('request.message_received', { case: request.reference })
    // The clock runs again from the day of the answer, not from the day on which somebody reads it.
    await endPauses(ctx, request)
    return conversation(ctx, request)
  },
)

/** Sends the person a message: it stands on the status page, and a mail says so. */
export const sendMessage = verb(
  { name: 'sendMessage', permission: 'cases.work', audit: ['request.message_sent', 'letter.composed'] },
  async (ctx, { reference, text }: { reference: string; text: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    await storeMessage(ctx, request, 'to_subject', text)
    await composeLetter(ctx, request, 'message', messageNotice(letterCase(ctx, request), { text }))
    await ctx.record('request.message_sent', { case: reference })
    return request
  },
)

/** Writes an internal note on a case; the person gets it only in an access request. */
export const writeNote = verb(
  { name: 'writeNote', permission: 'cases.work', audit: 'request.noted' },
  async (ctx, { reference, text }: { reference: string; text: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    await storeMessage(ctx, request, 'note', text)
    await ctx.record('request.noted', { case: reference })
    return request
  },
)

/** The messages of a case as its person reads them. */
export async function conversation(ctx: Context, request: RequestRow): Promise<readonly Message[]> {
  const rows = await read(ctx, request, ['from_subject', 'to_subject'])
  return rows.map(({ id, kind, text, at }) => ({ id, from: kind === 'from_subject' ? 'you' : 'us', text, at: at.toISOString() }))
}

/** The messages and notes of a case, opened, oldest first. */
export async function read(ctx: Context, request: RequestRow, kinds: MessageKind[]) {
  const mine = and(eq(messages.request_id, request.id), inArray(messages.kind, kinds))
  const rows = await ctx.db.select().from(messages).where(mine).orderBy(asc(messages.at), asc(messages.id))
  return Promise.all(
    rows.map(async ({ id, kind, author, at, body }) => ({ id, kind, author, at, text: await ctx.keys.open(`messages.body:${id}`, body) })),
  )
}

/** Seals a message or note with its case. */
export async function storeMessage(ctx: VerbContext, request: RequestRow, kind: MessageKind, text: string): Promise<void> {
  const id = randomUUIDv7()
  const author = ctx.actor.kind === 'operator' ? ctx.actor.id : ctx.actor.kind
  const body = await ctx.keys.seal(request.key_id, `messages.body:${id}`, text)
  await ctx.db.insert(messages).values({ id, request_id: request.id, kind, author, body, at: ctx.clock.now() })
}
