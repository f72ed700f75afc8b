import { csvHeader, csvLine } from '../../sources/csv.ts'

/** A table that a person has handed in: every row has as many cells as the header. */
export interface AnsweredTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const MOST_COLUMNS = 100
const MOST_ROWS = 100_000

/**
 * A table from CSV (RFC 4180, with comma or semicolon), or from what a spreadsheet pastes (tabs). A sentence instead when it is none: there is no
 * header, names repeat, or a row has another number of cells.
 */
export function readTable(text: string): AnsweredTable | string {
  const plain = text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n')
  const first = plain.split('\n', 1)[0] ?? ''
  const separator = first.includes('\t') ? '\t' : first.includes(',') || !first.includes(';') ? ',' : ';'
  const lines = cellsOf(plain, separator)
  if (typeof lines === 'string') return lines
  const [header = [], ...rows] = lines
  const columns = header.map((name) => name.trim())
  if (columns.some((name) => name === '')) return 'expected a first line with a name for each column'
  if (new Set(columns).size < columns.length) return 'expected each column to have a name of its own'
  if (columns.length > MOST_COLUMNS || rows.length > MOST_ROWS) return `expected at most ${MOST_COLUMNS} columns and ${MOST_ROWS} rows`
  if (rows.length === 0) return 'expected at least one row below the names of the columns'
  const wrong = rows.findIndex((row) => row.length !== columns.length)
  if (wrong >= 0) return `expected ${columns.length} cells in row ${wrong + 1}, got ${rows[wrong]?.length ?? 0}`
  return { columns, rows }
}

/** The table as CSV whose cells no spreadsheet takes for a formula, or as a JSON array of objects with the texts as they were handed in. */
export function writeTable({ columns, rows }: AnsweredTable, format: 'csv' | 'json'): Buffer {
  if (format === 'csv') return Buffer.from([csvHeader(columns), ...rows.map(csvLine)].join(''))
  const objects = rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])))
  return Buffer.from(`${JSON.stringify(objects)}\n`)
}

/** Lines of cells; a quoted cell may hold separators, line breaks and doubled quotes. */
function cellsOf(text: string, separator: string): string[][] | string {
  const lines: string[][] = []
  let line: string[] = []
  const cell = new RegExp(`"((?:[^"]+|"")*)"(?=[${separator}\\n]|$)|([^${separator}\\n"][^${separator}\\n]*|)`, 'y')
  for (let at = 0; at <= text.length;) {
    cell.lastIndex = at
    const match = cell.exec(text)
    if (match === null) return `expected a closing quote in line ${lines.length + 1}`
    line.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    const end = at + match[0].length
    const stop = text[end]
    if (stop !== undefined && stop !== separator && stop !== '\n')
      return `expected the end of a cell after the quote in line ${lines.length + 1}`
    if (stop !== separator) {
      if (line.length > 1 || line[0] !== '') lines.push(line)
      line = []
    }
    at = end + 1
  }
  return lines
}
