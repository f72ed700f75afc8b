import type { ArchiveTable, Redaction } from '../../archives/archive-input.ts'
import { readRecoveryPart } from '../../archives/recovery.ts'
import type { Context } from '../../context.ts'
import { RECOVERY_COLLECTION } from '../../planner/own-records.ts'
import type { Collection, Field, Named } from '../../policy/schema.ts'
import { kindsOf, redactText } from '../../sources/redaction.ts'
import type { ClaimedStep } from '../carrying-out/claim.ts'
import { copiesForAccess } from '../recovery/copies-for-access.ts'
import { addressesOf } from '../planning/freeze.ts'
import { redactionOf } from './archive-tables.ts'
import { csvCell } from './own-data.ts'

/** A sealed file with rows of one collection. */
interface Piece {
  readonly id: string
  readonly key_id: string
  readonly columns: readonly string[]
}

/** The pieces of one table of the answer: a collection's rows that went, or those that were changed, as they were before. */
interface Sealed {
  readonly collection: Named<Collection>
  readonly action: 'delete' | 'set'
  readonly files: Piece[]
}

/**
 * What is kept of an earlier erasure, as tables of a copy: two for each collection at most, values as the system wrote them, but for what its
 * fields want redacted. Columns that are named and not shown in the live data are not shown here either; nor are texts in which others may
 * appear, since nobody has read these.
 */
export async function recoveryTables(
  ctx: Context,
  { request, body, frozen }: Pick<ClaimedStep, 'request' | 'body' | 'frozen'>,
): Promise<ArchiveTable[]> {
  if (!body.items.some(({ collection }) => collection === RECOVERY_COLLECTION)) return []
  const tables = new Map<string, Sealed>()
  for (const { copy, parts } of await copiesForAccess(ctx, request)) {
    for (const { id, collection: name, action, columns } of parts) {
      const collection = ctx.policy.collections.get(name)
      if (collection === undefined) continue
      const table = tables.get(`${action} ${name}`) ?? { collection, action, files: [] }
      table.files.push({ id, key_id: copy.key_id, columns })
      tables.set(`${action} ${name}`, table)
    }
  }
  const spare = addressesOf(ctx, frozen)
  return Promise.all([...tables.values()].map((table) => tableOf(ctx, table, spare)))
}

async function tableOf(ctx: Context, { collection, action, files }: Sealed, spare: readonly string[]): Promise<ArchiveTable> {
  const category = ctx.policy.categories.get(collection.category ?? '')
  const copied = new Set(files.flatMap(({ columns }) => columns))
  const fields = Object.entries(collection.fields).filter(([field, { not_personal }]) => copied.has(field) && not_personal === undefined)
  const shown = fields.filter(([, field]) => heldAs(field) === undefined).map(([field]) => field)
  const reading = { collection, shown, files, spare }
  return {
    source: collection.source,
    // No collection has a dot in its name.
    collection: `${collection.id}${action === 'set' ? '.before' : ''}.sealed_copy`,
    label: `${collection.label} (sealed copy of what was ${action === 'set' ? 'changed' : 'erased'})`,
    category_label: category?.label ?? '',
    purpose: 'Repairing the erasure of a wrong person, until the last day that the letter named',
    columns: shown.map((field) => ({ name: field, type: 'string' })),
    field_labels: Object.fromEntries(fields.flatMap(([field, { label }]) => (label === undefined ? [] : [[field, label]]))),
    held: fields.flatMap(([field, declared]) => {
      const type = heldAs(declared)
      return type === undefined ? [] : [{ field, type }]
    }),
    redactions: await redactionsOf(ctx, reading),
    open: async (format) => encoded(shown, shownRows(ctx, reading), format),
  }
}

function heldAs({ never_disclose, others_may_appear }: Field): string | undefined {
  return never_disclose ?? (others_may_appear ? 'text in which other people may appear' : undefined)
}

/** How one table is read: which of its columns, from which files, and the person's own addresses, which stay. */
interface Reading {
  readonly collection: Named<Collection>
  readonly shown: readonly string[]
  readonly files: readonly Piece[]
  readonly spare: readonly string[]
}

async function* rowsOf(ctx: Context, { shown, files }: Reading): AsyncGenerator<(string | null)[]> {
  for (const file of files) {
    const places = shown.map((field) => file.columns.indexOf(field))
    for await (const row of readRecoveryPart(ctx, file)) yield places.map((place) => row[place] ?? null)
  }
}

async function* shownRows(ctx: Context, reading: Reading): AsyncGenerator<(string | null)[]> {
  const kinds = reading.shown.map((field) => kindsOf(reading.collection, field))
  for await (const row of rowsOf(ctx, reading)) {
    yield row.map((cell, index) => (cell === null ? null : redactText(cell, kinds[index] ?? [], reading.spare)))
  }
}

/** The redaction log, which is written before the rows are: they are read once more for it, where there is something to look for. */
async function redactionsOf(ctx: Context, { collection, shown, files, spare }: Reading): Promise<Redaction[]> {
  const redacted = shown.filter((field) => kindsOf(collection, field).length > 0)
  if (redacted.length === 0) return []
  const cells = redacted.map(() => 0)
  for await (const row of rowsOf(ctx, { collection, shown: redacted, files, spare })) {
    for (const [index, cell] of row.entries()) {
      if (cell !== null && redactText(cell, kindsOf(collection, redacted[index] ?? ''), spare) !== cell)
        cells[index] = (cells[index] ?? 0) + 1
    }
  }
  return redacted.flatMap((field, index) => ((cells[index] ?? 0) > 0 ? [redactionOf(collection, field, cells[index] ?? 0)] : []))
}

async function* encoded(
  names: readonly string[],
  rows: AsyncIterable<readonly (string | null)[]>,
  format: 'csv' | 'json',
): AsyncGenerator<Uint8Array> {
  if (format === 'csv') {
    const line = (cells: readonly string[]) => Buffer.from(`${cells.map(csvCell).join(',')}\r\n`)
    yield line(names)
    for await (const row of rows) yield line(row.map((cell) => cell ?? ''))
    return
  }
  let before = '['
  for await (const row of rows) {
    yield Buffer.from(`${before}\n${JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index]])))}`)
    before = ','
  }
  yield Buffer.from(before === '[' ? '[]' : '\n]')
}
