import type { ArchiveTable } from '../../archives/archive-input.ts'
import { readRecoveryPart } from '../../archives/recovery.ts'
import type { Context } from '../../context.ts'
import { RECOVERY_COLLECTION } from '../../planner/own-records.ts'
import type { Collection, Field, Named } from '../../policy/schema.ts'
import type { ClaimedStep } from '../carrying-out/claim.ts'
import { copiesForAccess } from '../recovery/copies-for-access.ts'
import { csvCell } from './own-data.ts'

/** A sealed file with rows of one collection. */
interface Piece {
  readonly id: string
  readonly key_id: string
  readonly columns: readonly string[]
}

/**
 * What is kept of an earlier erasure, as tables of a copy: one for each collection, values as the system wrote them. Columns that are named and
 * not shown in the live data are not shown here either; nor are texts in which others may appear, since nobody has read these.
 */
export async function recoveryTables(ctx: Context, { request, body }: Pick<ClaimedStep, 'request' | 'body'>): Promise<ArchiveTable[]> {
  if (!body.items.some(({ collection }) => collection === RECOVERY_COLLECTION)) return []
  const pieces = new Map<string, Piece[]>()
  for (const { copy, parts } of await copiesForAccess(ctx, request)) {
    for (const { id, collection, action, columns } of parts) {
      const name = action === 'set' ? `${collection}_before` : collection
      pieces.set(name, [...(pieces.get(name) ?? []), { id, key_id: copy.key_id, columns }])
    }
  }
  return [...pieces].flatMap(([name, files]) => {
    const collection = ctx.policy.collections.get(name) ?? ctx.policy.collections.get(name.replace(/_before$/, ''))
    return collection === undefined ? [] : [tableOf(ctx, collection, name, files)]
  })
}

function tableOf(ctx: Context, collection: Named<Collection>, name: string, files: readonly Piece[]): ArchiveTable {
  const category = ctx.policy.categories.get(collection.category ?? '')
  const copied = new Set(files.flatMap(({ columns }) => columns))
  const fields = Object.entries(collection.fields).filter(([field, { not_personal }]) => copied.has(field) && not_personal === undefined)
  const shown = fields.filter(([, field]) => heldAs(field) === undefined).map(([field]) => field)
  return {
    source: collection.source,
    collection: `${name}_sealed_copy`,
    label: `${collection.label} (sealed copy of what was erased)`,
    category_label: category?.label ?? '',
    purpose: 'Repairing the erasure of a wrong person, until the last day that the letter named',
    columns: shown.map((field) => ({ name: field, type: 'string' })),
    field_labels: Object.fromEntries(fields.flatMap(([field, { label }]) => (label === undefined ? [] : [[field, label]]))),
    held: fields.flatMap(([field, declared]) => {
      const type = heldAs(declared)
      return type === undefined ? [] : [{ field, type }]
    }),
    open: async (format) => encoded(shown, rowsOf(ctx, shown, files), format),
  }
}

function heldAs({ never_disclose, others_may_appear }: Field): string | undefined {
  return never_disclose ?? (others_may_appear ? 'text in which other people may appear' : undefined)
}

async function* rowsOf(ctx: Context, shown: readonly string[], files: readonly Piece[]): AsyncGenerator<(string | null)[]> {
  for (const file of files) {
    const places = shown.map((field) => file.columns.indexOf(field))
    for await (const row of readRecoveryPart(ctx, file)) yield places.map((place) => row[place] ?? null)
  }
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
