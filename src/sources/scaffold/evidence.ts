import { kindOf, type ValueKind } from './values.ts'

/** What sampled values of a column were seen to be: counts, never a value. */
export interface Evidence {
  /** Rows that hold a value. */
  readonly seen: number
  readonly kind: ValueKind | undefined
  /** How many of them are of that kind. */
  readonly hits: number
  /** Places in JSON, or elements of an array (`[]`), that hold such values. */
  readonly leaves: readonly { readonly path: string; readonly kind: ValueKind; readonly hits: number }[]
}

const FEWEST = 3
const SHARE = 0.6
/** Days of birth lie years apart; days of one year's business do not. */
const GENERATION = 20
const LEAF_KEY = /^[A-Za-z_][A-Za-z0-9_-]{0,40}$/

/** Looks at the values of one column; `year` is this year. A name that stands in few rows only may itself be data, and is not told. */
export function weigh(values: readonly (string | null)[], structured: boolean, year: number): Evidence {
  const held = values.flatMap((value) => (value === null || value === '' ? [] : [value]))
  if (structured) return { seen: held.length, kind: undefined, hits: 0, leaves: weighLeaves(held, year) }
  const counts = new Map<ValueKind, number>()
  for (const value of held) {
    const kind = kindOf(value, year)
    if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  const [kind, hits] = [...counts].toSorted((a, b) => b[1] - a[1])[0] ?? [undefined, 0]
  const enough = hits >= FEWEST && hits >= held.length * SHARE && (kind !== 'birth_date' || spread(held) >= GENERATION)
  return { seen: held.length, kind: enough ? kind : undefined, hits: enough ? hits : 0, leaves: [] }
}

function spread(days: readonly string[]): number {
  const years = days.map((day) => Number.parseInt(day, 10)).filter((year) => year > 0)
  return Math.max(...years) - Math.min(...years)
}

function weighLeaves(documents: readonly string[], year: number): Evidence['leaves'] {
  const found = new Map<string, { rows: number; kinds: Map<ValueKind, number> }>()
  for (const text of documents) {
    const inRow = new Map<string, Set<ValueKind | undefined>>()
    collect(parsed(text), '', inRow, year)
    for (const [path, kinds] of inRow) {
      const known = found.get(path) ?? { rows: 0, kinds: new Map<ValueKind, number>() }
      known.rows += 1
      for (const kind of kinds) if (kind !== undefined) known.kinds.set(kind, (known.kinds.get(kind) ?? 0) + 1)
      found.set(path, known)
    }
  }
  return [...found].flatMap(([path, { rows, kinds }]) => {
    const [kind, hits] = [...kinds].toSorted((a, b) => b[1] - a[1])[0] ?? [undefined, 0]
    // A key that only some rows have may be somebody's name.
    return kind === undefined || hits < FEWEST || hits < rows * SHARE || rows < documents.length / 5 ? [] : [{ path, kind, hits }]
  })
}

/** Every place below a JSON value, with what its values are; paths as the policy writes them, `->key` and `[]`. */
function collect(value: unknown, path: string, into: Map<string, Set<ValueKind | undefined>>, year: number): void {
  if (Array.isArray(value)) {
    if (!path.endsWith('[]')) for (const element of value) collect(element, `${path}[]`, into, year)
    return
  }
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value))
      if (LEAF_KEY.test(key) && kindOf(key, year) === undefined) collect(inner, `${path}->${key}`, into, year)
    return
  }
  if (typeof value !== 'string') return
  const kinds = into.get(path) ?? new Set()
  into.set(path, kinds.add(kindOf(value, year)))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
