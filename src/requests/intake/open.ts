import { randomUUIDv7 } from 'node:crypto'
import { and, asc, eq, isNull, notInArray } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requestAliases, requests } from '../../db/schema/requests.ts'
import { acknowledgement } from '../../letters/acknowledgement.ts'
import { enqueue } from '../../outbox.ts'
import { proofFor } from '../../policy/rights.ts'
import type { Right } from '../../policy/schema.ts'
import { parseAddress } from '../../security/address.ts'
import { verb, type VerbContext } from '../../verb.ts'
import { composeLetter } from '../compose-letter.ts'
import { letterCase, statusUrl } from '../letter-case.ts'
import type { RequestRow } from '../transition.ts'
import { freshReference } from './fresh-reference.ts'
import { insertRequest } from './new-request.ts'
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
 * Opens a request, one case a right, and writes the one mail every address gets: acknowledgement, references, dates, code. A right that the
 * same address has open already gets a further reference to that case, not a second case (design.md §2.1).
 */
export const openRequest = verb(
  { name: 'openRequest', permission: 'public', audit: ['request.received', 'request.repeated', 'letter.composed'] },
  async (ctx, input: RequestInput & { channel?: string }): Promise<Received> => {
    const address = parseAddress(input.email)
    const groupId = randomUUIDv7()
    const scope = input.scope === undefined ? null : withoutEmpty(input.scope)
    const arrivals: Opened[] = []
    for (const right of rightsOf(input)) {
      const arrival = {
        right,
        scope,
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
        group_id: groupId,
      }
      const open = await openCaseOf(ctx, ctx.keys.digest('email', address.compare), right, scope)
      arrivals.push(open === undefined ? await openNew(ctx, arrival) : await repeat(ctx, open))
    }
    await acknowledge(ctx, arrivals)
    return answer(ctx, arrivals)
  },
)

/** A reference as its requester sees it; a repeat shows dates counted from its own arrival, so that it tells nothing. */
interface Opened {
  readonly request: RequestRow
  readonly reference: string
  readonly received_at: Date
  readonly due_at: Date
}

async function openNew(ctx: VerbContext, arrival: Parameters<typeof insertRequest>[1]): Promise<Opened> {
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
  return { request, reference: request.reference, received_at: request.received_at, due_at: request.due_at }
}

async function repeat(ctx: VerbContext, request: RequestRow): Promise<Opened> {
  const reference = await freshReference(ctx)
  const now = ctx.clock.now()
  await ctx.db.insert(requestAliases).values({ reference, request_id: request.id, received_at: now })
  await ctx.record('request.repeated', { case: request.reference })
  const length = request.due_at.getTime() - request.received_at.getTime()
  return { request, reference, received_at: now, due_at: new Date(now.getTime() + length) }
}

/** The case this address has open for the right and scope; locked, so that two at once do not both open one. */
async function openCaseOf(
  ctx: Context,
  lookup: string,
  right: Right,
  scope: Record<string, string> | null,
): Promise<RequestRow | undefined> {
  const same = and(
    eq(requests.email_lookup, lookup),
    eq(requests.right, right),
    isNull(requests.closed_at),
    notInArray(requests.state, ['delivered']),
  )
  const rows = await ctx.db.select().from(requests).where(same).orderBy(asc(requests.received_at)).for('update')
  return rows.find((row) => JSON.stringify(row.scope ?? {}) === JSON.stringify(scope ?? {}))
}

async function acknowledge(ctx: VerbContext, arrivals: readonly Opened[]): Promise<void> {
  const first = arrivals[0]
  if (first === undefined) throw new Error('a request without a right')
  const needsCode = arrivals.some(({ request }) => proofFor(request.right as Right, request.scope) === 'code')
  const cases = arrivals.map(({ request, reference }) => letterCase(ctx, request, reference))
  await composeLetter(ctx, first.request, 'acknowledgement', acknowledgement({ cases, needs_code: needsCode }), needsCode)
}

function answer(ctx: Context, arrivals: readonly Opened[]): Received {
  const [first] = arrivals
  if (first === undefined) throw new Error('a request without a right')
  return {
    reference: first.reference,
    ...(arrivals.length > 1 && { references: arrivals.map(({ reference }) => reference) }),
    state: 'received',
    received_at: first.received_at.toISOString(),
    due_at: first.due_at.toISOString(),
    status_url: statusUrl(ctx, first.reference),
  }
}

function withoutEmpty(scope: Record<string, string | undefined>): Record<string, string> | null {
  const entries = Object.entries(scope).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return entries.length === 0 ? null : Object.fromEntries(entries)
}
