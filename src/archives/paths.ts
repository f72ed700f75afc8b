import type { ArchiveFile, ArchiveInput, ArchiveTable } from './archive-input.ts'

/** Names inside `data/`: safe on every file system, none twice whatever its case, and none chosen by whoever uploaded a file. */
export interface ArchiveNames {
  table(table: ArchiveTable): string
  file(file: ArchiveFile): string
}

/** The names of all tables and files of an archive. */
export function namesOf(input: ArchiveInput): ArchiveNames {
  const taken = new Set<string>()
  const tables = new Map(
    input.tables.map((table) => [table, free(taken, [slug(table.collection), slug(`${table.source}-${table.collection}`)])]),
  )
  // Numbered: the name somebody gave a file may be personal data, and names stay in the manifest when the content is gone.
  const files = new Map(
    input.files.map((file, index) => [file, `${String(index + 1).padStart(2, '0')}-${slug(file.source)}.${extension(file)}`]),
  )
  return { table: (table) => known(tables, table), file: (file) => known(files, file) }
}

function free(taken: Set<string>, wanted: readonly string[]): string {
  const [last = 'data'] = wanted.slice(-1)
  const numbered = Array.from({ length: taken.size + 1 }, (_, index) => `${last}-${index + 2}`)
  const name = [...wanted, ...numbered].find((one) => !taken.has(one)) ?? last
  taken.add(name)
  return name
}

function slug(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80)
  return plain === '' ? 'data' : plain
}

function extension(file: ArchiveFile): string {
  const written = /\.([A-Za-z0-9]{1,8})$/.exec(file.name)?.[1]
  return written?.toLowerCase() ?? (file.mediatype.startsWith('text/plain') ? 'txt' : 'bin')
}

function known<T>(names: ReadonlyMap<T, string>, one: T): string {
  const name = names.get(one)
  if (name === undefined) throw new Error('this is not part of the archive')
  return name
}
