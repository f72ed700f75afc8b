import type { Pool } from 'pg'
import type { Drift, SchemaProblem } from '../../source.ts'
import { hiddenRows } from './check-row-security.ts'
import { query, type Database } from '../connection.ts'
import { untie } from '../change/cycles.ts'
import { MARKERS } from '../change/marker.ts'
import { needsOf, type Need } from './needs.ts'

type Privilege = 'select' | 'insert' | 'update' | 'delete'

/** One thing that a role must be allowed: a privilege on a table, or on a column of it. */
interface Wanted {
  readonly table: string
  readonly column: string | null
  readonly privilege: Privilege
}

const MISSING = `
  select w."table", w."column", w.privilege from jsonb_to_recordset($2::jsonb) w("table" text, "column" text, privilege text)
  join pg_class c on c.relname = w."table" and c.relnamespace = (select oid from pg_namespace where nspname = $1)
  where not case when w."column" is null then has_table_privilege(c.oid, w.privilege) else has_column_privilege(c.oid, w."column", w.privilege) end`

const ROLE = `
  select current_user as role, r.rolsuper as super, has_schema_privilege(n.oid, 'usage') as usage,
    has_schema_privilege(n.oid, 'create') as creates, has_database_privilege(current_database(), 'create') as creates_schemas
  from pg_roles r, pg_namespace n where r.rolname = current_user and n.nspname = $1`

const HELD = `
  select c.relname as "table", pg_has_role(c.relowner, 'member') as owns, has_table_privilege(c.oid, 'truncate') as truncates,
    has_table_privilege(c.oid, 'delete') as deletes,
    (select coalesce(json_agg(a.attname order by a.attnum) filter (where has_column_privilege(c.oid, a.attnum, 'select')), '[]')
     from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as selects,
    (select coalesce(json_agg(a.attname order by a.attnum) filter (where has_column_privilege(c.oid, a.attnum, 'update')), '[]')
     from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as updates,
    (select coalesce(json_agg(a.attname order by a.attnum) filter (where has_column_privilege(c.oid, a.attnum, 'insert')), '[]')
     from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as inserts
  from pg_class c where c.relnamespace = (select oid from pg_namespace where nspname = $1) and c.relkind in ('r', 'p') and not c.relispartition
  order by c.relname`

interface Held {
  readonly table: string
  readonly owns: boolean
  readonly truncates: boolean
  readonly deletes: boolean
  readonly selects: readonly string[]
  readonly updates: readonly string[]
  readonly inserts: readonly string[]
}

/** What the roles of a source may not do though the policy needs it: a sentence for each table and privilege, with its columns. */
export async function missingPrivileges(db: Database): Promise<readonly SchemaProblem[]> {
  const needs = [...needsOf(db.policy, db.declaration.id).values()]
  const reading = await missingOf(db, db.pool, needs.flatMap(readingWants))
  if (db.declaration.mode === 'observe') return reading
  const wanted = [...needs.flatMap(erasingWants), ...looseningWants(db, needs)]
  const erasing = await missingOf(db, db.eraser, wanted)
  // With one role for both, what it may not read is said once.
  const known = new Set(reading.map(({ sentence }) => sentence))
  return [...reading, ...erasing.filter(({ sentence }) => !known.has(sentence))]
}

function readingWants({ table, read }: Need): readonly Wanted[] {
  return [...read].map((column) => ({ table, column, privilege: 'select' }))
}

function erasingWants(need: Need): readonly Wanted[] {
  const { table, read, whole, insert, update } = need
  const columns = (names: Iterable<string>, privilege: Privilege): Wanted[] => [...names].map((column) => ({ table, column, privilege }))
  const places = need.delete || update.size > 0 ? ['ctid', 'tableoid'] : []
  const all = (privilege: Privilege): Wanted => ({ table, column: null, privilege })
  return [
    ...(whole ? [all('select'), all('insert')] : [...columns([...read, ...places], 'select'), ...columns(insert, 'insert')]),
    ...columns(update, 'update'),
    ...(need.delete ? [all('delete')] : []),
  ]
}

/** Columns of foreign keys that are made null before the rows of a circle go. */
function looseningWants(db: Database, needs: readonly Need[]): readonly Wanted[] {
  const tables = needs.filter((need) => need.delete && db.catalog.tables.has(need.table)).map(({ table }) => table)
  return untie(db, tables).unlinked.flatMap(({ table, columns }) => {
    const known = needs.find((need) => need.table === table)
    const missing = columns.filter((column) => known?.update.has(column) !== true)
    return missing.map((column): Wanted => ({ table, column, privilege: 'update' }))
  })
}

async function missingOf(db: Database, pool: Pool, wanted: readonly Wanted[]): Promise<readonly SchemaProblem[]> {
  const [role] = await query(db, '', ROLE, [db.declaration.schema], pool)
  // Without the schema, the check of the data map has said so for every table.
  if (role === undefined) return []
  const name = String(role['role'])
  const problems: SchemaProblem[] = []
  if (role['usage'] !== true)
    problems.push({ collection: '', sentence: `role ${name}: expected USAGE on schema ${db.declaration.schema}, got none` })
  const there = wanted.filter(({ table, column }) => isThere(db, table, column))
  problems.push(...(await hiddenRows(db, pool, new Set(there.map(({ table }) => table)))))
  const rows = await query(db, '', MISSING, [db.declaration.schema, JSON.stringify(there)], pool)
  const grouped = Map.groupBy(rows, (row) => `${String(row['privilege']).toUpperCase()} on ${String(row['table'])}`)
  for (const [what, missing] of grouped) {
    const columns = missing.flatMap(({ column }) => (typeof column === 'string' ? [column] : []))
    problems.push({
      collection: collectionOf(db, String(missing[0]?.['table'])),
      sentence: `role ${name}: expected ${what}${columns.length === 0 ? '' : ` (${columns.join(', ')})`}, got no such right`,
    })
  }
  return problems
}

/** Tables and columns that are not there are said by the check of the data map. */
function isThere(db: Database, table: string, column: string | null): boolean {
  const known = db.catalog.tables.get(table)
  return known !== undefined && (column === null || column === 'ctid' || column === 'tableoid' || known.columns.has(column))
}

/** What the roles of a source may do though nothing needs it: a stolen password would be worth as much as they may. */
export async function excessPrivileges(db: Database): Promise<readonly Drift[]> {
  const needs = needsOf(db.policy, db.declaration.id)
  const roles = await Promise.all(
    [db.pool, db.eraser].map(async (pool) => (await query(db, '', 'select current_user as role', [], pool))[0]?.['role']),
  )
  const oneRole = new Set(roles).size === 1
  const reader = await excessOf(db, db.pool, oneRole ? needs : onlyReading(needs))
  if (oneRole) return [...reader, ...(db.declaration.mode === 'enforce' ? [oneRoleSaid(db)] : [])]
  return [...reader, ...(await excessOf(db, db.eraser, needs))]
}

/** The needs of a role that changes nothing. */
function onlyReading(needs: ReadonlyMap<string, Need>): ReadonlyMap<string, Need> {
  const none = new Set<string>()
  return new Map([...needs].map(([table, need]) => [table, { ...need, whole: false, insert: none, update: none, delete: false }]))
}

function oneRoleSaid(db: Database): Drift {
  const setting = `SOURCE_${db.declaration.id.toUpperCase().replaceAll('-', '_')}_ERASE_URL`
  return { ...NOWHERE, code: 'one_role', sentence: `the role that reads also erases: set ${setting} to the address of another role` }
}

const NOWHERE = { severity: 'warning', collection: '', table: '', column: '' } as const

async function excessOf(db: Database, pool: Pool, needs: ReadonlyMap<string, Need>): Promise<readonly Drift[]> {
  const [role] = await query(db, '', ROLE, [db.declaration.schema], pool)
  if (role === undefined) return []
  const name = String(role['role'])
  const say = (sentence: string, table = ''): Drift => ({
    ...NOWHERE,
    code: 'excess_privilege',
    collection: collectionOf(db, table),
    table,
    sentence: `role ${name}: ${sentence}`,
  })
  if (role['super'] === true) return [say('expected a role with the grants of the policy, got a superuser')]
  const held = (await query(db, '', HELD, [db.declaration.schema], pool)) as unknown as readonly Held[]
  const rights = [
    ...(role['creates'] === true ? [say(`may CREATE in schema ${db.declaration.schema}, which nothing needs`)] : []),
    ...(role['creates_schemas'] === true ? [say(`may CREATE schemas, which nothing needs once ${MARKERS.table} is there`)] : []),
  ]
  return [...rights, ...held.flatMap((table) => tableExcess(table, needs.get(table.table)).map((sentence) => say(sentence, table.table)))]
}

function tableExcess(held: Held, need: Need | undefined): readonly string[] {
  if (held.owns) return [`owns ${held.table}, and may do anything to it`]
  const beyond = (has: readonly string[], needed: ReadonlySet<string> | undefined) => has.filter((name) => needed?.has(name) !== true)
  const selects = need?.whole === true ? [] : beyond(held.selects, need?.read)
  const updates = beyond(held.updates, need?.update)
  const inserts = need?.whole === true ? [] : beyond(held.inserts, need?.insert)
  return [
    ...(held.truncates ? [`may TRUNCATE ${held.table}`] : []),
    ...(held.deletes && need?.delete !== true ? [`may DELETE from ${held.table}, from which nothing is deleted`] : []),
    ...(selects.length > 0 ? [`may SELECT from ${held.table} (${selects.join(', ')}), which nothing needs`] : []),
    ...(updates.length > 0 ? [`may UPDATE ${held.table} (${updates.join(', ')}), which nothing needs`] : []),
    ...(inserts.length > 0 ? [`may INSERT into ${held.table} (${inserts.join(', ')}), which nothing needs`] : []),
  ]
}

function collectionOf(db: Database, table: string): string {
  return [...db.policy.collections.values()].find((one) => one.source === db.declaration.id && one.table === table)?.id ?? ''
}
