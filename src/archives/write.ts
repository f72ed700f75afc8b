import type { Writable } from 'node:stream'
import type { ArchiveFile, ArchiveInput, ArchiveTable } from './archive-input.ts'
import { BAGIT_TXT, bagInfo, bagManifest } from './bagit.ts'
import { describePackage, type WrittenFile, type WrittenTable } from './data-package.ts'
import { archivePage } from './page.tsx'
import { namesOf } from './paths.ts'
import { readmeText } from './readme.ts'
import { watchCsv, watchJson, type RowWatch } from './rows.ts'
import { openZip, type ZipEntry, type ZipWriter } from './zip.ts'

/** What is kept of an archive when its content is gone: names, sizes, hashes and row counts, no values. */
export interface ArchiveManifest {
  readonly entries: readonly ZipEntry[]
  /** Rows by collection, as the CSV has them. */
  readonly rows: Readonly<Record<string, number>>
}

/** The plain ZIP as it was written, whatever the sink made of it. */
export interface WrittenArchive {
  readonly bytes: number
  readonly sha256: string
  readonly manifest: ArchiveManifest
}

const SHOWN_ROWS = 50
const SHOWN_BYTES = 262_144

/**
 * Streams the archive into `sink` as a ZIP whose root is a BagIt bag and a Frictionless Data Package v2, in flat memory, and resolves when
 * the sink has taken all of it. When a source or the sink fails it rejects with that error and the sink is destroyed.
 */
export async function writeArchive(input: ArchiveInput, sink: Writable): Promise<WrittenArchive> {
  const zip = openZip(sink, input.created_at)
  try {
    const names = namesOf(input)
    const tables: WrittenTable[] = []
    for (const table of input.tables) tables.push(await writeTable(zip, table, names.table(table)))
    const files: WrittenFile[] = []
    for (const file of input.files) files.push(await writeFile(zip, file, names.file(file)))
    const entries = await writeTags(zip, input, tables, files)
    const rows = Object.fromEntries(tables.map((one) => [one.table.collection, one.csv.rows]))
    return { ...(await zip.finish()), manifest: { entries, rows } }
  } catch (error) {
    await zip.abandon(error)
    throw error
  }
}

async function writeTable(zip: ZipWriter, table: ArchiveTable, name: string): Promise<WrittenTable> {
  const csv = await writeRows(zip, table, name, 'csv', watchCsv())
  const json = await writeRows(zip, table, name, 'json', watchJson({ keep: SHOWN_ROWS, bytes: SHOWN_BYTES }))
  return { table, csv, json, first: json.first }
}

async function writeRows(zip: ZipWriter, table: ArchiveTable, name: string, format: 'csv' | 'json', watch: RowWatch) {
  const bytes = await table.open(format)
  const entry = await zip.add(`data/${name}.${format}`, watched(bytes, watch))
  return { name: `${name}-${format}`, entry, ...watch.end() }
}

async function* watched(bytes: AsyncIterable<Uint8Array>, watch: RowWatch): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    watch.see(piece)
    yield piece
  }
}

async function writeFile(zip: ZipWriter, file: ArchiveFile, name: string): Promise<WrittenFile> {
  return { file, name: name.replaceAll('.', '-'), entry: await zip.add(`data/files/${name}`, file.bytes) }
}

/** Everything outside `data/`, the manifests last: they hash what was written before them. */
async function writeTags(
  zip: ZipWriter,
  input: ArchiveInput,
  tables: readonly WrittenTable[],
  files: readonly WrittenFile[],
): Promise<ZipEntry[]> {
  const payload = [...tables.flatMap((one) => [one.csv.entry, one.json.entry]), ...files.map((one) => one.entry)]
  const tags: ZipEntry[] = []
  const tag = async (path: string, content: string) => tags.push(await zip.add(path, content))
  await tag('index.html', archivePage(input, tables, files))
  await tag('datapackage.json', jsonText(describePackage(input, tables, files)))
  await tag('metadata/notice.json', jsonText(input.notice))
  await tag('metadata/README.txt', readmeText(input))
  await tag('bagit.txt', BAGIT_TXT)
  const { controller, reference, created_at: date } = input
  await tag('bag-info.txt', bagInfo({ organisation: controller.name, reference, date, payload }))
  await tag('manifest-sha256.txt', bagManifest(payload))
  return [...payload, ...tags, await zip.add('tagmanifest-sha256.txt', bagManifest(tags))]
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
