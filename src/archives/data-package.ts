import type { ArchiveFile, ArchiveInput, ArchiveTable } from './archive-input.ts'
import type { ShownRow } from './rows.ts'
import type { ZipEntry } from './zip.ts'

/** One format of a table as it was written. */
export interface WrittenResource {
  readonly name: string
  readonly entry: ZipEntry
  readonly rows: number
  readonly line_end: string
}

/** A table as it was written: both formats and the first rows. */
export interface WrittenTable {
  readonly table: ArchiveTable
  readonly csv: WrittenResource
  readonly json: WrittenResource
  readonly first: readonly ShownRow[]
}

/** A file of a manual source as it was written. */
export interface WrittenFile {
  readonly file: ArchiveFile
  readonly name: string
  readonly entry: ZipEntry
}

const PROFILE = 'https://datapackage.org/profiles/2.0'

/** `datapackage.json`: a Frictionless Data Package v2 that describes every file under `data/`. */
export function describePackage(input: ArchiveInput, tables: readonly WrittenTable[], files: readonly WrittenFile[]): object {
  const part = input.part ?? 1
  return {
    $schema: `${PROFILE}/datapackage.json`,
    name: `${input.reference.toLowerCase()}${part > 1 ? `-part-${part}` : ''}`,
    title: input.title,
    description: `What ${input.controller.name} gives in answer to the request ${input.reference}. Start with index.html; metadata/README.txt says what each file is.`,
    created: input.created_at.toISOString(),
    contributors: [{ title: input.controller.name, roles: ['publisher'] }],
    resources: [...tables.flatMap((one) => [csvResource(one), jsonResource(one)]), ...files.map(fileResource)],
  }
}

function csvResource({ table, csv }: WrittenTable): object {
  return {
    ...resource(csv, 'csv', 'text/csv'),
    encoding: 'utf-8',
    type: 'table',
    title: table.label,
    description: `${describe(table)} For spreadsheet programs: texts that would be read as a formula begin with an apostrophe here; the JSON file has the raw values.`,
    rows: csv.rows,
    dialect: {
      $schema: `${PROFILE}/tabledialect.json`,
      header: true,
      delimiter: ',',
      lineTerminator: csv.line_end,
      quoteChar: '"',
      doubleQuote: true,
    },
    schema: tableSchema(table, 'csv'),
    ...redacted(table),
  }
}

function jsonResource({ table, json }: WrittenTable): object {
  return {
    ...resource(json, 'json', 'application/json'),
    encoding: 'utf-8',
    type: 'table',
    title: table.label,
    description: `${describe(table)} Raw values${(table.redactions ?? []).length > 0 ? ', but for what is redacted' : ''}.`,
    rows: json.rows,
    dialect: { $schema: `${PROFILE}/tabledialect.json`, itemType: 'object' },
    schema: tableSchema(table, 'json'),
    ...redacted(table),
  }
}

function fileResource({ file, name, entry }: WrittenFile): object {
  return {
    ...resource({ name, entry }, entry.path.split('.').at(-1) ?? 'bin', file.mediatype),
    title: file.name,
    description: `Answer of: ${file.source}.`,
  }
}

function resource(written: Pick<WrittenResource, 'name' | 'entry'>, format: string, mediatype: string): object {
  const { path, bytes, sha256 } = written.entry
  return { $schema: `${PROFILE}/dataresource.json`, name: written.name, path, format, mediatype, bytes, hash: `sha256:${sha256}` }
}

function tableSchema(table: ArchiveTable, format: 'csv' | 'json'): object {
  const fields = table.columns.map((column) => ({ name: column.name, type: column.type, ...titled(table, column.name) }))
  return { $schema: `${PROFILE}/tableschema.json`, fields, ...(format === 'csv' && { missingValues: [''] }) }
}

/** The redaction log of a table, beside what the profile knows: field, reason and number of cells. */
function redacted({ redactions = [] }: ArchiveTable): object {
  return redactions.length === 0 ? {} : { redactions }
}

function titled(table: ArchiveTable, column: string): object {
  const title = table.field_labels?.[column]
  return title === undefined ? {} : { title }
}

function describe(table: ArchiveTable): string {
  return `${table.category_label}: ${table.purpose.replace(/\.?\s*$/, '')}.`
}
