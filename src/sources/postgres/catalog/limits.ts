import type { Session } from '../connection.ts'

/** What a value of one column has to fit, beyond its base type. */
export interface ColumnLimits {
  /** Characters that fit; null when there is no limit. */
  readonly length: number | null
  /** The type as declared, with its length and its domain, as a cast is written. */
  readonly declared: string
  /** The type is a domain with checks of its own. */
  readonly domain: boolean
  /** Values of an enum in their order; null for all other types. */
  readonly labels: readonly string[] | null
  /** Base columns of a generated column; empty for all others. */
  readonly computed_from: readonly string[]
}

export interface CheckConstraint {
  readonly name: string
  readonly columns: readonly string[]
  /** The condition, in terms of the table's columns. */
  readonly expression: string
}

/** A unique index, or an exclusion constraint: two rows may not agree in it. */
export interface UniqueIndex {
  readonly name: string
  readonly columns: readonly string[]
  /** Keys that are not a plain column, as SQL. */
  readonly expressions: readonly string[]
  /** All columns that it looks at, also in expressions and in its WHERE. */
  readonly reads: readonly string[]
  readonly partial: boolean
  /** Two rows with null do not agree. */
  readonly nulls_differ: boolean
  readonly exclusion: boolean
}

/** What the database computes from the values of a row, and cannot keep: a generated column, or a key or condition of an index. */
export interface Computed {
  readonly name: string
  /** A condition that fails, or cannot be computed, where a row would be refused. */
  readonly expression: string
}

/** What the schema asks of the values of one table, its partitions included. */
export interface TableLimits {
  readonly columns: ReadonlyMap<string, ColumnLimits>
  readonly checks: readonly CheckConstraint[]
  readonly unique: readonly UniqueIndex[]
  readonly computed: readonly Computed[]
  /** Columns by which rows are put into partitions. */
  readonly partitioned_by: readonly string[]
}

// A partition can have constraints of its own; they count for the table that it is part of, and for itself.
const MEMBERS = `member as (
  select c.oid, r.relname as "table" from pg_class c
  cross join lateral (select c.oid as root union select pg_partition_root(c.oid) where c.relispartition) known
  join pg_class r on r.oid = known.root
  where c.relkind in ('r', 'p') and r.relnamespace = (select oid from pg_namespace where nspname = $1))`

const COLUMNS = `
  with recursive ${MEMBERS}, base(type, oid, typtype, typbasetype, typtypmod, checked) as (
    select oid, oid, typtype, typbasetype, typtypmod, oid = any(select contypid from pg_constraint where contype = 'c') from pg_type
    union all
    select b.type, t.oid, t.typtype, t.typbasetype, case when b.typtypmod >= 0 then b.typtypmod else t.typtypmod end,
      b.checked or t.oid = any(select contypid from pg_constraint where contype = 'c')
    from base b join pg_type t on t.oid = b.typbasetype where b.typtype = 'd')
  select c.relname as "table", a.attname as name, format_type(a.atttypid, a.atttypmod) as declared, b.checked as domain,
    case when t.typname in ('varchar', 'bpchar') then nullif(greatest(a.atttypmod, b.typtypmod) - 4, -5)
      when t.typname = 'name' then 63 when t.typname = 'char' then 1 end as length,
    (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as labels,
    (select coalesce(json_agg(distinct p.attname), '[]') from pg_depend d
      left join pg_attrdef f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid and f.adnum = a.attnum
      join pg_attribute p on p.attrelid = a.attrelid and p.attnum = d.refobjsubid and p.attnum <> a.attnum
      where a.attgenerated <> '' and d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid
        and (f.oid is not null or (d.classid = 'pg_class'::regclass and d.objid = a.attrelid and d.objsubid = a.attnum))) as computed_from
  from member m join pg_class c on c.oid = m.oid and c.relname = m."table"
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join base b on b.type = a.atttypid and b.typtype <> 'd' join pg_type t on t.oid = b.oid
  where c.relnamespace = (select oid from pg_namespace where nspname = $1)`

// A constraint that is not enforced (PostgreSQL 18) forbids nothing; earlier servers do not know the word.
const CHECKS = `
  with ${MEMBERS}
  select distinct m."table", k.conname as name, pg_get_expr(k.conbin, k.conrelid) as expression,
    (select coalesce(jsonb_agg(a.attname order by a.attname), '[]') from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any(k.conkey)) as columns
  from pg_constraint k join member m on m.oid = k.conrelid
  where k.contype = 'c' and to_jsonb(k) ->> 'conenforced' is distinct from 'false'
  order by 1, 2`

const UNIQUE = `
  with ${MEMBERS}
  select distinct m."table", x.relname as name, i.indpred is not null as partial, not i.indnullsnotdistinct as nulls_differ, i.indisexclusion as exclusion,
    (select coalesce(jsonb_agg(a.attname order by k.n), '[]') from unnest(i.indkey::int2[]) with ordinality k(attnum, n)
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum where k.n <= i.indnkeyatts) as columns,
    (select coalesce(jsonb_agg(pg_get_indexdef(i.indexrelid, k.n::int, true) order by k.n), '[]') from unnest(i.indkey::int2[]) with ordinality k(attnum, n)
     where k.attnum = 0 and k.n <= i.indnkeyatts) as expressions,
    (select coalesce(jsonb_agg(distinct a.attname), '[]') from pg_attribute a
     where a.attrelid = i.indrelid and a.attnum > 0 and (a.attnum = any((i.indkey::int2[])[0:i.indnkeyatts - 1]) or exists (
       select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refobjid = i.indrelid and d.refobjsubid = a.attnum
         and (i.indpred is not null or i.indexprs is not null)))) as reads
  from pg_index i join member m on m.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
  where (i.indisunique or i.indisexclusion) and i.indisready
  order by 1, 2`

const PARTITIONED = `
  with ${MEMBERS}
  select distinct m."table", a.attname as name from pg_partitioned_table p join member m on m.oid = p.partrelid
  join pg_attribute a on a.attrelid = p.partrelid and a.attnum = any(p.partattrs::int2[])`

// num_nonnulls() computes what it counts; a cast to the declared type would cut a text short, so its length is asked.
const COMPUTED = `
  with ${MEMBERS}
  select distinct m."table", a.attname as name,
    format('num_nonnulls((%s)::%s) >= %s', pg_get_expr(f.adbin, f.adrelid), format_type(a.atttypid, a.atttypmod), a.attnotnull::int)
      || case when a.atttypmod > 4 and t.typname in ('varchar', 'bpchar')
        then format(' and coalesce(char_length((%s)::text) <= %s, true)', pg_get_expr(f.adbin, f.adrelid), a.atttypmod - 4) else '' end as expression
  from member m join pg_attribute a on a.attrelid = m.oid and a.attgenerated <> '' join pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
  join pg_type t on t.oid = a.atttypid
  union all
  select distinct m."table", x.relname, format('num_nonnulls(%s) >= 0', e.expression)
  from pg_index i join member m on m.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
  cross join lateral (
    select pg_get_indexdef(i.indexrelid, k.n::int, true) as expression from unnest(i.indkey::int2[]) with ordinality k(attnum, n) where k.attnum = 0
    union all select pg_get_expr(i.indpred, i.indrelid) where i.indpred is not null) e
  order by 1, 2`

type Of<T> = T & { readonly table: string }

/** Reads what values of each table of a schema have to fit. */
export async function readLimits(session: Session, schema: string): Promise<ReadonlyMap<string, TableLimits>> {
  const columns = (await session.query<Of<ColumnLimits & { name: string }>>(COLUMNS, [schema])).rows
  const checks = (await session.query<Of<CheckConstraint>>(CHECKS, [schema])).rows
  const unique = (await session.query<Of<UniqueIndex>>(UNIQUE, [schema])).rows
  const computed = (await session.query<Of<Computed>>(COMPUTED, [schema])).rows
  const partitioned = (await session.query<Of<{ name: string }>>(PARTITIONED, [schema])).rows
  const of = <T extends { table: string }>(rows: readonly T[], table: string): T[] => rows.filter((row) => row.table === table)
  const tables = [...new Set(columns.map(({ table }) => table))]
  return new Map(
    tables.map((table) => [
      table,
      {
        columns: new Map(of(columns, table).map(({ name, ...rest }) => [name, rest])),
        checks: of(checks, table),
        unique: of(unique, table),
        computed: of(computed, table),
        partitioned_by: of(partitioned, table).map(({ name }) => name),
      },
    ]),
  )
}
