import type { ForeignKey } from '../catalog/catalog-links.ts'
import type { Database } from '../connection.ts'

/** How the rows of tables that point at each other can go: in `order`, after what must be loosened has been. */
export interface Untied {
  readonly order: readonly string[]
  /** Foreign keys to be checked only at the end of the transaction. */
  readonly deferred: readonly ForeignKey[]
  /** Foreign keys whose columns become null in the rows that go, before the first of them goes. */
  readonly unlinked: readonly ForeignKey[]
  /** Foreign keys of a circle that can be loosened in neither way: its rows cannot go. Empty when all is well. */
  readonly stuck: readonly ForeignKey[]
}

/**
 * The nodes grouped into circles (groups whose members reach each other; most are alone), each after all that it reaches (Tarjan). Within a
 * group the nodes stay in the order given.
 */
export function circlesOf(nodes: readonly string[], reached: (node: string) => readonly string[]): string[][] {
  const circles: string[][] = []
  const numbers = new Map<string, number>()
  const lowest = new Map<string, number>()
  const open: string[] = []
  const visit = (node: string): number => {
    const number = numbers.size
    numbers.set(node, number)
    lowest.set(node, number)
    open.push(node)
    for (const next of reached(node)) {
      const low = numbers.has(next) ? (open.includes(next) ? (numbers.get(next) ?? number) : number) : visit(next)
      lowest.set(node, Math.min(lowest.get(node) ?? number, low))
    }
    const low = lowest.get(node) ?? number
    if (low === number) {
      const members = new Set(open.splice(open.indexOf(node)))
      circles.push(nodes.filter((one) => members.has(one)))
    }
    return low
  }
  for (const node of nodes) if (!numbers.has(node)) visit(node)
  return circles
}

/**
 * In which order rows of these tables can go, each before those it points at. Where they point in a circle, keys that may be checked at the
 * end are; if that is not enough, keys that may be null are made null first.
 */
export function untie(db: Database, tables: readonly string[]): Untied {
  let links = db.catalog.foreign_keys.filter((key) => isBetween(key, tables))
  const deferred: ForeignKey[] = []
  const unlinked: ForeignKey[] = []
  if (inCircles(tables, links).length > 0) {
    deferred.push(...inCircles(tables, links).filter(({ deferrable }) => deferrable))
    links = links.filter((key) => !deferred.includes(key))
  }
  for (;;) {
    const tied = inCircles(tables, links)
    const loose = tied.find((key) => nullableColumns(db, key).length > 0)
    if (tied.length === 0 || loose === undefined) {
      const order = circlesOf(tables, (table) => links.filter(({ references }) => references === table).map((key) => key.table)).flat()
      return { order, deferred, unlinked, stuck: tied }
    }
    unlinked.push(loose)
    links = links.filter((key) => key !== loose)
  }
}

/** The columns that loosen a foreign key when they are null; none when it cannot be loosened so. */
export function nullableColumns(db: Database, { table, columns, full }: ForeignKey): readonly string[] {
  const known = db.catalog.tables.get(table)?.columns
  const nullable = columns.filter((name) => known?.get(name)?.not_null === false && !known.get(name)?.generated)
  return full && nullable.length < columns.length ? [] : nullable
}

function isBetween({ table, references }: ForeignKey, tables: readonly string[]): boolean {
  return table !== references && tables.includes(table) && tables.includes(references)
}

/** Links both of whose ends lie in the same circle. */
function inCircles(tables: readonly string[], links: readonly ForeignKey[]): ForeignKey[] {
  const circles = circlesOf(tables, (table) => links.filter(({ references }) => references === table).map((key) => key.table))
  return links.filter((key) => circles.some((circle) => circle.includes(key.table) && circle.includes(key.references)))
}
