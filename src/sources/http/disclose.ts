import type { Collection, Named } from '../../policy/schema.ts'
import { csvHeader, csvLine } from '../csv.ts'
import type { DiscloseRequest } from '../source.ts'
import { LEFT_OUT } from '../left-out.ts'
import { kindsOf, redactText, sparedIn } from '../redaction.ts'
import type { Api } from './api.ts'
import { selectedRows, valueOf, type OpenedRow } from './rows.ts'

const CHUNK = 16_384

/** The selected rows as encoded bytes, while the pages arrive; nothing is called before the first chunk is asked for. */
export async function* discloseRows(api: Api, collection: Named<Collection>, request: DiscloseRequest): AsyncGenerator<Uint8Array> {
  const rows = shownRows(collection, request, selectedRows(api, collection, request.selection))
  const lines = request.format === 'csv' ? csvLines(request.columns, rows) : jsonLines(request.columns, rows)
  let text = ''
  for await (const line of lines) {
    text += line
    if (text.length < CHUNK) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}

/** The cells of each row in the order asked for; where somebody has decided to leave one out, a text says so, anything else is empty. */
async function* shownRows(
  collection: Named<Collection>,
  request: Omit<DiscloseRequest, 'format'>,
  rows: AsyncIterable<OpenedRow>,
): AsyncGenerator<unknown[]> {
  const { columns, hidden = [] } = request
  const left = new Set(hidden.flatMap(({ column, keys }) => keys.map((key) => JSON.stringify([column, ...key]))))
  for await (const { raw, key } of rows) {
    yield columns.map((column) => {
      const value = valueOf(collection, raw, column)
      if (!left.has(JSON.stringify([column, ...key]))) return withoutOthers(collection, request, column, value)
      return typeof value === 'string' ? LEFT_OUT : null
    })
  }
}

/** A text without other people's addresses and numbers, where its field asks for that. */
function withoutOthers(collection: Collection, request: Omit<DiscloseRequest, 'format'>, column: string, value: unknown): unknown {
  const kinds = kindsOf(collection, column)
  return typeof value === 'string' && kinds.length > 0 ? redactText(value, kinds, sparedIn(request)) : value
}

/** How many cells of each column a copy shows redacted. */
export async function countRedactions(
  api: Api,
  collection: Named<Collection>,
  request: Omit<DiscloseRequest, 'format'>,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  const columns = request.columns.filter((column) => kindsOf(collection, column).length > 0)
  if (columns.length === 0) return counts
  const left = new Set((request.hidden ?? []).flatMap(({ column, keys }) => keys.map((key) => JSON.stringify([column, ...key]))))
  for await (const { raw, key } of selectedRows(api, collection, request.selection)) {
    for (const column of columns) {
      const value = valueOf(collection, raw, column)
      if (left.has(JSON.stringify([column, ...key])) || withoutOthers(collection, request, column, value) === value) continue
      counts[column] = (counts[column] ?? 0) + 1
    }
  }
  return counts
}

async function* csvLines(columns: readonly string[], rows: AsyncIterable<readonly unknown[]>): AsyncGenerator<string> {
  yield csvHeader(columns)
  for await (const row of rows) yield csvLine(row)
}

async function* jsonLines(columns: readonly string[], rows: AsyncIterable<readonly unknown[]>): AsyncGenerator<string> {
  let before = '['
  for await (const row of rows) {
    yield before + JSON.stringify(Object.fromEntries(columns.map((column, index) => [column, row[index]])))
    before = '\n,'
  }
  yield before === '[' ? '[]\n' : ']\n'
}
