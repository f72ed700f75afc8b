import { randomUUIDv7 } from 'node:crypto'
import type { Letter } from '../letters/letter.ts'
import { letters } from '../db/schema/requests.ts'
import { enqueue } from '../outbox.ts'
import type { VerbContext } from '../verb.ts'
import { openColumn } from './sealed.ts'
import type { RequestRow } from './transition.ts'

/**
 * Writes a letter to the request's own address, sealed with the case, and asks for it to be sent; returns its id. A letter that `proves` cases
 * carries a code, made when it leaves, which is good for exactly those. Declares `letter.composed`.
 */
export async function composeLetter(
  ctx: VerbContext,
  request: RequestRow,
  kind: string,
  letter: Letter,
  proves: readonly string[] = [],
): Promise<string | undefined> {
  const to = await openColumn(ctx, request, 'email')
  if (to === null || request.email_lookup === null) return undefined
  const id = randomUUIDv7()
  await ctx.db.insert(letters).values({
    id,
    request_id: request.id,
    kind,
    key_id: request.key_id,
    recipient: await ctx.keys.seal(request.key_id, `letters.recipient:${id}`, to),
    recipient_lookup: request.email_lookup,
    subject: letter.subject,
    text: await ctx.keys.seal(request.key_id, `letters.text:${id}`, letter.text),
    html: await ctx.keys.seal(request.key_id, `letters.html:${id}`, letter.html),
    with_code: proves.length > 0,
    proves: [...proves],
    created_at: ctx.clock.now(),
  })
  await ctx.record('letter.composed', { case: request.reference, kind, letter: id })
  await enqueue(ctx, 'send_letter', { letter_id: id })
  return id
}
