import type { Dump } from './database.ts'

const SHOWN = 4
const LONGEST = 400

/** Throws, naming the first differences, unless both lists hold the same lines, in whatever order. */
export function expectSame(what: string, got: readonly string[], wanted: readonly string[]): void {
  const [lacking, extra] = [without(wanted, got), without(got, wanted)]
  if (lacking.length === 0 && extra.length === 0) return
  throw new Error([what, ...shown('  lacking', lacking), ...shown('  not wanted', extra)].join('\n'))
}

/** The rows of a dump, one line each. */
export function linesOf(dump: Dump, tables: readonly string[] = [...dump.keys()]): string[] {
  return tables.flatMap((table) => [...(dump.get(table)?.values() ?? [])].map((cells) => `${table} ${JSON.stringify(cells)}`))
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}

function shown(label: string, lines: readonly string[]): string[] {
  const first = lines.slice(0, SHOWN).map((line) => `${label}: ${line.slice(0, LONGEST)}`)
  return lines.length > SHOWN ? [...first, `${label}: ${lines.length - SHOWN} more`] : first
}
