import { escapeLiteral } from 'pg'

import { parseColumnPath, type ColumnPath } from '../../../policy/column-path.ts'
import { SourceError } from '../../source.ts'
import type { Column } from '../catalog/catalog.ts'
import { isJson } from '../catalog/column-types.ts'
import type { Database } from '../connection.ts'
import { columnOf, sqlColumn, type Mapped } from '../names.ts'

/** One place that an opening or `provides` names, within the row that an alias names. */
export interface Leaf {
  readonly sql: string
  /** Type of the value there: the column's own, that of an array's elements, or text for a value in JSON. */
  readonly column: Column
  /** Holds only where the value can be a key at all; JSON has lists, objects and null beside texts and numbers. */
  readonly guard: string | undefined
  readonly path: ColumnPath
  readonly base: Column
}

/** Several places of one row. Those below the same list are places of the same element: a key is never put together from two. */
export interface Leaves {
  /** Sets of elements that stand in `from`; empty when every place is a single one. */
  readonly from: readonly string[]
  readonly leaves: readonly Leaf[]
}

const JSON_TEXT: Pick<Column, 'type' | 'cast' | 'category'> = { type: 'text', cast: 'text', category: 'S' }

/** Where these paths lead in the row `alias`; a SourceError when a column is missing or of a type that has no such places. */
export function leavesOf(db: Database, place: Mapped, alias: string, paths: readonly string[]): Leaves {
  const lists = new Map<string, { readonly name: string; readonly from: string }>()
  const leaves = paths.map((text): Leaf => {
    const path = parseColumnPath(text)
    const base = columnOf(db, place, path.column)
    return { ...walkDown(db, place, alias, path, base, lists), path, base }
  })
  return { from: [...lists.values()].map(({ from }) => from), leaves }
}

/** The type of the value at a path, or what the base column would have to be. */
export function leafColumn(base: Column, path: ColumnPath): Column | { readonly expected: string } {
  if (isJson(base)) return path.each || path.steps.length > 0 ? ofType(base, JSON_TEXT) : base
  if (!path.each) return path.steps.length === 0 ? base : { expected: 'jsonb' }
  if (base.element === null) return { expected: 'an array or jsonb' }
  const element = ofType(base, base.element)
  if (isJson(element)) return ofType(base, JSON_TEXT)
  return path.steps.length === 0 ? element : { expected: 'jsonb' }
}

function walkDown(
  db: Database,
  { collection, table }: Mapped,
  alias: string,
  path: ColumnPath,
  base: Column,
  lists: Map<string, { readonly name: string; readonly from: string }>,
): Pick<Leaf, 'sql' | 'column' | 'guard'> {
  const column = leafColumn(base, path)
  if ('expected' in column) {
    const sentence = `${table.name}.${base.name}: expected ${column.expected}, got ${base.cast}`
    throw new SourceError(db.declaration.id, collection.id, 'schema', sentence)
  }
  const each = (trail: string, set: string): string => {
    const known = lists.get(trail)
    if (known !== undefined) return known.name
    const name = `${alias}_e${lists.size}.v`
    lists.set(trail, { name, from: `${set} ${name.replace('.', '(')})` })
    return name
  }
  let sql = sqlColumn(alias, base)
  let trail = base.name
  let kind = base.type
  if (path.each && !isJson(base)) {
    trail += '[]'
    sql = each(trail, `unnest(${sql})`)
    kind = base.element?.type ?? ''
    if (!isJson({ type: kind })) return { sql, column, guard: undefined }
  } else if (path.each) {
    trail += '[]'
    sql = each(trail, elementsSql(kind, sql))
  } else if (path.steps.length === 0) {
    return { sql, column, guard: undefined }
  }
  let text = `(${sql} #>> '{}')`
  for (const step of path.steps) {
    // Keys are names of the policy, like those of columns; written as literals, an index on the same expression is used.
    const key = escapeLiteral(step.key)
    text = `(${sql} ->> ${key})`
    sql = `(${sql} -> ${key})`
    trail += `->${step.key}`
    if (!step.each) continue
    trail += '[]'
    sql = each(trail, elementsSql(kind, sql))
    text = `(${sql} #>> '{}')`
  }
  return { sql: text, column, guard: `${kind}_typeof(${sql}) in ('string', 'number')` }
}

/** The elements of a JSON list; of anything else none, where the function itself would fail. */
function elementsSql(kind: string, sql: string): string {
  return `${kind}_array_elements(case when ${kind}_typeof(${sql}) = 'array' then ${sql} end)`
}

function ofType(base: Column, type: Pick<Column, 'type' | 'cast' | 'category'>): Column {
  return { ...base, ...type, element: null, lower_index: false, deterministic: type === JSON_TEXT || base.deterministic }
}
