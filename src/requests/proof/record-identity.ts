import { z } from 'zod'
import { Refusal } from '../../errors.ts'
import { parseAddress } from '../../security/address.ts'
import { verb } from '../../verb.ts'
import { lockRequest } from '../find.ts'
import { openColumn } from '../sealed.ts'
import type { RequestRow } from '../transition.ts'
import { recordProof } from './prove.ts'

export const identityInput = z.strictObject({
  method: z.string().trim().min(1).max(100),
  note: z.string().trim().min(1).max(2_000),
  identifier: z.strictObject({ kind: z.string().min(1).max(63), value: z.string().min(1).max(500) }).optional(),
})

/**
 * Records that an operator has checked who is asking (a letter with an invoice number, a call back): the method and a note of the check,
 * never a copy of a document (law.md §3). Without an identifier it proves the address of the case.
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
    const address = await openColumn(ctx, request, 'email')
    const proven = identifier ?? (address === null ? undefined : { kind: 'email', value: parseAddress(address).address })
    if (proven === undefined)
      throw new Refusal('invalid_input', [{ pointer: '/identifier', detail: 'expected what was proven: the case has no address' }])
    if (!ctx.policy.identifiers.has(proven.kind)) {
      throw new Refusal('invalid_input', [
        { pointer: '/identifier/kind', detail: `expected one of ${[...ctx.policy.identifiers.keys()].join(', ')}` },
      ])
    }
    await ctx.record('request.proof_by_operator', { case: reference, method, note_length: note.length })
    await recordProof(ctx, request, { method, proven: JSON.stringify({ [proven.kind]: [[proven.value]] }) })
    return lockRequest(ctx, reference)
  },
)
