import { randomUUIDv7 } from 'node:crypto'
import { Refusal } from '../../errors.ts'
import { acknowledgement } from '../../letters/acknowledgement.ts'
import { enqueue } from '../../outbox.ts'
import { proofFor } from '../../policy/rights.ts'
import { parseAddress } from '../../security/address.ts'
import { verb } from '../../verb.ts'
import { composeLetter } from '../compose-letter.ts'
import { letterCase } from '../letter-case.ts'
import type { RequestRow } from '../transition.ts'
import { insertRequest } from './new-request.ts'
import type { CaseInput } from './request-input.ts'

/**
 * Opens a case for a letter, a call or a mail, with its true arrival; the clock runs from then (law.md §2.1). With an address the person
 * gets the same acknowledgement and code as everybody; without one an operator records the proof.
 */
export const openCaseForOperator = verb(
  { name: 'openCaseForOperator', permission: 'cases.open', audit: ['request.opened_by_operator', 'letter.composed'] },
  async (ctx, input: CaseInput): Promise<RequestRow> => {
    const receivedAt = new Date(input.received_at)
    if (receivedAt.getTime() > ctx.clock.now().getTime()) {
      throw new Refusal('invalid_input', [{ pointer: '/received_at', detail: 'expected an instant that has passed' }])
    }
    const subject = input.subject
    const address = subject.email === undefined ? undefined : parseAddress(subject.email)
    const request = await insertRequest(ctx, {
      right: input.right,
      scope: input.scope === undefined ? null : (input.scope as Record<string, string>),
      received_at: receivedAt,
      channel: input.channel,
      residence: input.residence ?? null,
      locale: 'en',
      address,
      name: 'name' in subject ? subject.name : undefined,
      postal_address: 'address' in subject ? subject.address : undefined,
      identifiers: 'kind' in subject ? [{ kind: subject.kind, value: subject.value }] : undefined,
      details: input.details,
      corrections: input.corrections,
      requester_role: 'subject',
      opened_by: ctx.actor.kind === 'operator' ? ctx.actor.id : undefined,
      group_id: randomUUIDv7(),
      delivery: input.delivery,
    })
    await ctx.record('request.opened_by_operator', {
      case: request.reference,
      right: request.right,
      channel: request.channel,
      received_at: request.received_at.toISOString(),
      enforce_by: request.enforce_by,
    })
    const needsCode = proofFor(input.right, request.scope) === 'code'
    if (address !== undefined) {
      const letter = acknowledgement({ cases: [letterCase(ctx, request)], needs_code: needsCode })
      await composeLetter(ctx, request, 'acknowledgement', letter, needsCode ? [request.id] : [])
    }
    if (!needsCode) await enqueue(ctx, 'advance_request', { request_id: request.id })
    return request
  },
)
