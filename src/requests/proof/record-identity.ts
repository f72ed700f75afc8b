import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { requests } from '../../db/schema/requests.ts'
import { Refusal } from '../../errors.ts'
import { parseAddress } from '../../security/address.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { lockRequest } from '../find.ts'
import { storeMessage } from '../messages.ts'
import { openColumn } from '../sealed.ts'
import type { RequestRow } from '../transition.ts'
import { recordProof } from './prove.ts'

export const identityInput = z.strictObject({
  method: z.string().trim().min(1).max(100),
  note: z.string().trim().min(1).max(2_000),
  identifier: z.strictObject({ kind: z.string().min(1).max(63), value: z.string().min(1).max(500) }).optional(),
})

/**
 * Records that an operator has checked who is asking (a letter with an invoice number, a call back): the method and a note of the check, sealed
 * with the case, never a copy of a document (law.md §3). Without an identifier it proves the address of the case. Who checked cannot approve.
 */
export const recordIdentity = verb(
  {
    name: 'recordIdentity',
    permission: 'cases.decide',
    audit: ['request.proof_by_operator', 'request.proven', 'request.cancel_window_started', 'letter.composed'],
  },
  async (ctx, { reference, method, note, identifier }: z.output<typeof identityInput> & { reference: string }): Promise<RequestRow> => {
    const request = await lockRequest(ctx, reference)
    if (request.proven_at !== null) throw new Refusal('already_decided')
    if (!PROVABLE.includes(request.state)) throw new Refusal('wrong_state')
    const proven = await whatIsProven(ctx, request, identifier)
    await storeMessage(ctx, request, 'note', `Identity checked (${method}): ${note}`)
    await ctx.record('request.proof_by_operator', { case: reference, identifier: proven.kind })
    await recordProof(ctx, request, { method: 'checked_by_operator', proven: JSON.stringify({ [proven.kind]: [[proven.value]] }) })
    const checker = ctx.actor.kind === 'operator' ? [ctx.actor.id] : []
    const amended_by = [...request.amended_by, ...checker]
    const [row] = await ctx.db.update(requests).set({ amended_by }).where(eq(requests.id, request.id)).returning()
    return row ?? request
  },
)

const PROVABLE = ['received', 'verifying', 'expired']

interface Identifier {
  readonly kind: string
  readonly value: string
}

async function whatIsProven(ctx: VerbContext, request: RequestRow, given: Identifier | undefined): Promise<Identifier> {
  const address = await openColumn(ctx, request, 'email')
  const proven = given ?? (address === null ? undefined : { kind: 'email', value: address })
  if (proven === undefined)
    throw new Refusal('invalid_input', [{ pointer: '/identifier', detail: 'expected what was proven: the case has no address' }])
  if (!ctx.policy.identifiers.has(proven.kind)) {
    const detail = `expected one of ${[...ctx.policy.identifiers.keys()].join(', ')}`
    throw new Refusal('invalid_input', [{ pointer: '/identifier/kind', detail }])
  }
  const isAddress = ctx.policy.identifiers.get(proven.kind)?.compare === 'email'
  return isAddress ? { kind: proven.kind, value: parseAddress(proven.value, '/identifier/value').address } : proven
}
