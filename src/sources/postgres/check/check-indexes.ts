import type { Collection, Named } from '../../../policy/schema.ts'
import type { Drift } from '../../source.ts'
import { collectionsOf } from './check-annotations.ts'
import type { Database } from '../connection.ts'
import type { Ground, Index } from '../catalog/ground.ts'
import { needsOf } from './needs.ts'

/** A query that will be asked, by the columns it searches. */
interface Search {
  readonly collection: string
  readonly table: string
  readonly columns: readonly string[]
  readonly by: 'value' | 'address' | 'path'
  readonly use: string
}

/** From so many rows on, searching all of them is a mistake. */
export const LARGE_TABLE = 10_000

/** Searches of the data map for which no index helps: an error in a large table, a warning in a small one. */
export function indexProblems(db: Database, ground: Ground, { rows = LARGE_TABLE }: { readonly rows?: number } = {}): readonly Drift[] {
  const searches = [...db.policy.collections.values()]
    .filter(({ source }) => source === db.declaration.id)
    .flatMap((one) => searchesOf(db, one))
  const wanted = [...searches, ...pointingSearches(db, ground)]
  const said = new Set<string>()
  return wanted.flatMap((search) => {
    const table = ground.tables.get(search.table)
    const what = `${search.table} ${search.by} ${search.columns.join()}`
    if (table === undefined || said.has(what) || ground.indexes.some((index) => helps(index, search))) return []
    said.add(what)
    const large = table.rows >= rows
    const expected =
      search.by === 'address' ? `an index on lower(${search.columns.join()})` : `an index that begins with ${search.columns.join(' or ')}`
    const sentence = `${search.table} (${search.use}): expected ${search.by === 'path' ? `a GIN index or one on an expression of ${search.columns.join(', ')}` : expected}, got none; it has about ${Math.round(table.rows)} rows`
    const { collection, columns } = search
    return [
      {
        severity: large ? 'error' : 'warning',
        code: 'index_missing',
        collection,
        table: search.table,
        column: columns.join(', '),
        sentence,
      },
    ]
  })
}

function searchesOf(db: Database, collection: Named<Collection>): readonly Search[] {
  const { id, table } = collection
  return collection.opened_by.flatMap(({ identifier, columns }): Search[] => {
    const address = db.policy.identifiers.get(identifier)?.compare === 'email'
    const paths = columns.filter((name) => /\[\]|->/.test(name))
    const plain = columns.filter((name) => !paths.includes(name))
    const common = { collection: id, table, use: `opened by ${identifier}` }
    // One column of several that is indexed is enough: the rest is asked of what it finds.
    if (plain.length === 0)
      return paths.length === 0 ? [] : [{ ...common, columns: paths.map((name) => name.replace(/(\[\]|->).*$/, '')), by: 'path' }]
    return [{ ...common, columns: plain, by: address ? 'address' : 'value' }]
  })
}

/** Rows that point at rows that are deleted: the server looks for them by each foreign key, and we by each ref whose rows go along. */
function pointingSearches(db: Database, ground: Ground): readonly Search[] {
  const needs = needsOf(db.policy, db.declaration.id)
  const { schema, id: source } = db.declaration
  const keys = ground.edges
    .filter((edge) => edge.schema === schema && edge.to_schema === schema && needs.get(edge.to_table)?.delete === true)
    .map(({ table, columns, to_table }): Search => {
      return {
        collection: collectionsOf(db, table)[0]?.id ?? '',
        table,
        columns,
        by: 'value',
        use: `looked at when rows of ${to_table} are deleted`,
      }
    })
  const refs = [...db.policy.rules.values()].flatMap((rule) =>
    rule.with.flatMap((dependent): Search[] => {
      const child = db.policy.collections.get(dependent.collection)
      const columns = child?.refs[dependent.ref]?.columns ?? []
      if (child?.source !== source || columns.length === 0) return []
      return [{ collection: child.id, table: child.table, columns, by: 'value', use: `goes along by rule ${rule.id}` }]
    }),
  )
  return [...keys, ...refs]
}

/** Equality leaves out what is null, so an index without nulls helps as well; any other part of a table does not. */
function helps(index: Index, { table, columns, by }: Search): boolean {
  if (index.table !== table) return false
  if (index.predicate !== null && !columns.some((name) => plainPredicates(name).includes(index.predicate ?? ''))) return false
  return columns.some((name) => {
    if (by === 'value') return ['btree', 'hash'].includes(index.method) && unquoted(index.first) === name
    if (by === 'address') return index.first.startsWith('lower(') && mentions(index, name)
    return (index.method === 'gin' && index.columns.includes(name)) || mentions(index, name)
  })
}

function plainPredicates(name: string): readonly string[] {
  return [`${name} IS NOT NULL`, `"${name}" IS NOT NULL`]
}

/** Whether the first thing indexed is an expression that holds the column. */
function mentions(index: Index, name: string): boolean {
  const plain = unquoted(index.first)
  return plain !== name && new RegExp(`(^|[^\\w$"])"?${name.replaceAll('$', '\\$')}"?($|[^\\w$"])`).test(index.first)
}

function unquoted(name: string): string {
  return name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}
