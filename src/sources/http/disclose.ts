import type { Collection, Named } from '../../policy/schema.ts'
import type { DiscloseRequest } from '../source.ts'
import type { Api } from './api.ts'
import { selectedRows, valueOf, type OpenedRow } from './rows.ts'

/** A spreadsheet takes a cell that begins so for a formula. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/
const CHUNK = 16_384

/** The selected rows as encoded bytes, while the pages arrive; nothing is called before the first chunk is asked for. */
export async function* discloseRows(api: Api, collection: Named<Collection>, request: DiscloseRequest): AsyncGenerator<Uint8Array> {
  const rows = selectedRows(api, collection, request.selection)
  const lines = request.format === 'csv' ? csvLines(collection, request.columns, rows) : jsonLines(collection, request.columns, rows)
  let text = ''
  for await (const line of lines) {
    text += line
    if (text.length < CHUNK) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}

async function* csvLines(
  collection: Named<Collection>,
  columns: readonly string[],
  rows: AsyncIterable<OpenedRow>,
): AsyncGenerator<string> {
  yield `${columns.map(quoted).join(',')}\n`
  for await (const { raw } of rows) yield `${columns.map((column) => cell(valueOf(collection, raw, column))).join(',')}\n`
}

async function* jsonLines(
  collection: Named<Collection>,
  columns: readonly string[],
  rows: AsyncIterable<OpenedRow>,
): AsyncGenerator<string> {
  let before = '['
  for await (const { raw } of rows) {
    yield before + JSON.stringify(Object.fromEntries(columns.map((column) => [column, valueOf(collection, raw, column)])))
    before = '\n,'
  }
  yield before === '[' ? '[]\n' : ']\n'
}

/** RFC 4180, and a missing value differs from an empty text; only texts are guarded, or `-1` would no longer be a number. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string') return typeof value === 'object' ? quoted(JSON.stringify(value)) : JSON.stringify(value)
  return value === '' ? '""' : quoted(FORMULA.test(value) ? `'${value}` : value)
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
