import type { Collection, Strategy } from '../../../policy/schema.ts'
import type { SchemaProblem } from '../../source.ts'
import type { ForeignKey, Reaction } from '../catalog/catalog-links.ts'
import { changedTables, goesWithPerson, type ChangedTables, type Occasion } from './changed-tables.ts'
import type { Database } from '../connection.ts'
import { untie } from '../change/cycles.ts'

const ACTS = ['cascade', 'set null', 'set default'] as const

/**
 * What the database would do by itself when the policy deletes or sets rows, and the policy does not say: a foreign key that takes or empties
 * rows of another table, a trigger that nobody has explained, a rule that rewrites the statement; and circles of rows that could never go.
 */
export function checkCascades(db: Database): readonly SchemaProblem[] {
  const tables = changedTables(db)
  return [
    ...db.catalog.foreign_keys.flatMap((key) => [...onDelete(db, tables, key), ...onUpdate(tables, key)]),
    ...db.catalog.reactions.flatMap((reaction) => unexplained(db, tables, reaction)),
    ...explainedInVain(db),
    ...stuck(db, tables),
  ]
}

function onDelete(db: Database, { deletes }: ChangedTables, key: ForeignKey): SchemaProblem[] {
  if (!isAct(key.on_delete)) return []
  const occasions = deletes.get(key.references) ?? []
  // Occasions come together where several rules delete the same table: each is said.
  return occasions
    .filter((occasion) => !isForeseen(db, key, occasion))
    .map(({ collection, by }) => ({
      collection,
      sentence: `table ${key.table}, constraint ${key.name}: ON DELETE ${key.on_delete.toUpperCase()} would change rows of ${key.table} that nobody planned when ${by} deletes rows of ${key.references}; ${remedy(key, by)}`,
    }))
}

function remedy({ table, columns, on_delete }: ForeignKey, by: string): string {
  const first = on_delete === 'cascade' ? 'go first (on_erasure: delete)' : `are unlinked first (set: { ${columns[0] ?? ''}: null })`
  return by === 'an erasure'
    ? `map ${table} by a collection opened by ${columns.join(', ')}, whose rows ${first}, or change the constraint to NO ACTION`
    : `name ${table} under "with" of the rule, or change the constraint`
}

/**
 * Rows of the pointing table go, or lose what points, in the same work and before the rows that they point at: all of them, also those of
 * other people. Only a collection opened by the pointing columns themselves finds them all; of rows of the same table those of others must stay.
 */
function isForeseen(db: Database, key: ForeignKey, { rule }: Occasion): boolean {
  const collections = [...db.policy.collections.values()].filter(({ source, table }) => source === db.declaration.id && table === key.table)
  const unlinks = (set: Readonly<Record<string, Strategy>>): boolean =>
    key.on_delete !== 'cascade' && key.columns.some((column) => column in set && set[column] === null)
  if (rule === undefined)
    return collections.some(
      (collection) =>
        (findsAll(collection, key) || hangTogether(db, collection, key)) &&
        ((goesWithPerson(collection) && key.table !== key.references) || unlinks(collection.set)),
    )
  return rule.with.some((dependent) => {
    return collections.some(({ id }) => id === dependent.collection) && (dependent.action === 'delete' || unlinks(dependent.set))
  })
}

function findsAll({ opened_by }: Collection, key: ForeignKey): boolean {
  const wanted = key.columns.toSorted().join()
  return opened_by.some(
    ({ columns, when, meaning }) => meaning === 'own' && Object.keys(when).length === 0 && columns.toSorted().join() === wanted,
  )
}

/**
 * The policy says that the rows point at rows of the same person, which are nobody themselves: opened by the same identifier and joined by a ref.
 * Only of what is emptied: the schema can be trusted less with rows that would go.
 */
function hangTogether(db: Database, { opened_by, refs }: Collection, key: ForeignKey): boolean {
  if (key.on_delete === 'cascade' || key.table === key.references) return false
  const pointed = Object.values(refs)
    .filter(({ columns }) => columns.toSorted().join() === key.columns.toSorted().join())
    .flatMap(({ collection }) => db.policy.collections.get(collection) ?? [])
  const kinds = new Set(opened_by.filter(({ meaning }) => meaning === 'own').map(({ identifier }) => identifier))
  return pointed.some(
    (one) => !one.is_person && one.opened_by.some(({ identifier, meaning }) => meaning === 'own' && kinds.has(identifier)),
  )
}

function onUpdate({ updates }: ChangedTables, key: ForeignKey): SchemaProblem[] {
  if (!isAct(key.on_update)) return []
  return key.referenced.flatMap((column) => {
    const occasion = updates.get(key.references)?.get(column)
    if (occasion === undefined) return []
    const { collection, by } = occasion
    const sentence = `table ${key.table}, constraint ${key.name}: ON UPDATE ${key.on_update.toUpperCase()} would change rows of ${key.table} that nobody planned when ${by} sets ${key.references}.${column}`
    return [{ collection, sentence }]
  })
}

function unexplained(db: Database, { deletes, updates }: ChangedTables, { table, name, kind, on, columns }: Reaction): SchemaProblem[] {
  const explained = [...db.policy.collections.values()].some(
    (collection) => collection.source === db.declaration.id && collection.table === table && name in collection.triggers,
  )
  if (explained && kind === 'trigger') return []
  const deleted = on.includes('delete') ? deletes.get(table)?.[0] : undefined
  const set = [...(on.includes('update') ? (updates.get(table) ?? []) : [])].find(
    ([column]) => columns.length === 0 || columns.includes(column),
  )
  const occasion = deleted ?? set?.[1]
  if (occasion === undefined) return []
  const what = deleted === undefined ? `sets ${table}.${set?.[0] ?? ''}` : `deletes rows of ${table}`
  const sentence =
    kind === 'trigger'
      ? `table ${table}, trigger ${name}: it runs when ${occasion.by} ${what}, and what it does cannot be seen; say it under "triggers" of the collection`
      : `table ${table}, rule ${name}: it rewrites the statement by which ${occasion.by} ${what}, so nobody could tell what was done`
  return [{ collection: occasion.collection, sentence }]
}

/** A trigger that is explained and not there may have been renamed: the explanation would cover whatever comes under its name next. */
function explainedInVain(db: Database): SchemaProblem[] {
  return [...db.policy.collections.values()]
    .filter(({ source }) => source === db.declaration.id)
    .flatMap(({ id: collection, table, triggers }) =>
      Object.entries(triggers).flatMap(([name, { writes_to }]) => {
        const there = db.catalog.reactions.some((reaction) => reaction.table === table && reaction.name === name)
        const missing = writes_to.filter((into) => !db.catalog.tables.has(into))
        return [
          ...(there ? [] : [{ collection, sentence: `table ${table}, trigger ${name}: expected to run on DELETE or UPDATE, got none` }]),
          ...missing.map((into) => ({
            collection,
            sentence: `table ${db.catalog.schema}.${into} (written by trigger ${name}): expected to exist, got nothing`,
          })),
        ]
      }),
    )
}

function stuck(db: Database, { deletes }: ChangedTables): SchemaProblem[] {
  const erased = [...deletes].flatMap(([table, occasions]) => (occasions.some(({ rule }) => rule === undefined) ? [table] : []))
  return untie(db, erased).stuck.map(({ table, name, references }) => ({
    collection: deletes.get(table)?.[0]?.collection ?? '',
    sentence: `table ${table}, constraint ${name}: expected a key that may be null or deferred, as rows of ${table} and ${references} hold each other in a circle and could never go`,
  }))
}

function isAct(on: ForeignKey['on_delete']): boolean {
  return ACTS.some((act) => act === on)
}
