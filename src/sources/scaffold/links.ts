import type { LiveSchema, LiveTable } from '../postgres/introspect/live-schema.ts'
import { partsOf, sameName, type Vocabulary } from './names.ts'

/** Rows of `table` point at rows of `to`. */
export interface Link {
  readonly table: string
  readonly columns: readonly string[]
  readonly to: string
  readonly referenced: readonly string[]
  /** No foreign key says so, only the name of the column. */
  readonly inferred: boolean
  /** The row may be without it, and stays when what it points at goes. */
  readonly loose: boolean
  /** The row cannot be told from others, or cannot stay, without what it points at. */
  readonly tight: boolean
}

/** Foreign keys inside the schema, and columns that are named like the key of another table, such as `customer_id` without a foreign key. */
export function linksOf(schema: LiveSchema, vocabulary: Vocabulary): readonly Link[] {
  const tables = new Map(schema.tables.map((table) => [table.name, table]))
  const declared = schema.foreign_keys.flatMap(({ table, columns, references, referenced, on_delete }): Link[] => {
    const from = tables.get(table)
    if (from === undefined || !tables.has(references)) return []
    const nullable = columns.some((name) => from.columns.find((column) => column.name === name)?.not_null !== true)
    const tight = columns.every((name) => from.key.includes(name)) || on_delete === 'cascade'
    return [{ table, columns, to: references, referenced, inferred: false, loose: nullable && on_delete === 'set null', tight }]
  })
  const inferred = schema.tables.flatMap((table) => {
    if (!holdsRows(table)) return []
    const linked = new Set(declared.filter((link) => link.table === table.name).flatMap(({ columns }) => columns))
    return table.columns.flatMap(({ name }) => (linked.has(name) ? [] : guess(schema, table, name, vocabulary)))
  })
  // A key that several partitions declare is one key of their root.
  return [...new Map([...declared, ...inferred].map((link) => [JSON.stringify([link.table, link.columns, link.to]), link])).values()]
}

/** A view shows the rows of others; all the rest has rows of its own, or copies. */
export function holdsRows({ kind }: LiveTable): boolean {
  return kind === 'table' || kind === 'partitioned table'
}

function guess(schema: LiveSchema, table: LiveTable, name: string, vocabulary: Vocabulary): Link[] {
  if (table.key.length === 1 && table.key[0] === name) return []
  const column = table.columns.find((one) => one.name === name)
  const target = schema.tables.find((other) => {
    const [key, ...more] = other.key
    const keyColumn = other.columns.find((one) => one.name === key)
    if (key === undefined || more.length > 0 || other === table || !holdsRows(other) || column?.category !== keyColumn?.category)
      return false
    return (sameName(name, key) && partsOf(key).length > 1) || namesKeyOf(name, other.name, vocabulary)
  })
  return target === undefined
    ? []
    : [{ table: table.name, columns: [name], to: target.name, referenced: target.key, inferred: true, loose: false, tight: false }]
}

/** `sender_customer_id` and `id_customer` name the key of `customers`. */
function namesKeyOf(column: string, table: string, vocabulary: Vocabulary): boolean {
  if (!vocabulary.concepts(column).includes('number')) return false
  const numbers = column.split(/[_\s-]+/).filter((part) => !vocabulary.concepts(part).includes('number'))
  const named = partsOf(numbers.join(' ')).join(' ')
  const wanted = partsOf(table).join(' ')
  return wanted !== '' && (named === wanted || named.endsWith(` ${wanted}`))
}
