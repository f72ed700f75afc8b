import { readLinks, type Links } from './catalog-links.ts'
import type { Session } from '../connection.ts'
import { readLimits, type TableLimits } from './limits.ts'
import { chooseReplacements } from '../change/replacement.ts'

/** A column as the database declares it; domains are resolved to what they stand on. */
export interface Column {
  readonly name: string
  /** Short name of the base type, such as `int8`, `text`, `timestamptz`, `citext`, `_text` for an array. */
  readonly type: string
  /** The base type as a cast is written, without length or precision: a cast must never cut a value short. */
  readonly cast: string
  /** PostgreSQL's type category: S string, N number, D date and time, B boolean, E enum, A array, U user-defined. */
  readonly category: string
  readonly not_null: boolean
  /** Computed by the database, so not to be set. */
  readonly generated: boolean
  /** Computed by the database from other columns, so that nobody can give it a value at all. */
  readonly computed: boolean
  /** Equal means equal byte by byte; false for a collation that folds. */
  readonly deterministic: boolean
  /** There is an index on `lower(column)` that helps to find addresses, and lower() folds A to Z as we do. */
  readonly lower_index: boolean
  /** A GIN index on the column itself helps to find an element of an array, or a value in jsonb. */
  readonly gin_index: boolean
  /** What an array holds; null for all other types. */
  readonly element: Pick<Column, 'type' | 'cast' | 'category'> | null
}

export interface Table {
  readonly name: string
  readonly oid: string
  readonly partitioned: boolean
  /** Has children by inheritance that are not partitions. */
  readonly inherited: boolean
  readonly columns: ReadonlyMap<string, Column>
  /** Column sets that are unique over all rows, the primary key first. */
  readonly unique: readonly (readonly string[])[]
  /** What values have to fit: lengths, checks, unique indexes of any kind. */
  readonly limits: TableLimits
  /** By column, a value that says nothing and that its own constraints allow; null where we know none. */
  readonly says_nothing: ReadonlyMap<string, string | null>
}

/** What one schema of a database looks like now. */
export interface Catalog extends Links {
  readonly schema: string
  readonly tables: ReadonlyMap<string, Table>
  /** The server counts touched rows per table; without that no effect can be checked. */
  readonly counts_rows: boolean
  readonly utf8: boolean
}

/** Whether lower() makes of A to Z what we do, also in Turkish and Lithuanian; where the server cannot hold the question, it is left alone. */
const FOLDING = { utf8: `lower(E'AZI\\u0307') = lower(E'azi\\u0307')`, other: 'false' } as const

const columnsSql = (folds: string): string => `
  with recursive folding as (select ${folds} as folds),
  base(type, oid, typtype, typbasetype, typnotnull) as (
    select oid, oid, typtype, typbasetype, typnotnull from pg_type
    union all
    select b.type, t.oid, t.typtype, t.typbasetype, b.typnotnull or t.typnotnull
    from base b join pg_type t on t.oid = b.typbasetype where b.typtype = 'd'
  )
  select c.relname as "table", c.oid::text as oid, c.relkind = 'p' as partitioned,
    c.relkind = 'r' and exists (select from pg_inherits where inhparent = c.oid) as inherited,
    a.attname as name, t.typname as type, format_type(t.oid, -1) as cast, t.typcategory as category,
    a.attnotnull or b.typnotnull as not_null, a.attgenerated <> '' or a.attidentity = 'a' as generated,
    a.attgenerated <> '' as computed,
    coalesce(l.collisdeterministic, true) as deterministic,
    a.attcollation = 'default'::regcollation and (select folds from folding) and exists (
      select from pg_index i where i.indrelid = c.oid and i.indisvalid and i.indpred is null and i.indexprs is not null
        and pg_get_indexdef(i.indexrelid, 1, true) in (format('lower(%I)', a.attname), format('lower(%I::text)', a.attname))) as lower_index,
    exists (
      select from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
      where i.indrelid = c.oid and i.indisvalid and i.indpred is null and m.amname = 'gin' and a.attnum = any(i.indkey)) as gin_index,
    (select json_build_object('type', et.typname, 'cast', format_type(et.oid, -1), 'category', et.typcategory)
     from base eb join pg_type et on et.oid = eb.oid where eb.type = t.typelem and eb.typtype <> 'd' and t.typcategory = 'A') as element
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join base b on b.type = a.atttypid and b.typtype <> 'd'
  join pg_type t on t.oid = b.oid
  left join pg_collation l on l.oid = a.attcollation
  where c.relnamespace = (select oid from pg_namespace where nspname = $1) and c.relkind in ('r', 'p')
  order by c.relname, a.attnum`

const UNIQUE = `
  select c.relname as "table", i.indisprimary as "primary",
    (select json_agg(a.attname order by k.n) from unnest(i.indkey::int2[]) with ordinality k(attnum, n)
     join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum where k.n <= i.indnkeyatts) as columns
  from pg_index i join pg_class c on c.oid = i.indrelid
  where c.relnamespace = (select oid from pg_namespace where nspname = $1) and c.relkind in ('r', 'p')
    and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null
  order by c.relname, i.indisprimary desc, i.indexrelid`

const NO_LIMITS: TableLimits = { columns: new Map(), checks: [], unique: [], computed: [], partitioned_by: [] }

type ColumnRow = Column & {
  readonly table: string
  readonly oid: string
  readonly partitioned: boolean
  readonly inherited: boolean
}

/** Reads one schema: its tables with what their values have to fit, how they hang together, and a value for each column that says nothing. */
export async function readCatalog(session: Session, schema: string): Promise<Catalog> {
  const settings = await session.query(
    `select current_setting('track_counts') = 'on' as counts_rows, current_setting('server_encoding') = 'UTF8' as utf8`,
  )
  const utf8 = settings.rows[0]?.['utf8'] === true
  const columns = (await session.query<ColumnRow>(columnsSql(FOLDING[utf8 ? 'utf8' : 'other']), [schema])).rows
  const unique = (await session.query<{ table: string; columns: string[] }>(UNIQUE, [schema])).rows
  const limits = await readLimits(session, schema)
  const tables = new Map<string, Table & { columns: Map<string, Column>; says_nothing: ReadonlyMap<string, string | null> }>()
  for (const { table, oid, partitioned, inherited, ...column } of columns) {
    const known = tables.get(table) ?? {
      name: table,
      oid,
      partitioned,
      inherited,
      columns: new Map<string, Column>(),
      unique: unique.filter((index) => index.table === table).map((index) => index.columns),
      limits: limits.get(table) ?? NO_LIMITS,
      says_nothing: new Map<string, string | null>(),
    }
    known.columns.set(column.name, column)
    tables.set(table, known)
  }
  for (const table of tables.values()) {
    table.says_nothing = await chooseReplacements(session, table.name, [...table.columns.values()], table.limits)
  }
  return {
    schema,
    tables,
    ...(await readLinks(session, schema)),
    counts_rows: settings.rows[0]?.['counts_rows'] === true,
    utf8,
  }
}
