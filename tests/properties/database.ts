import { escapeIdentifier, escapeLiteral, type Client } from 'pg'

import { KINDS } from './columns.ts'
import type { ModelTable, SourceId, World } from './world.ts'

/** The rows of every table as PostgreSQL writes them: by table, then by key. */
export type Dump = ReadonlyMap<string, ReadonlyMap<string, readonly (string | null)[]>>

/** Makes the tables and rows of a world in two schemas of its own, in one statement. */
export async function create(admin: Client, world: World, prefix: string): Promise<void> {
  const statements: string[] = []
  for (const source of ['main', 'side'] as const) {
    const schema = schemaOf(prefix, source)
    statements.push(
      `create schema ${schema}`,
      `create type ${schema}.mood as enum ('glad', 'sad', 'so so')`,
      `create domain ${schema}.short_text as varchar(100)`,
    )
  }
  for (const table of world.tables.values()) statements.push(tableSql(prefix, table), ...insertSql(prefix, table))
  for (const key of world.foreign_keys) {
    const [table, target] = [placeOf(world, prefix, key.table), placeOf(world, prefix, key.target)]
    const targets = list(world.tables.get(key.target)?.key ?? [])
    statements.push(
      `alter table ${table} add foreign key (${list(key.columns)}) references ${target} (${targets}) on delete ${key.on_delete} ${key.timing}`,
    )
  }
  await admin.query(statements.join(';\n'))
}

export async function drop(admin: Client, prefix: string): Promise<void> {
  await admin.query(`drop schema if exists ${schemaOf(prefix, 'main')}, ${schemaOf(prefix, 'side')} cascade`)
}

/** Every row of every table now. */
export async function dump(admin: Client, world: World, prefix: string): Promise<Dump> {
  const tables = [...world.tables.values()]
  const parts = tables.map((table) => {
    const cells = table.columns.map(({ name }) => `${escapeIdentifier(name)}::text`)
    return `select '${table.name}' as place, array[${cells.join(', ')}] as cells from ${placeOf(world, prefix, table.name)}`
  })
  const { rows } = await admin.query<{ place: string; cells: (string | null)[] }>(parts.join(' union all '))
  const result = new Map(tables.map(({ name }) => [name, new Map<string, readonly (string | null)[]>()]))
  for (const { place, cells } of rows) {
    const table = world.tables.get(place)
    if (table === undefined) continue
    result.get(place)?.set(JSON.stringify(table.key.map((name) => cells[table.columns.findIndex((column) => column.name === name)])), cells)
  }
  return result
}

/** What no foreign key may leave behind: how many rows point nowhere, over all of them. */
export async function countDangling(admin: Client, world: World, prefix: string): Promise<number> {
  if (world.foreign_keys.length === 0) return 0
  const parts = world.foreign_keys.map(({ table, columns, target }) => {
    const key = world.tables.get(target)?.key ?? []
    const same = columns.map((name, index) => `b.${escapeIdentifier(key[index] ?? '')} = a.${escapeIdentifier(name)}`)
    const given = columns.map((name) => `a.${escapeIdentifier(name)} is not null`)
    return `select from ${placeOf(world, prefix, table)} a where ${given.join(' and ')} and not exists (select from ${placeOf(world, prefix, target)} b where ${same.join(' and ')})`
  })
  const { rows } = await admin.query<{ n: string }>(`select count(*) as n from (${parts.join(' union all ')}) dangling`)
  return Number(rows[0]?.n)
}

/** Moves every row to another place of its file without changing it. */
export async function shuffle(admin: Client, world: World, prefix: string): Promise<void> {
  const statements = [...world.tables.values()].map((table) => {
    const name = escapeIdentifier(table.columns[0]?.name ?? '')
    return `update ${placeOf(world, prefix, table.name)} set ${name} = ${name} where ctid in (select ctid from ${placeOf(world, prefix, table.name)} order by random() limit 3)`
  })
  await admin.query(statements.join(';\n'))
}

export function schemaOf(prefix: string, source: SourceId): string {
  return `${prefix}_${source}`
}

function placeOf(world: World, prefix: string, name: string): string {
  const table = world.tables.get(name)
  if (table === undefined) throw new RangeError(`no table ${name}`)
  return `${schemaOf(prefix, table.source)}.${escapeIdentifier(name)}`
}

function tableSql(prefix: string, table: ModelTable): string {
  const schema = schemaOf(prefix, table.source)
  const columns = table.columns.map(({ name, kind, not_null }) => {
    const { sql } = KINDS[kind]
    return `${escapeIdentifier(name)} ${['mood', 'short_text'].includes(sql) ? `${schema}.${sql}` : sql}${not_null ? ' not null' : ''}`
  })
  const unique = table.unique.map((names) => `unique (${list(names)})`)
  return `create table ${schema}.${escapeIdentifier(table.name)} (${[...columns, `primary key (${list(table.key)})`, ...unique].join(', ')})`
}

function insertSql(prefix: string, table: ModelTable): string[] {
  if (table.rows.length === 0) return []
  const rows = table.rows.map(({ cells }) => {
    const values = table.columns.map(({ name }) => {
      const value = cells[name] ?? null
      return value === null ? 'null' : escapeLiteral(value)
    })
    return `(${values.join(', ')})`
  })
  return [
    `insert into ${schemaOf(prefix, table.source)}.${escapeIdentifier(table.name)} (${list(table.columns.map(({ name }) => name))}) values ${rows.join(',\n')}`,
  ]
}

function list(names: readonly string[]): string {
  return names.map((name) => escapeIdentifier(name)).join(', ')
}
