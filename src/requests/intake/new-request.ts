import { randomUUIDv7 } from 'node:crypto'
import type { Context } from '../../context.ts'
import { requests } from '../../db/schema/requests.ts'
import { regimesFor } from '../../policy/rights.ts'
import type { Right } from '../../policy/schema.ts'
import type { Address } from '../../security/address.ts'
import { clockColumns, clockOf } from '../case-clock.ts'
import { placeOf, type TypedCorrection } from '../sealed.ts'
import type { RequestRow } from '../transition.ts'
import { freshReference } from './fresh-reference.ts'

/** What every way in (form, API, letter, call) knows of a request when it arrives. */
export interface Arrival {
  readonly right: Right
  readonly scope: Record<string, string> | null
  readonly received_at: Date
  readonly channel: string
  readonly residence: string | null
  readonly locale: string
  readonly address: Address | undefined
  readonly name?: string | undefined
  readonly postal_address?: string | undefined
  readonly identifiers?: readonly { kind: string; value: string }[] | undefined
  readonly details?: string | undefined
  readonly corrections?: readonly TypedCorrection[] | undefined
  readonly requester_role: string
  readonly requester?: object | undefined
  readonly opened_by?: string | undefined
  readonly group_id: string
  readonly delivery?: 'link' | 'post' | undefined
}

/** Writes a request in `received`: a data key of its own, sealed columns, the clock from the true arrival. */
export async function insertRequest(ctx: Context, arrival: Arrival): Promise<RequestRow> {
  const id = randomUUIDv7()
  const keyId = await ctx.keys.create('request')
  const seal = async (column: Parameters<typeof placeOf>[0], value: string | undefined) =>
    value === undefined ? null : ctx.keys.seal(keyId, placeOf(column, id), value)
  const json = (value: unknown) => (value === undefined ? undefined : JSON.stringify(value))
  const { regime, candidates } = regimesFor(arrival.right, arrival.residence)
  const controller = ctx.policy.main.id
  const clock = clockOf(ctx.policy, { ...arrival, regime, candidates, controller })
  const [row] = await ctx.db
    .insert(requests)
    .values({
      id,
      reference: await freshReference(ctx),
      right: arrival.right,
      scope: arrival.scope,
      regime,
      candidate_regimes: candidates,
      controller,
      state: 'received',
      state_at: ctx.clock.now(),
      channel: arrival.channel,
      locale: arrival.locale,
      residence: arrival.residence,
      key_id: keyId,
      email: await seal('email', arrival.address?.address),
      email_lookup: arrival.address === undefined ? null : ctx.keys.digest('email', arrival.address.compare),
      name: await seal('name', arrival.name),
      postal_address: await seal('postal_address', arrival.postal_address),
      identifiers: await seal('identifiers', json(arrival.identifiers)),
      details: await seal('details', arrival.details),
      corrections: await seal('corrections', json(arrival.corrections)),
      requester_role: arrival.requester_role,
      requester: await seal('requester', json(arrival.requester)),
      opened_by: arrival.opened_by ?? null,
      group_id: arrival.group_id,
      received_at: arrival.received_at,
      delivery: arrival.delivery ?? 'link',
      ...clockColumns(clock),
    })
    .returning()
  if (row === undefined) throw new Error('the request was not stored')
  return row
}
