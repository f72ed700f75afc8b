import type { Session } from '../connection.ts'

/** What the database does to a row when the row it points at goes, or its key is changed. */
export type OnChange = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'

/** A foreign key of which at least one side lies in the mapped schema; partitions stand under their root. */
export interface ForeignKey {
  readonly name: string
  /** Name of the table whose rows point; with its schema in front, as `other.notes`, when that is not the mapped one. */
  readonly table: string
  readonly columns: readonly string[]
  readonly references: string
  readonly referenced: readonly string[]
  readonly on_delete: OnChange
  readonly on_update: OnChange
  /** Columns that ON DELETE SET NULL or SET DEFAULT touches. */
  readonly sets: readonly string[]
  /** May be checked at the end of a transaction instead of after each statement; never true for what acts. */
  readonly deferrable: boolean
  /** MATCH FULL: one part of it alone may not be null. */
  readonly full: boolean
}

/** Something of the database's own that runs when rows of a table change: a trigger, or a rule that rewrites statements. */
export interface Reaction {
  readonly table: string
  readonly name: string
  readonly kind: 'trigger' | 'rule'
  readonly on: readonly ('update' | 'delete')[]
  /** UPDATE OF these columns only; empty for all. */
  readonly columns: readonly string[]
}

export interface Links {
  readonly foreign_keys: readonly ForeignKey[]
  readonly reactions: readonly Reaction[]
  /** Another one as soon as any of them is made, changed, switched on or off, or dropped. */
  readonly digest: string
}

const ON_CHANGE = { a: 'no action', r: 'restrict', c: 'cascade', n: 'set null', d: 'set default' } as const

/** A partition, or what is said of it alone, belongs to the table that it is a part of. */
const root = (oid: string): string => `coalesce(pg_partition_root(${oid})::oid, ${oid})`
const columnNames = (relation: string, numbers: string): string => `
  (select coalesce(json_agg(a.attname order by k.n), '[]') from unnest(${numbers}) with ordinality k(attnum, n)
   join pg_attribute a on a.attrelid = ${relation} and a.attnum = k.attnum)`
const tableName = (of: string): string =>
  `case when ${of}.relnamespace = s.oid then ${of}.relname else ${of}.relnamespace::regnamespace || '.' || ${of}.relname end`

const FOREIGN_KEYS = `
  select f.conname as name, ${tableName('c')} as "table", ${tableName('r')} as "references", f.confdeltype as on_delete, f.confupdtype as on_update,
    f.condeferrable and f.confdeltype = 'a' as deferrable, f.confmatchtype = 'f' as "full", ${columnNames('f.conrelid', 'f.conkey')} as columns,
    ${columnNames('f.confrelid', 'f.confkey')} as referenced, ${columnNames('f.conrelid', 'coalesce(f.confdelsetcols, f.conkey)')} as sets
  from pg_constraint f join pg_class c on c.oid = ${root('f.conrelid')} join pg_class r on r.oid = ${root('f.confrelid')}
  join pg_namespace s on s.nspname = $1 and s.oid in (c.relnamespace, r.relnamespace)
  where f.contype = 'f' and f.conparentid = 0
  order by 2, 1`

// tgtype: 8 is DELETE, 16 UPDATE; functions of pg_catalog, such as those for text search, touch their own row only, in ways that are known.
const TRIGGERS = `
  select distinct c.relname as "table", t.tgname as name, t.tgtype & 8 > 0 as deletes, t.tgtype & 16 > 0 as updates,
    ${columnNames('t.tgrelid', 't.tgattr::int2[]')}::jsonb as columns
  from pg_trigger t join pg_class c on c.oid = ${root('t.tgrelid')} join pg_proc p on p.oid = t.tgfoid
  where c.relnamespace = (select oid from pg_namespace where nspname = $1) and not t.tgisinternal and t.tgparentid = 0
    and t.tgenabled in ('O', 'A') and t.tgtype & 24 > 0
    and not (p.pronamespace = 'pg_catalog'::regnamespace and p.proname like 'tsvector_update_trigger%')
  order by 1, 2`

const RULES = `
  select c.relname as "table", r.rulename as name, r.ev_type = '4' as deletes, r.ev_type = '2' as updates, '[]'::json as columns
  from pg_rewrite r join pg_class c on c.oid = ${root('r.ev_class')}
  where c.relnamespace = (select oid from pg_namespace where nspname = $1) and c.relkind in ('r', 'p') and r.ev_type in ('2', '4')
    and r.ev_enabled in ('O', 'A')
  order by 1, 2`

// A row of the catalog that is changed in any way is a new version of it.
const DIGEST = `
  with here as (select c.oid from pg_class c where c.relnamespace = (select oid from pg_namespace where nspname = $1) and c.relkind in ('r', 'p')),
  part as (
    select 't' || t.oid || '.' || t.xmin as version from pg_trigger t join here on here.oid = t.tgrelid where not t.tgisinternal
    union all select 'r' || r.oid || '.' || r.xmin from pg_rewrite r join here on here.oid = r.ev_class
    union all select 'f' || f.oid || '.' || f.xmin from pg_constraint f where f.contype = 'f' and (f.conrelid in (select oid from here) or f.confrelid in (select oid from here)))
  select coalesce(md5(string_agg(version, ',' order by version)), '') as digest from part`

type ForeignKeyRow = Omit<ForeignKey, 'on_delete' | 'on_update'> & {
  readonly on_delete: keyof typeof ON_CHANGE
  readonly on_update: keyof typeof ON_CHANGE
}

interface ReactionRow {
  readonly table: string
  readonly name: string
  readonly deletes: boolean
  readonly updates: boolean
  readonly columns: readonly string[]
}

/** Reads how tables hang together and what reacts to changes of their rows; foreign keys of other schemas that point here are among them. */
export async function readLinks(session: Session, schema: string): Promise<Links> {
  // Asked first: what changes meanwhile is then seen as a change.
  const digest = await linksDigest(session, schema)
  const keys = (await session.query<ForeignKeyRow>(FOREIGN_KEYS, [schema])).rows
  const triggers = (await session.query<ReactionRow>(TRIGGERS, [schema])).rows
  const rules = (await session.query<ReactionRow>(RULES, [schema])).rows
  return {
    digest,
    foreign_keys: keys.map((key) => ({ ...key, on_delete: ON_CHANGE[key.on_delete], on_update: ON_CHANGE[key.on_update] })),
    reactions: [...triggers.map((row) => reactionOf(row, 'trigger')), ...rules.map((row) => reactionOf(row, 'rule'))],
  }
}

/** Tells whether links and reactions are still those that were read, in one small look. */
export async function linksDigest(session: Session, schema: string): Promise<string> {
  return String((await session.query(DIGEST, [schema])).rows[0]?.['digest'])
}

function reactionOf({ table, name, deletes, updates, columns }: ReactionRow, kind: Reaction['kind']): Reaction {
  return { table, name, kind, on: [...(deletes ? (['delete'] as const) : []), ...(updates ? (['update'] as const) : [])], columns }
}
