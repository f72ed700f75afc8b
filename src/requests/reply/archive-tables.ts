import { Readable } from 'node:stream'
import type { ArchiveFile, ArchiveTable, Redaction } from '../../archives/archive-input.ts'
import type { Context } from '../../context.ts'
import type { tasks } from '../../db/schema/work.ts'
import { companyItems, OWN_SOURCE } from '../../planner/own-records.ts'
import type { PlanItem } from '../../planner/shape.ts'
import type { Collection } from '../../policy/schema.ts'
import { kindsOf, REDACTED_LABELS } from '../../sources/redaction.ts'
import type { DataSource, DiscloseRequest } from '../../sources/source.ts'
import { answeredTasks } from '../carrying-out/answered-tasks.ts'
import { readTable, writeTable } from '../carrying-out/answered-table.ts'
import type { ClaimedStep } from '../carrying-out/claim.ts'
import { addressesOf, selectionOf } from '../planning/freeze.ts'
import { hiddenCells, hiddenIn } from './hidden-cells.ts'
import { nameOf } from './review-texts.ts'

/** Each collection that the plan discloses, as a table that opens its own rows. */
export async function archiveTables(ctx: Context, { request, body, frozen }: ClaimedStep): Promise<ArchiveTable[]> {
  const items = companyItems(body.items).filter(({ action, source }) => action === 'disclose' && source !== OWN_SOURCE)
  const hidden = await hiddenCells(ctx, request)
  return Promise.all(
    items.map((item) =>
      tableOf(ctx, item, { selection: selectionOf(frozen, item), hidden: hiddenIn(hidden, nameOf(item)), spare: addressesOf(ctx, frozen) }),
    ),
  )
}

async function tableOf(
  ctx: Context,
  item: PlanItem,
  request: Pick<DiscloseRequest, 'selection' | 'hidden' | 'spare'>,
): Promise<ArchiveTable> {
  const source = ctx.sources.get(item.source)
  const collection = ctx.policy.collections.get(item.collection)
  const category = ctx.policy.categories.get(item.category)
  if (source.kind === 'manual' || collection === undefined) throw new Error(`the plan discloses ${item.collection}, which is no table`)
  const labels = Object.entries(collection.fields).flatMap(([name, { label }]) => (label === undefined ? [] : [[name, label] as const]))
  return {
    source: item.source,
    collection: nameOf(item),
    label: item.whose === 'shared' ? `${collection.label} (also of other people)` : collection.label,
    category_label: category?.label ?? item.category,
    purpose: category?.purpose ?? '',
    columns: await source.shape(collection, item.fields),
    field_labels: Object.fromEntries(labels),
    held: item.withheld,
    redactions: await redactionsOf(source, collection, { ...request, columns: item.fields }),
    open: (format) => source.disclose({ ...request, format, columns: item.fields }),
  }
}

/** The redaction log of a table (law.md §4): what was taken out of which field, and of how many cells. */
async function redactionsOf(source: DataSource, collection: Collection, request: Omit<DiscloseRequest, 'format'>): Promise<Redaction[]> {
  const cells = await source.redactions(request)
  return Object.entries(cells).map(([field, number]) => redactionOf(collection, field, number))
}

/** One line of the log: what the field wants taken out, and of how many cells it was. */
export function redactionOf(collection: Collection, field: string, cells: number): Redaction {
  const kinds = kindsOf(collection, field).map((kind) => REDACTED_LABELS[kind])
  return { field, reason: `Other people's ${kinds.join(', ')} were taken out (Art. 15(4) GDPR).`, cells }
}

/** Tables that people have handed in of systems that only they can look into. */
export async function answeredTables(ctx: Context, requestId: string): Promise<ArchiveTable[]> {
  const answered = await answeredTasks(ctx, requestId)
  return Promise.all(answered.filter(({ rows }) => rows !== null).map((task) => answeredTable(ctx, task)))
}

async function answeredTable(ctx: Context, task: typeof tasks.$inferSelect): Promise<ArchiveTable> {
  const table = readTable(await ctx.keys.open(`tasks.rows:${task.id}`, task.rows ?? ''))
  if (typeof table === 'string') throw new Error(`the answer to the task ${task.id} holds no table any more`)
  const source = ctx.policy.sources.get(task.source)
  const category = ctx.policy.categories.get(source?.category ?? '')
  return {
    source: task.source,
    collection: task.source,
    label: source?.label ?? task.source,
    category_label: category?.label ?? '',
    purpose: category?.purpose ?? '',
    columns: table.columns.map((name) => ({ name, type: 'string' })),
    held: [],
    open: async (format) => Readable.from([writeTable(table, format)]),
  }
}

/** What people found in systems that only people can look into. */
export async function archiveFiles(ctx: Context, requestId: string): Promise<ArchiveFile[]> {
  const answered = (await answeredTasks(ctx, requestId)).filter(({ found }) => found === true)
  const files: ArchiveFile[] = []
  for (const task of answered) {
    const source = ctx.policy.sources.get(task.source)?.label ?? task.source
    if (task.answer !== null) {
      const text = await ctx.keys.open(`tasks.answer:${task.id}`, task.answer)
      files.push({ source, name: `${task.source}.txt`, mediatype: 'text/plain', bytes: Buffer.from(text) })
    }
    if (task.file !== null && task.file_name !== null) {
      const name = await ctx.keys.open(`tasks.file_name:${task.id}`, task.file_name)
      const content = await ctx.keys.open(`tasks.file:${task.id}`, task.file)
      files.push({ source, name, mediatype: 'application/octet-stream', bytes: Buffer.from(content, 'base64') })
    }
  }
  return files
}
