import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requestAliases } from '../../db/schema/requests.ts'
import { acknowledgement } from '../../letters/acknowledgement.ts'
import { enqueue } from '../../outbox.ts'
import { proofFor } from '../../policy/rights.ts'
import type { Regime, Right } from '../../policy/schema.ts'
import { parseAddress } from '../../security/address.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { clockOf } from '../case-clock.ts'
import { composeLetter } from '../compose-letter.ts'
import { letterCase, statusUrl } from '../letter-case.ts'
import type { RequestRow } from '../transition.ts'
import { freshReference } from './fresh-reference.ts'
import { insertRequest, type Arrival } from './new-request.ts'
import { repeatedCase } from './repeated.ts'
import { rightsOf, type RequestInput } from './request-input.ts'

/** What a requester is told at once; the same whether or not anybody of that address is known. */
export interface Received {
  readonly reference: string
  readonly references?: readonly string[]
  readonly state: 'received'
  readonly received_at: string
  readonly due_at: string
  readonly status_url: string
}

/**
 * Opens a request, one case a right, and writes the one mail every address gets: acknowledgement, references, dates, code. A message that
 * only repeats an open case gets a further reference to it, not a second case (design.md §2.1).
 */
export const openRequest = verb(
  { name: 'openRequest', permission: 'public', audit: ['request.received', 'request.repeated', 'letter.composed'] },
  async (ctx, input: RequestInput & { channel?: string }): Promise<Received> => {
    const address = parseAddress(input.email)
    // Two messages of one address at the same instant: the second must see what the first has opened.
    await ctx.db.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`habeas: intake ${ctx.keys.digest('email', address.compare)}`}, 0))`,
    )
    const message = {
      scope: input.scope === undefined ? null : withoutEmpty(input.scope),
      received_at: ctx.clock.now(),
      channel: input.channel ?? 'api',
      residence: input.residence ?? null,
      locale: input.locale ?? 'en',
      address,
      name: input.name,
      identifiers: input.identifiers,
      details: input.details,
      corrections: input.corrections,
      requester_role: input.requester?.role ?? 'subject',
      requester: input.requester,
      group_id: randomUUIDv7(),
    }
    const opened: Opened[] = []
    for (const right of rightsOf(input)) {
      const arrival = { ...message, right }
      const repeated = await repeatedCase(ctx, arrival)
      opened.push(repeated === undefined ? await openNew(ctx, arrival) : await repeat(ctx, repeated, arrival))
    }
    await acknowledge(ctx, opened)
    return answer(ctx, opened)
  },
)

/** A reference as its requester sees it; a repeat shows dates counted from its own arrival, so that it tells nothing. */
interface Opened {
  readonly request: RequestRow
  readonly reference: string
  readonly received_at: Date
  readonly due_at: string
}

async function openNew(ctx: VerbContext, arrival: Arrival): Promise<Opened> {
  const request = await insertRequest(ctx, arrival)
  await ctx.record('request.received', {
    case: request.reference,
    right: request.right,
    regime: request.regime,
    channel: request.channel,
    enforce_by: request.enforce_by,
    send_by: request.send_by,
  })
  if (proofFor(arrival.right, arrival.scope) === 'none') await enqueue(ctx, 'advance_request', { request_id: request.id })
  return { request, reference: request.reference, received_at: request.received_at, due_at: request.due_at.toISOString() }
}

async function repeat(ctx: VerbContext, request: RequestRow, arrival: Arrival): Promise<Opened> {
  const reference = await freshReference(ctx)
  await ctx.db.insert(requestAliases).values({ reference, request_id: request.id, received_at: arrival.received_at })
  await ctx.record('request.repeated', { case: request.reference })
  const clock = clockOf(ctx.policy, {
    ...arrival,
    regime: request.regime as Regime,
    candidates: request.candidate_regimes as Regime[],
    controller: request.controller,
  })
  return { request, reference, received_at: arrival.received_at, due_at: new Date(clock.due_at).toISOString() }
}

async function acknowledge(ctx: VerbContext, opened: readonly Opened[]): Promise<void> {
  const [first] = opened
  if (first === undefined) throw new Error('a request without a right')
  const proves = opened.map(({ request }) => request).filter((request) => proofFor(request.right as Right, request.scope) === 'code')
  const cases = opened.map(({ request, reference }) => letterCase(ctx, request, reference))
  const letter = acknowledgement({ cases, needs_code: proves.length > 0 })
  await composeLetter(
    ctx,
    first.request,
    'acknowledgement',
    letter,
    proves.map(({ id }) => id),
  )
}

function answer(ctx: Context, opened: readonly Opened[]): Received {
  const [first] = opened
  if (first === undefined) throw new Error('a request without a right')
  return {
    reference: first.reference,
    ...(opened.length > 1 && { references: opened.map(({ reference }) => reference) }),
    state: 'received',
    received_at: first.received_at.toISOString(),
    due_at: first.due_at,
    status_url: statusUrl(ctx, first.reference),
  }
}

function withoutEmpty(scope: Record<string, string | undefined>): Record<string, string> | null {
  const entries = Object.entries(scope).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return entries.length === 0 ? null : Object.fromEntries(entries)
}
