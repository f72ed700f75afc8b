import type { Change } from '../source.ts'
import type { Database } from './connection.ts'
import { mapped } from './names.ts'

/**
 * The changes in an order that foreign keys and refs allow: rows that point at others first, so that nothing is left pointing nowhere, and
 * what a row says through a ref is still true when it is read. Within one table, and within a circle, values are set before rows go.
 */
export function inOrder(db: Database, changes: readonly Change[]): readonly Change[] {
  const tables = new Set(changes.map((change) => mapped(db, change.selection.collection).table.name))
  const order: string[] = []
  const open = new Set<string>()
  const visit = (table: string): void => {
    if (open.has(table) || order.includes(table)) return
    open.add(table)
    for (const child of pointingAt(db, table)) if (tables.has(child)) visit(child)
    open.delete(table)
    order.push(table)
  }
  // Setting comes first where a circle leaves the choice.
  const bySet = changes.toSorted((a, b) => Number(a.action.kind === 'delete') - Number(b.action.kind === 'delete'))
  for (const change of bySet) visit(mapped(db, change.selection.collection).table.name)
  const rank = (change: Change): number => order.indexOf(mapped(db, change.selection.collection).table.name)
  return bySet.toSorted((a, b) => rank(a) - rank(b))
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
