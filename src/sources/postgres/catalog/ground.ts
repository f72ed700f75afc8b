import { query, type Database } from '../connection.ts'

/** A table as the database holds it: also one that the data map does not know, and one that holds copies (materialized, foreign). */
export interface GroundTable {
  readonly name: string
  readonly kind: 'table' | 'materialized view' | 'foreign table'
  readonly columns: readonly string[]
  /** The server's own estimate, of a partitioned table over its partitions; where nobody has analysed it, a guess by its size. */
  readonly rows: number
}

/** A foreign key of which at least one end is in the mapped schema; partitions stand for their root. */
export interface Edge {
  readonly name: string
  readonly schema: string
  readonly table: string
  readonly columns: readonly string[]
  readonly to_schema: string
  readonly to_table: string
}

export interface Index {
  readonly table: string
  readonly method: string
  /** The first thing that is indexed, as SQL. */
  readonly first: string
  /** Names of all plain columns in it. */
  readonly columns: readonly string[]
  /** What all of it says, to look for a column inside an expression. */
  readonly definition: string
  /** Which rows are in it; null for all. */
  readonly predicate: string | null
}

/** What there is in the mapped schema, whether the data map knows it or not. */
export interface Ground {
  readonly tables: ReadonlyMap<string, GroundTable>
  readonly edges: readonly Edge[]
  readonly indexes: readonly Index[]
}

/** Partitions count with their parent, what an extension brought is its own, and a view holds nothing. */
const TABLES = `
  select c.relname as name, case c.relkind when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end as kind,
    (select coalesce(json_agg(a.attname order by a.attnum), '[]') from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    coalesce((select sum(case when l.reltuples >= 0 then l.reltuples else coalesce(pg_relation_size(l.oid), 0) / 64 end)
      from pg_class l where l.oid = c.oid and l.relkind <> 'p' or l.oid in (select relid from pg_partition_tree(c.oid) where isleaf)), 0)::float8 as rows
  from pg_class c
  where c.relnamespace = (select oid from pg_namespace where nspname = $1) and c.relkind in ('r', 'p', 'm', 'f') and not c.relispartition
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  order by c.relname`

const EDGES = `
  select f.conname as name, cn.nspname as schema, c.relname as "table", rn.nspname as to_schema, r.relname as to_table,
    (select json_agg(a.attname order by k.n) from unnest(f.conkey) with ordinality k(attnum, n)
     join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum) as columns
  from pg_constraint f
  join pg_class c on c.oid = coalesce(pg_partition_root(f.conrelid), f.conrelid) join pg_namespace cn on cn.oid = c.relnamespace
  join pg_class r on r.oid = coalesce(pg_partition_root(f.confrelid), f.confrelid) join pg_namespace rn on rn.oid = r.relnamespace
  where f.contype = 'f' and f.conparentid = 0 and $1 in (cn.nspname, rn.nspname)
  order by cn.nspname, c.relname, f.conname`

const INDEXES = `
  select c.relname as "table", am.amname as method, pg_get_indexdef(i.indexrelid, 1, true) as first,
    (select coalesce(json_agg(a.attname), '[]') from unnest(i.indkey::int2[]) k(attnum)
     join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum) as columns,
    pg_get_indexdef(i.indexrelid) as definition, pg_get_expr(i.indpred, i.indrelid, true) as predicate
  from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid join pg_am am on am.oid = x.relam
  where c.relnamespace = (select oid from pg_namespace where nspname = $1) and i.indisvalid and c.relkind in ('r', 'p', 'm') and not c.relispartition`

/** Reads all tables, foreign keys and indexes of the mapped schema. */
export async function readGround(db: Database): Promise<Ground> {
  const { schema } = db.declaration
  // What the catalog holds has these very shapes: the statements above name them.
  const read = async <T>(text: string): Promise<readonly T[]> => (await query(db, '', text, [schema])) as unknown as readonly T[]
  const tables = await read<GroundTable>(TABLES)
  return {
    tables: new Map(tables.map((table) => [table.name, table])),
    edges: await read<Edge>(EDGES),
    indexes: await read<Index>(INDEXES),
  }
}
