import type { Collection, Named } from '../../../policy/schema.ts'
import type { Drift } from '../../source.ts'
import { collectionsOf, isBridge } from './check-annotations.ts'
import type { Database } from '../connection.ts'
import type { Edge, Ground } from '../catalog/ground.ts'

/** What the data map says of one end of a foreign key. */
type End =
  | { readonly kind: 'people'; readonly collections: readonly Named<Collection>[] }
  | { readonly kind: 'nobody'; readonly collections: readonly Named<Collection>[] }
  | { readonly kind: 'unmapped' }

/**
 * Foreign keys of which the data map does not speak. Whoever points at a person's row is about that person; so every key between rows about
 * people must be a ref of the collection that points, or open it, or be what it gives on, and none may lead out of the map or into it.
 */
export function edgeProblems(db: Database, ground: Ground): readonly Drift[] {
  return ground.edges.flatMap((edge) => {
    const from = endOf(db, edge.schema, edge.table)
    const to = endOf(db, edge.to_schema, edge.to_table)
    const problem = judge(db, edge, from, to)
    if (problem === undefined) return []
    const at = from.kind === 'unmapped' ? to : from
    const collection = at.kind === 'unmapped' ? '' : (at.collections[0]?.id ?? '')
    return [{ severity: 'error', collection, table: edge.table, column: edge.columns.join(', '), ...problem } as const]
  })
}

function judge(db: Database, edge: Edge, from: End, to: End): Pick<Drift, 'code' | 'sentence'> | undefined {
  const way = `${nameOf(db, edge.schema, edge.table)} (${edge.columns.join(', ')}) points at ${nameOf(db, edge.to_schema, edge.to_table)}`
  if (to.kind === 'people' && from.kind === 'unmapped')
    return { code: 'edge_unmapped', sentence: `${way}, whose rows are about people: expected it to be a collection too, got no such one` }
  if (to.kind === 'people' && from.kind === 'nobody')
    return { code: 'edge_unmapped', sentence: `${way}, whose rows are about people: expected a category, got not_personal or no category` }
  if (from.kind !== 'people') return undefined
  if (to.kind === 'unmapped')
    return {
      code: 'edge_unmapped',
      sentence: `${way}: expected a collection, or a reason under not_personal, for where it leads, got neither`,
    }
  if (to.kind === 'nobody' || isDeclared(edge, from.collections, to.collections)) return undefined
  return { code: 'edge_undeclared', sentence: `${way}: expected these columns as a ref to it, in opened_by or in provides, got none` }
}

function isDeclared(edge: Edge, from: readonly Named<Collection>[], to: readonly Named<Collection>[]): boolean {
  const same = (columns: readonly string[]) => columns.toSorted().join() === edge.columns.toSorted().join()
  return from.some(
    (one) =>
      Object.values(one.refs).some((ref) => to.some(({ id }) => id === ref.collection) && same(ref.columns)) ||
      one.opened_by.some(({ columns }) => same(columns)) ||
      Object.values(one.provides).some(same),
  )
}

/** A table of another schema counts as mapped where another source of the policy maps it. */
function endOf(db: Database, schema: string, table: string): End {
  const own = schema === db.declaration.schema
  const sources = [...db.policy.sources.values()].filter((source) =>
    own ? source.id === db.declaration.id : source.kind === 'postgres' && source.schema === schema,
  )
  const collections = own
    ? collectionsOf(db, table)
    : [...db.policy.collections.values()].filter((one) => one.table === table && sources.some(({ id }) => id === one.source))
  if (collections.some((one) => one.category !== undefined || isBridge(one))) return { kind: 'people', collections }
  const said = sources.some((source) => source.not_personal[table] !== undefined)
  return collections.length > 0 || said ? { kind: 'nobody', collections } : { kind: 'unmapped' }
}

function nameOf(db: Database, schema: string, table: string): string {
  return schema === db.declaration.schema ? table : `${schema}.${table}`
}
