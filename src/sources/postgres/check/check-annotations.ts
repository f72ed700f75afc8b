import type { Collection, Named } from '../../../policy/schema.ts'
import type { Drift } from '../../source.ts'
import type { Database } from '../connection.ts'
import type { Ground, GroundTable } from '../catalog/ground.ts'

/** The collections of this source that stand for a table; more than one may. */
export function collectionsOf(db: Database, table: string): readonly Named<Collection>[] {
  return [...db.policy.collections.values()].filter((one) => one.source === db.declaration.id && one.table === table)
}

/** Only passed through: it links, and no copy shows it. */
export function isBridge({ category, opened_by }: Collection): boolean {
  return category === undefined && opened_by.some(({ meaning }) => meaning === 'bridge')
}

/** Tables and columns of which the data map says neither what they hold nor why they hold nothing; and what it speaks of that is not there. */
export function annotationProblems(db: Database, ground: Ground): readonly Drift[] {
  const { id, schema, not_personal } = db.declaration
  const problems: Drift[] = []
  for (const table of ground.tables.values()) {
    const collections = collectionsOf(db, table.name)
    const said = not_personal[table.name] !== undefined
    if (collections.length > 0 && said) problems.push(twice(db, table))
    if (collections.length === 0 && !said) {
      const sentence = `${table.kind} ${schema}.${table.name}: expected a collection, or a reason under not_personal of ${id}, got neither`
      problems.push({ ...error, code: 'table_not_annotated', collection: '', table: table.name, sentence })
    }
    problems.push(...(collections.length === 0 ? [] : tableProblems(collections, table)))
  }
  for (const name of Object.keys(not_personal)) {
    if (ground.tables.has(name)) continue
    const sentence = `table ${schema}.${name}: named under not_personal of ${id}, expected to exist, got nothing`
    problems.push({ ...error, code: 'annotated_gone', collection: '', table: name, sentence })
  }
  return problems
}

const error = { severity: 'error', column: '' } as const

function twice(db: Database, table: GroundTable): Drift {
  const sentence = `table ${table.name}: expected a collection or a place under not_personal of ${db.declaration.id}, got both`
  return { ...error, code: 'annotated_twice', collection: collectionsOf(db, table.name)[0]?.id ?? '', table: table.name, sentence }
}

function tableProblems(collections: readonly Named<Collection>[], table: GroundTable): readonly Drift[] {
  const [first] = collections
  if (first === undefined) return []
  if (collections.every((one) => one.category === undefined && one.not_personal !== undefined)) return []
  if (collections.every((one) => one.category === undefined && one.not_personal === undefined && !isBridge(one))) {
    const sentence = `table ${table.name}: expected a category, or not_personal with the reason why its rows are about nobody, got neither`
    return [{ ...error, code: 'reason_missing', collection: first.id, table: table.name, sentence }]
  }
  const known = new Set(collections.flatMap(annotated))
  return table.columns
    .filter((column) => !known.has(column))
    .map((column) => ({
      ...error,
      code: 'column_not_annotated',
      collection: first.id,
      table: table.name,
      column,
      sentence: `${table.name}.${column}: expected a field, with not_personal and a reason where it says nothing of a person, got nothing`,
    }))
}

/** Columns that a collection speaks of; of a bridge also those that link, for there are no fields to show. */
function annotated(collection: Named<Collection>): readonly string[] {
  const declared = [...collection.key, ...Object.keys(collection.fields)]
  if (!isBridge(collection)) return declared
  const refs = Object.values(collection.refs).flatMap(({ columns }) => columns)
  const opened = collection.opened_by.flatMap(({ columns, when }) => [...columns, ...Object.keys(when)])
  const links = [...opened, ...Object.values(collection.provides).flat(), ...refs]
  return [...declared, ...links.map((name) => name.replace(/(\[\]|->).*$/, ''))]
}
