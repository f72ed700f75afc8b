import type { Collection, Named, Rule } from '../../../policy/schema.ts'
import type { Database } from '../connection.ts'
import { untie } from '../change/cycles.ts'

/** Why rows of a table may go or be changed: an erasure, a correction, or a rule of the schedule. */
export interface Occasion {
  readonly collection: string
  /** `an erasure`, `a rectification`, `a restriction`, `rule <id>`. */
  readonly by: string
  readonly rule?: Named<Rule>
}

/** What the policy lets us do to the tables of a source. */
export interface ChangedTables {
  readonly deletes: ReadonlyMap<string, readonly Occasion[]>
  /** By table and column. */
  readonly updates: ReadonlyMap<string, ReadonlyMap<string, Occasion>>
}

/** Rows of it go when their person is erased; where every link is shared none does, whatever the policy says. */
export function goesWithPerson({ category, opened_by, on_erasure }: Collection): boolean {
  return category !== undefined && opened_by.some(({ meaning }) => meaning === 'own') && on_erasure === 'delete'
}

/** Everything that requests and the schedule may delete or set at this source, by table. */
export function changedTables(db: Database): ChangedTables {
  const deletes = new Map<string, Occasion[]>()
  const updates = new Map<string, Map<string, Occasion>>()
  const remove = (table: string, occasion: Occasion): void => void deletes.set(table, [...(deletes.get(table) ?? []), occasion])
  const set = (table: string, columns: readonly string[], occasion: Occasion): void => {
    const known = updates.get(table) ?? new Map<string, Occasion>()
    if (columns.length > 0) updates.set(table, known)
    for (const column of columns) known.set(column, occasion)
  }
  const mappedHere = [...db.policy.collections.values()].filter(({ source }) => source === db.declaration.id)
  for (const collection of mappedHere) {
    const { id, table } = collection
    if (goesWithPerson(collection)) remove(table, { collection: id, by: 'an erasure' })
    else set(table, Object.keys(collection.set), { collection: id, by: 'an erasure' })
    set(table, Object.keys(collection.restrict_with), { collection: id, by: 'a restriction' })
    const correctable = Object.entries(collection.fields).flatMap(([name, field]) => (field.correctable ? [name] : []))
    set(table, correctable, { collection: id, by: 'a rectification' })
  }
  for (const key of untie(db, [...deletes.keys()]).unlinked) {
    set(key.table, key.columns, { collection: deletes.get(key.table)?.[0]?.collection ?? '', by: 'an erasure' })
  }
  for (const rule of db.policy.rules.values()) {
    const changes = [{ collection: rule.collection, action: rule.action, set: rule.set }, ...rule.with]
    for (const { collection: id, action, set: columns } of changes) {
      const collection = mappedHere.find((one) => one.id === id)
      if (collection === undefined) continue
      const occasion = { collection: collection.id, by: `rule ${rule.id}`, rule }
      if (action === 'delete') remove(collection.table, occasion)
      else set(collection.table, Object.keys(columns), occasion)
    }
  }
  return { deletes, updates }
}
