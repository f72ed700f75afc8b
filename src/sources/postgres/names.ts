import { escapeIdentifier } from 'pg'

import type { Collection, Named } from '../../policy/schema.ts'
import { SourceError } from '../source.ts'
import type { Column, Table } from './catalog/catalog.ts'
import type { Database } from './connection.ts'

/** A collection beside the table that holds it. */
export interface Mapped {
  readonly collection: Named<Collection>
  readonly table: Table
  /** Schema and table, quoted. */
  readonly from: string
}

/** The collection and its table; a SourceError when the policy or the catalog does not know it. */
export function mapped(db: Database, id: string): Mapped {
  const collection = db.policy.collections.get(id)
  if (collection === undefined || collection.source !== db.declaration.id) {
    throw new SourceError(db.declaration.id, id, 'schema', 'the policy maps no such collection to this source')
  }
  const table = db.catalog.tables.get(collection.table)
  if (table === undefined) {
    throw new SourceError(
      db.declaration.id,
      id,
      'schema',
      `table ${db.catalog.schema}.${collection.table} does not exist or is not visible`,
    )
  }
  return { collection, table, from: sqlTable(db, table) }
}

/** A table of the mapped schema as SQL, quoted. */
export function sqlTable(db: Database, table: Table): string {
  return `${escapeIdentifier(db.catalog.schema)}.${escapeIdentifier(table.name)}`
}

/** The name of a column alone, quoted, as the left side of an assignment needs it. */
export function sqlName(column: Column): string {
  return escapeIdentifier(column.name)
}

/** The column of a mapped table; a SourceError when the catalog does not know it. */
export function columnOf(db: Database, { collection, table }: Mapped, name: string): Column {
  const column = table.columns.get(name)
  if (column === undefined) {
    throw new SourceError(db.declaration.id, collection.id, 'schema', `column ${table.name}.${name} does not exist or is not visible`)
  }
  return column
}

/** A column as SQL, quoted, of the row that `alias` names. Only names that the catalog knows may come here. */
export function sqlColumn(alias: string, column: Column): string {
  return `${alias}.${escapeIdentifier(column.name)}`
}
