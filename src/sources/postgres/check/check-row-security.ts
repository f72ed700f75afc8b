import type { Pool } from 'pg'

import type { SchemaProblem } from '../../source.ts'
import { query, type Database } from '../connection.ts'

const SECURED = `
  select current_user as role, c.relname as "table" from pg_class c
  where c.relnamespace = (select oid from pg_namespace where nspname = $1) and c.relname = any($2) and c.relkind in ('r', 'p')
    and row_security_active(c.oid)
  order by c.relname`

/**
 * Tables of which a policy of the database hides rows from a role of ours: "we hold nothing" would be false of them, so every statement there
 * is refused (`row_security = off`).
 */
export async function hiddenRows(db: Database, pool: Pool, tables: ReadonlySet<string>): Promise<readonly SchemaProblem[]> {
  const rows = await query(db, '', SECURED, [db.declaration.schema, [...tables]], pool)
  return rows.map((row) => {
    const [role, table] = [String(row['role']), String(row['table'])]
    const collection = [...db.policy.collections.values()].find((one) => one.source === db.declaration.id && one.table === table)
    const sentence = `table ${table}: row-level security hides rows from role ${role}, so nothing there can be found or erased; expected every row to be visible: alter role ${role} bypassrls`
    return { collection: collection?.id ?? '', sentence }
  })
}
