import type { Change } from '../../source.ts'
import type { ForeignKey } from '../catalog/catalog-links.ts'
import type { Database } from '../connection.ts'
import { circlesOf, untie } from './cycles.ts'
import { mapped } from '../names.ts'

/** Changes that are made one after the other: those of one table, or of tables that point at each other in a circle. */
export interface Stage<T> {
  /** Values are set before rows go; rows that point at others go first. */
  readonly items: readonly T[]
  /** Which rows are meant must be settled before the first is changed: later changes are found by what earlier ones change. */
  readonly together: boolean
  readonly deferred: readonly ForeignKey[]
  readonly unlinked: readonly ForeignKey[]
  readonly stuck: readonly ForeignKey[]
}

/**
 * The changes in an order that foreign keys and refs allow: rows that point at others first, so that nothing is left pointing nowhere, and
 * what a row says through a ref is still true when it is read.
 */
export function stagesOf<T>(db: Database, items: readonly T[], changeOf: (item: T) => Change): readonly Stage<T>[] {
  const tableOf = (item: T): string => mapped(db, changeOf(item).selection.collection).table.name
  const bySet = items.toSorted((a, b) => Number(isDelete(changeOf(a))) - Number(isDelete(changeOf(b))))
  const tables = [...new Set(bySet.map(tableOf))]
  return circlesOf(tables, (table) => pointingAt(db, table).filter((child) => tables.includes(child))).map((circle) => {
    const members = bySet.filter((item) => circle.includes(tableOf(item)))
    const going = members.filter((item) => isDelete(changeOf(item)))
    const { order, ...tied } = untie(db, [...new Set(going.map(tableOf))])
    const inOrder = going.toSorted((a, b) => order.indexOf(tableOf(a)) - order.indexOf(tableOf(b)))
    return {
      items: [...members.filter((item) => !going.includes(item)), ...inOrder],
      together: circle.length > 1 || (members.length > 1 && circle.some((table) => pointsAtItself(db, table))),
      ...tied,
    }
  })
}

/**
 * The changes as groups that must be one transaction each, in their order. A change whose rows can point at each other is marked: in batches
 * a row could go before one that still points at it.
 */
export function sequenceOf(db: Database, changes: readonly Change[]): readonly (readonly Change[])[] {
  return stagesOf(db, changes, (change) => change).map(({ items }) =>
    items.map((change) => {
      const { table } = mapped(db, change.selection.collection)
      return isDelete(change) && pointsAtItself(db, table.name) ? { ...change, whole: true } : change
    }),
  )
}

function isDelete({ action }: Change): boolean {
  return action.kind === 'delete'
}

function pointsAtItself(db: Database, table: string): boolean {
  return db.catalog.foreign_keys.some((key) => key.table === table && key.references === table)
}

/** Tables whose rows point at rows of this one, by a foreign key or by a ref of the policy. */
function pointingAt(db: Database, table: string): readonly string[] {
  const keys = db.catalog.foreign_keys.filter(({ references }) => references === table).map((key) => key.table)
  const refs = [...db.policy.collections.values()]
    .filter(({ source }) => source === db.declaration.id)
    .filter(({ refs: declared }) =>
      Object.values(declared).some(({ collection }) => db.policy.collections.get(collection)?.table === table),
    )
    .map((collection) => collection.table)
  return [...new Set([...keys, ...refs])].filter((child) => child !== table)
}
