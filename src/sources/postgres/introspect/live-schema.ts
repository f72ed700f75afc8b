import type { ForeignKey } from '../catalog/catalog-links.ts'
import { readLinks } from '../catalog/catalog-links.ts'
import type { Session } from '../connection.ts'

/** A column as it is declared, whatever holds it. */
export interface LiveColumn {
  readonly name: string
  /** The type as declared, such as `character varying(40)` or the name of a domain or enum. */
  readonly declared: string
  /** Short name of the type it stands on, such as `text`, `int4`, `jsonb`, `_text`. */
  readonly type: string
  /** PostgreSQL's type category: S string, N number, D date and time, B boolean, E enum, A array, I network, U user-defined. */
  readonly category: string
  readonly not_null: boolean
  readonly generated: boolean
  /** A check constraint speaks of it. */
  readonly checked: boolean
}

/** Something that has rows, or shows those of others. */
export interface LiveTable {
  readonly name: string
  readonly kind: 'table' | 'partitioned table' | 'view' | 'materialized view' | 'foreign table'
  readonly columns: readonly LiveColumn[]
  /** Primary key, else the first column set that is unique; empty when there is none. */
  readonly key: readonly string[]
  readonly unique: readonly (readonly string[])[]
  /** The server's estimate of its rows; below 0 when it has none. */
  readonly rows: number
  /** Tables whose rows a view shows. */
  readonly shows: readonly string[]
  /** Tables inherit from it that are not its partitions. */
  readonly inherited: boolean
}

export interface LiveSchema {
  readonly schema: string
  readonly tables: readonly LiveTable[]
  readonly foreign_keys: readonly ForeignKey[]
}

// Partitions stand under their root; what an extension brought is its own affair.
const TABLES = `
  with recursive base(type, oid, typtype, typbasetype, typnotnull) as (
    select oid, oid, typtype, typbasetype, typnotnull from pg_type
    union all
    select b.type, t.oid, t.typtype, t.typbasetype, b.typnotnull or t.typnotnull from base b join pg_type t on t.oid = b.typbasetype where b.typtype = 'd'
  )
  select c.relname as name,
    case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view' when 'm' then 'materialized view' else 'foreign table' end as kind,
    case c.relkind when 'p' then (select coalesce(sum(greatest(l.reltuples, 0)), -1) from pg_class l where l.oid in (select relid from pg_partition_tree(c.oid) where isleaf))
      else c.reltuples end::float8 as rows,
    c.relkind = 'r' and exists (select from pg_inherits where inhparent = c.oid) as inherited,
    (select coalesce(json_agg(json_build_object('name', a.attname, 'declared', format_type(a.atttypid, a.atttypmod), 'type', t.typname, 'category', t.typcategory,
        'not_null', a.attnotnull or b.typnotnull, 'generated', a.attgenerated <> '' or a.attidentity = 'a',
        'checked', exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and a.attnum = any(k.conkey))) order by a.attnum), '[]')
      from pg_attribute a join base b on b.type = a.atttypid and b.typtype <> 'd' join pg_type t on t.oid = b.oid
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    (select coalesce(json_agg((select json_agg(a.attname order by k.n) from unnest(i.indkey::int2[]) with ordinality k(attnum, n)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum where k.n <= i.indnkeyatts) order by i.indisprimary desc, i.indexrelid), '[]')
      from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null) as "unique",
    (select coalesce(json_agg(distinct s.relname), '[]') from pg_rewrite w
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass and d.refobjid <> c.oid
      join pg_class s on s.oid = coalesce(pg_partition_root(d.refobjid), d.refobjid) where w.ev_class = c.oid and c.relkind in ('v', 'm')) as shows
  from pg_class c
  where c.relnamespace = (select oid from pg_namespace where nspname = $1) and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  order by c.relname`

/** Reads what a schema holds: tables, views, types, keys and how they point at each other; no row of any of them. */
export async function readLiveSchema(session: Session, schema: string): Promise<LiveSchema> {
  const { rows } = await session.query<Omit<LiveTable, 'key'>>(TABLES, [schema])
  const { foreign_keys } = await readLinks(session, schema)
  return { schema, tables: rows.map((table) => ({ ...table, key: table.unique[0] ?? [] })), foreign_keys }
}
