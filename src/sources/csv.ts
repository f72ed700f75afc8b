/** A spreadsheet takes a cell that begins so for a formula. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/

/** A line of CSV, as RFC 4180 has it, whose texts no spreadsheet takes for a formula; a missing value differs from an empty text. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\n`
}

/** The line with the names of the columns, which at a manual source somebody has typed: guarded as texts are. */
export function csvHeader(columns: readonly string[]): string {
  return `${columns.map((column) => quoted(guarded(column))).join(',')}\n`
}

/** Only texts are guarded, or `-1` would no longer be a number. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string') return typeof value === 'object' ? quoted(JSON.stringify(value)) : JSON.stringify(value)
  return value === '' ? '""' : quoted(guarded(value))
}

function guarded(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
