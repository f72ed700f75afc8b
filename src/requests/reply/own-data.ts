import { and, asc, eq, inArray, or } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { letters, messages, requests } from '../../db/schema/requests.ts'
import type { ArchiveTable } from '../../archives/archive-input.ts'
import { OWN_COLLECTION, OWN_SOURCE } from '../../planner/own-records.ts'
import { openColumn } from '../sealed.ts'
import type { RequestRow } from '../transition.ts'

type Row = Readonly<Record<string, string>>

/** What this service itself holds of the person: every case of the same address, its messages and the letters that were sent. */
export async function ownData(ctx: Context, request: RequestRow): Promise<ArchiveTable> {
  const rows = await ownRows(ctx, request)
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

async function ownRows(ctx: Context, request: RequestRow): Promise<Row[]> {
  const sameAddress =
    request.email_lookup === null
      ? eq(requests.id, request.id)
      : or(eq(requests.id, request.id), eq(requests.email_lookup, request.email_lookup))
  const cases = await ctx.db.select().from(requests).where(sameAddress).orderBy(asc(requests.received_at))
  // Only proven cases speak of this person; what somebody else has typed under the same address stays out (design.md §2.2).
  const theirs = cases.filter((one) => one.id === request.id || one.proven_at !== null)
  const rows: Row[] = []
  for (const one of theirs) {
    const base = {
      reference: one.reference,
      right: one.right,
      received_at: one.received_at.toISOString(),
      channel: one.channel,
      state: one.state,
    }
    rows.push({ ...base, kind: 'request', at: one.received_at.toISOString(), text: (await openColumn(ctx, one, 'details')) ?? '' })
    for (const written of await writtenTo(ctx, one.id)) rows.push({ ...base, ...written })
  }
  return rows
}

async function writtenTo(ctx: Context, requestId: string): Promise<{ kind: string; at: string; text: string }[]> {
  const said = await ctx.db
    .select()
    .from(messages)
    .where(and(eq(messages.request_id, requestId), inArray(messages.kind, ['from_subject', 'to_subject'])))
    .orderBy(asc(messages.at))
  const sent = await ctx.db.select().from(letters).where(eq(letters.request_id, requestId)).orderBy(asc(letters.created_at))
  return [
    ...(await Promise.all(
      said.map(async (one) => ({
        kind: one.kind,
        at: one.at.toISOString(),
        text: await ctx.keys.open(`messages.body:${one.id}`, one.body),
      })),
    )),
    ...(await Promise.all(
      sent.map(async (one) => ({
        kind: `letter: ${one.kind}`,
        at: one.created_at.toISOString(),
        text: await ctx.keys.open(`letters.text:${one.id}`, one.text),
      })),
    )),
  ]
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
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
