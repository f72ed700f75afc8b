import type { Strategy } from '../../src/policy/schema.ts'
import { readArray } from './columns.ts'
import { decidedRows, fold, isSharedOnly, mappedOf, openingsOf, tableOf, type Expected } from './oracle.ts'
import { tuple, type Mapped, type Row, type World } from './world.ts'

/** A row after an erasure; `loose` columns may hold anything that passes. */
export interface RowAfter {
  readonly cells: Row['cells']
  readonly loose?: Readonly<Record<string, (now: string | null) => boolean>>
}

/** The database after an erasure, or the reason why the source must refuse it. */
export type After =
  | { readonly tables: ReadonlyMap<string, readonly RowAfter[]> }
  | { readonly refused: readonly ('constraint' | 'unexpected_rows')[] }

/** What an erasure must leave at one source. */
export function expectErased(world: World, expected: Expected, source: string): After {
  const tables = new Map<string, readonly RowAfter[]>()
  const held = heldCollections(world, expected)
  for (const [name, table] of world.tables) {
    const mapped = world.collections[name]
    const decided = new Set(mapped === undefined || table.source !== source ? [] : decidedRows(world, expected, name))
    tables.set(
      name,
      table.rows.flatMap((row): RowAfter[] => {
        if (mapped === undefined || held.has(name) || !decided.has(row)) return [row]
        if ((mapped.on_erasure ?? 'delete') === 'delete') return isSharedOnly(world, name) ? [row] : []
        return mapped.on_erasure === 'leave' ? [row] : [changedRow(row, mapped.set ?? {}, expected)]
      }),
    )
  }
  const refused = refusals(world, tables)
  return refused.length > 0 ? { refused } : { tables }
}

/** What is under hold stays, and with it all that its rows refer to, however far. */
function heldCollections(world: World, expected: Expected): Set<string> {
  const held = new Set<string>()
  const add = (name: string): void => {
    if (held.has(name)) return
    held.add(name)
    for (const { collection } of Object.values(mappedOf(world, name).refs ?? {})) add(collection)
  }
  if (world.hold !== undefined && decidedRows(world, expected, world.hold).length > 0) add(world.hold)
  return held
}

function changedRow(row: Row, set: NonNullable<Mapped['set']>, expected: Expected): RowAfter {
  const cells = { ...row.cells }
  const loose: Record<string, (now: string | null) => boolean> = {}
  for (const [column, strategy] of Object.entries(set)) {
    const cell = row.cells[column] ?? null
    const to = changedCell(cell, strategy, expected)
    if (typeof to === 'function') loose[column] = to
    else cells[column] = to
  }
  return { cells, loose }
}

function changedCell(cell: string | null, strategy: Strategy, { addresses }: Expected): string | null | ((now: string | null) => boolean) {
  if (strategy === null) return null
  if ('value' in strategy) return String(strategy.value)
  if (cell === null) return null
  if ('drop' in strategy) return dropped(cell, strategy.drop)
  if ('remove' in strategy) {
    const others = readArray(cell).filter((part) => !addresses.has(fold(part)))
    return (now) => now !== null && JSON.stringify(readArray(now)) === JSON.stringify(others)
  }
  if ('truncate' in strategy) {
    if (strategy.truncate === 'year') return `${cell.slice(0, 4)}-01-01`
    if (strategy.truncate === 'month') return `${cell.slice(0, 7)}-01`
    return (now) => now === cell.replace(/\.\d+(\/32)?$/, '.0/24')
  }
  // A replacement or a pseudonym: it says nothing of the person any more.
  return (now) => now !== null && !now.includes('«') && (now !== cell || !/[^01falsetrue{}.-]/.test(cell))
}

/** What stands in jsonb without these keys, as PostgreSQL writes it. */
function dropped(cell: string, keys: readonly string[]): string {
  const rest = Object.entries(JSON.parse(cell) as Record<string, unknown>).filter(([key]) => !keys.includes(key))
  return `{${rest.map(([key, value]) => `"${key}": ${JSON.stringify(value).replaceAll(',', ', ')}`).join(', ')}}`
}

/** Rows that stay and point at rows that go: the database would refuse, or change what nobody has decided about. */
function refusals(world: World, after: ReadonlyMap<string, readonly RowAfter[]>): ('constraint' | 'unexpected_rows')[] {
  return world.foreign_keys.flatMap(({ table, columns, target, on_delete }) => {
    const key = tableOf(world, target).key
    const there = new Set((after.get(target) ?? []).map((row) => tuple(row, key)))
    const dangling = (after.get(table) ?? []).filter((row) => {
      const value = JSON.stringify(columns.map((name) => row.cells[name] ?? null))
      return columns.every((name) => (row.cells[name] ?? null) !== null) && !there.has(value)
    })
    return dangling.length === 0 ? [] : [on_delete === 'no action' ? ('constraint' as const) : ('unexpected_rows' as const)]
  })
}

/** Tables whose rows the database would take or empty by itself, though no erasure of a person takes or empties them: a check must say so. */
export function expectComplaints(world: World, source: string): string[] {
  return world.foreign_keys.flatMap(({ table, columns, target, on_delete }) => {
    const [child, parent] = [world.collections[table], world.collections[target]]
    if (tableOf(world, table).source !== source || on_delete === 'no action' || parent === undefined || child === undefined) return []
    const goes = (name: string): boolean =>
      (mappedOf(world, name).on_erasure ?? 'delete') === 'delete' && openingsOf(world, name).some(({ meaning }) => meaning === 'own')
    const emptied = columns.some((name) => child.set?.[name] === null)
    return goes(target) && !goes(table) && !emptied ? [table] : []
  })
}
