import { readFile } from 'node:fs/promises'
import { Client } from 'pg'
import { parse } from 'yaml'
import { createDatabase, onClose, templateOnce } from './database.ts'

export const PUBLIC_SCHEMAS = ['pagila', 'chinook', 'northwind'] as const
/** Invented, in French and Spanish; no rule of the detector was made with them. */
export const HELD_OUT_SCHEMAS = ['mutuelle', 'academia'] as const
export type PublicSchema = (typeof PUBLIC_SCHEMAS)[number] | (typeof HELD_OUT_SCHEMAS)[number]

/** What is true of one column: whose it is, and how one comes from the row to the person. */
export interface ColumnTruth {
  readonly table: string
  readonly column: string
  readonly personal: boolean
  readonly category: string | undefined
  readonly path: readonly string[] | undefined
}

interface TruthFile {
  readonly [table: string]: {
    readonly personal?: readonly { readonly columns: readonly string[]; readonly category: string; readonly path: readonly string[] }[]
    readonly not_personal?: Readonly<Record<string, string>>
  }
}

/** A database of its own with one of the schemas of tests/fixtures and its rows, as its owner sees it; closed and dropped when the test file ends. */
export async function openPublicSchema(name: PublicSchema): Promise<{ client: Client; url: string }> {
  const template = await templateOnce(name, (url) => load(url, name))
  const { url } = await createDatabase({ template })
  const client = new Client({ connectionString: url, application_name: `test looks at ${name}` })
  await client.connect()
  onClose(`client of ${name}`, () => client.end())
  return { client, url }
}

/** The truth of every column, as it was written down before there was a detector. */
export async function readTruth(folder: string): Promise<readonly ColumnTruth[]> {
  const file: TruthFile = parse(await readFile(`${folder}/truth.yaml`, 'utf8'))
  return Object.entries(file).flatMap(([table, { personal = [], not_personal = {} }]) => [
    ...personal.flatMap(({ columns, category, path }) => columns.map((column) => ({ table, column, personal: true, category, path }))),
    ...Object.keys(not_personal).map((column) => ({ table, column, personal: false, category: undefined, path: undefined })),
  ])
}

async function load(url: string, name: PublicSchema): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    for (const file of ['schema', 'data']) await client.query(await readFile(`tests/fixtures/${name}/${file}.sql`, 'utf8'))
  } finally {
    await client.end()
  }
}
