import { and, asc, eq, isNotNull, ne } from 'drizzle-orm'
import type { ArchiveTable } from '../../archives/archive-input.ts'
import { canonicalJson } from '../../canonical.ts'
import type { Context } from '../../context.ts'
import { letters, requests } from '../../db/schema/requests.ts'
import { plans } from '../../db/schema/work.ts'
import { OWN_COLLECTION, OWN_SOURCE } from '../../planner/own-records.ts'
import type { PlanBody } from '../../planner/shape.ts'
import { parseAddress } from '../../security/address.ts'
import type { ClaimedStep } from '../carrying-out/claim.ts'
import { read } from '../messages.ts'
import { openColumn, provenIdentifiers } from '../sealed.ts'
import type { RequestRow } from '../transition.ts'

type Row = Readonly<Record<string, string>>

interface Written {
  readonly kind: string
  readonly at: string
  readonly text: string
}

/** What this service itself holds of the person: every case that is surely theirs, its messages and notes, and the letters that were sent. */
export async function ownData(ctx: Context, claimed: Pick<ClaimedStep, 'request' | 'body'>): Promise<ArchiveTable> {
  const rows = await ownRows(ctx, claimed)
  const names = ['reference', 'right', 'received_at', 'channel', 'state', 'kind', 'at', 'text']
  return {
    source: OWN_SOURCE,
    collection: OWN_COLLECTION,
    label: 'Your requests',
    category_label: 'Records of data-rights requests',
    purpose: 'answering requests and proving that they were answered',
    columns: names.map((name) => ({ name, type: 'string' })),
    held: [],
    open: async (format) => encoded(names, rows, format),
  }
}

async function ownRows(ctx: Context, claimed: Pick<ClaimedStep, 'request' | 'body'>): Promise<Row[]> {
  const rows: Row[] = []
  for (const one of await casesOfSamePerson(ctx, claimed)) {
    const base = {
      reference: one.reference,
      right: one.right,
      received_at: one.received_at.toISOString(),
      channel: one.channel,
      state: one.state,
    }
    rows.push({ ...base, kind: 'request', at: one.received_at.toISOString(), text: (await openColumn(ctx, one, 'details')) ?? '' })
    for (const written of [...(await saidIn(ctx, one)), ...(await sentTo(ctx, one))]) rows.push({ ...base, ...written })
  }
  return rows
}

/**
 * The case, and the others whose proven identity is exactly this one (design.md §2.2): the same address as it was typed, proven, and no
 * decision about whose of several people's it is. What was found by comparing addresses more loosely may be somebody else's.
 */
async function casesOfSamePerson(ctx: Context, { request, body }: Pick<ClaimedStep, 'request' | 'body'>): Promise<RequestRow[]> {
  const identity = await identityOf(ctx, request)
  if (identity === undefined || request.email_lookup === null || isContested(body)) return [request]
  const others = await ctx.db
    .select({ request: requests, body: plans.body })
    .from(requests)
    .leftJoin(plans, eq(plans.id, requests.plan_id))
    .where(and(eq(requests.email_lookup, request.email_lookup), ne(requests.id, request.id), isNotNull(requests.proven_at)))
  const same = [request]
  for (const other of others) {
    const contested = other.body !== null && isContested(other.body as PlanBody)
    if (!contested && (await identityOf(ctx, other.request)) === identity) same.push(other.request)
  }
  return same.toSorted((a, b) => a.received_at.getTime() - b.received_at.getTime())
}

/** The address of a case and what was proven for it, as one text to compare byte by byte. */
export async function identityOf(ctx: Context, request: RequestRow): Promise<string | undefined> {
  const email = await openColumn(ctx, request, 'email')
  if (email === null || request.proven === null) return undefined
  return canonicalJson([parseAddress(email).address, await provenIdentifiers(ctx, request)])
}

/** Whether the proven identity led to several people, so that only a decision says whose the case is. */
export function isContested({ identities, questions }: PlanBody): boolean {
  return identities.some(({ proven_by }) => proven_by === 'decision') || questions.some(({ kind }) => kind === 'ambiguous_identity')
}

/** Messages both ways, and what was noted about the person; who of the staff wrote it is not told. */
async function saidIn(ctx: Context, request: RequestRow): Promise<Written[]> {
  const said = await read(ctx, request, ['from_subject', 'to_subject', 'note'])
  return said.map(({ kind, at, text }) => ({ kind, at: at.toISOString(), text }))
}

/** Letters to the person's own address: mail to the staff about the case is none, not even to the same address. */
async function sentTo(ctx: Context, request: RequestRow): Promise<Written[]> {
  if (request.email_lookup === null) return []
  const theirs = and(eq(letters.request_id, request.id), eq(letters.recipient_lookup, request.email_lookup), ne(letters.kind, 'reminder'))
  const sent = await ctx.db.select().from(letters).where(theirs).orderBy(asc(letters.created_at), asc(letters.id))
  return Promise.all(
    sent.map(async ({ id, kind, created_at, text }) => ({
      kind: `letter: ${kind}`,
      at: created_at.toISOString(),
      text: await ctx.keys.open(`letters.text:${id}`, text),
    })),
  )
}

async function* encoded(names: readonly string[], rows: readonly Row[], format: 'csv' | 'json'): AsyncGenerator<Uint8Array> {
  if (format === 'json') {
    yield Buffer.from(JSON.stringify(rows, null, 1))
    return
  }
  const line = (cells: readonly string[]) => Buffer.from(`${cells.map(csvCell).join(',')}\r\n`)
  yield line(names)
  for (const row of rows) yield line(names.map((name) => row[name] ?? ''))
}

/** RFC 4180, with an apostrophe before what a spreadsheet would run as a formula (ASVS 1.2.10). */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
