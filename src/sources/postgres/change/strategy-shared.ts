import type { Strategy } from '../../../policy/schema.ts'
import type { Opening } from '../../source.ts'
import type { Column } from '../catalog/catalog.ts'
import type { Database } from '../connection.ts'
import type { Mapped } from '../names.ts'
import { openingSql } from '../find/opening.ts'
import type { Parameters } from '../parameters.ts'

/**
 * Whether the column of this row is the person's to change, as SQL: of rows that are also somebody else's only places that hold one of the
 * person's values are, so that nobody else's link goes. A list loses the person's elements alone, whoever else stands in it.
 */
export function theirsSql(
  db: Database,
  place: Mapped,
  alias: string,
  [column, strategy]: readonly [Column, Strategy],
  parameters: Parameters,
  { openings, shared }: { readonly openings: readonly Opening[]; readonly shared?: boolean },
): string {
  if (shared !== true || (strategy !== null && 'remove' in strategy)) return 'true'
  // A bridge is passed through, and what it lends is of rows that others share: neither is a value of the person's own.
  const held = openings.filter((one) => one.columns.includes(column.name) && one.meaning !== 'bridge' && one.lent !== true)
  if (held.length === 0) return 'false'
  return `(${held.map((one) => openingSql(db, place, alias, one, parameters)).join(' or ')})`
}
