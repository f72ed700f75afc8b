import type { Readable } from 'node:stream'

import type { PoolClient } from 'pg'
import { to as copyTo } from 'pg-copy-streams'

import type { Collection, Named } from '../../policy/schema.ts'
import type { ColumnShape, DiscloseRequest } from '../source.ts'
import type { Column } from './catalog.ts'
import { isText, shapeOf } from './column-types.ts'
import type { Database } from './connection.ts'
import { sourceError } from './errors.ts'
import { columnOf, mapped, sqlColumn, sqlName } from './names.ts'
import { inSettings, settingName, type Parameters } from './parameters.ts'
import { admit, keysSql, selectionSql } from './predicate.ts'

/** A spreadsheet takes a cell that begins so for a formula. */
const FORMULA_STARTS = ['=', '+', '-', '@', '\t', '\r']
const FULL_WIDTH_STARTS = ['＝', '＋', '－', '＠']
/** JSON text has no control characters, so these never occur in a row and COPY never quotes one. */
const JSON_OPTIONS = String.raw`format csv, quote E'\x01', delimiter E'\x02'`
/** One message, as it holds no value of anybody. */
const BEGIN = `begin isolation level repeatable read read only; set local timezone = 'UTC'; set local datestyle = 'ISO';
  set local statement_timeout = '1h'; set local idle_in_transaction_session_timeout = 0`
const LEFT_OUT = '[left out: about other people]'

/** Frictionless types of the columns, in the order asked for. */
export function shapeColumns(db: Database, collection: Named<Collection>, columns: readonly string[]): readonly ColumnShape[] {
  const place = mapped(db, collection.id)
  return columns.map((name) => ({ name, type: shapeOf(columnOf(db, place, name)) }))
}

/**
 * The selected rows as encoded bytes, in the order of their key and as of one instant. Nothing is read, and no connection taken, before the
 * first chunk is asked for; the connection is given back when the last chunk is read, and closed when the reader stops earlier.
 */
export async function discloseRows(db: Database, request: DiscloseRequest): Promise<AsyncIterable<Uint8Array>> {
  const known = await admit(db, request.selection.collection, request.selection.openings)
  const parameters = inSettings()
  const where = selectionSql(db, request.selection, 't', known, parameters)
  const copy = request.format === 'csv' ? csvCopy(db, request, where, parameters) : jsonCopy(db, request, where, parameters)
  const bytes = readCopy(db, request.selection.collection, copy, parameters)
  return request.format === 'csv' ? bytes : asArray(bytes)
}

function csvCopy(db: Database, request: DiscloseRequest, where: string, parameters: Parameters): string {
  const place = mapped(db, request.selection.collection)
  const list = request.columns.map((name) => {
    const column = columnOf(db, place, name)
    return `${unlessHidden(db, request, column, cellSql(db, column), parameters)} as ${sqlName(column)}`
  })
  return `copy (select ${list.join(', ')} from ${place.from} t where ${where} order by ${orderSql(db, request)}) to stdout (format csv, header)`
}

/** What a cell says instead when somebody has decided to leave it out, for its row alone. */
function unlessHidden(db: Database, request: DiscloseRequest, column: Column, sql: string, parameters: Parameters): string {
  const keys = (request.hidden ?? []).filter((one) => one.column === column.name).flatMap((one) => one.keys)
  if (keys.length === 0) return sql
  const where = keysSql(db, mapped(db, request.selection.collection), 't', keys, parameters)
  return `case when ${where} then ${isText(column) ? `'${LEFT_OUT}'` : 'null'} else ${sql} end`
}

/** A cell as Frictionless readers expect it; only texts are guarded against formulas, or `-1` would no longer be a number. */
function cellSql(db: Database, column: Column): string {
  const sql = sqlColumn('t', column)
  if (isText(column)) {
    const starts = db.catalog.utf8 ? [...FORMULA_STARTS, ...FULL_WIDTH_STARTS] : FORMULA_STARTS
    return `case when left(${sql}::text, 1) collate "C" in (${starts.map((start) => `'${start}'`).join(', ')}) then '''' || ${sql}::text else ${sql}::text end`
  }
  if (column.type === 'timestamptz') return `regexp_replace(replace(${sql}::text, ' ', 'T'), '\\+00$', 'Z')`
  if (column.type === 'timestamp') return `replace(${sql}::text, ' ', 'T')`
  if (column.category === 'B') return `${sql}::text`
  return column.category === 'A' ? `to_json(${sql})::text` : sql
}

/** Every row begins with a comma; a JSON column keeps its line breaks, which may only stand between tokens, so blanks mean the same. */
function jsonCopy(db: Database, request: DiscloseRequest, where: string, parameters: Parameters): string {
  const place = mapped(db, request.selection.collection)
  const columns = request.columns.map((name) => columnOf(db, place, name))
  const list = columns.map((column) => `${unlessHidden(db, request, column, sqlColumn('t', column), parameters)} as ${sqlName(column)}`)
  const rows = `select ${list.join(', ')} from ${place.from} t where ${where} order by ${orderSql(db, request)}`
  const plain = columns.every(({ type, category }) => 'SNBDE'.includes(category) || type === 'uuid' || type === 'jsonb')
  const json = plain ? 'row_to_json(r)::text' : String.raw`translate(row_to_json(r)::text, E'\n\r', '  ')`
  return `copy (select ',' || ${json} from (${rows}) r) to stdout (${JSON_OPTIONS})`
}

function orderSql(db: Database, request: DiscloseRequest): string {
  const place = mapped(db, request.selection.collection)
  return place.collection.key.map((name) => sqlColumn('t', columnOf(db, place, name))).join(', ')
}

async function* readCopy(db: Database, collection: string, copy: string, parameters: Parameters): AsyncGenerator<Uint8Array> {
  let client: PoolClient | undefined
  let stream: Readable | undefined
  let done = false
  try {
    client = await db.pool.connect()
    client.on('error', ignore)
    await client.query(BEGIN)
    const settings = parameters.values.map((value, index) => {
      const type = typeof value === 'string' ? 'text' : 'text[]'
      return `set_config('${settingName(index + 1)}', ($${index + 1}::${type})::text, true)`
    })
    if (settings.length > 0) await client.query(`select ${settings.join(', ')}`, [...parameters.values])
    stream = client.query(copyTo(copy))
    stream.on('error', ignore)
    for await (const chunk of stream as AsyncIterable<Uint8Array>) yield chunk
    await client.query('commit')
    done = true
  } catch (error) {
    throw sourceError(db.declaration.id, collection, error)
  } finally {
    if (client !== undefined) release(client, done)
  }
}

/** The server goes on writing to a connection that nobody reads, holding its snapshot; only cutting the socket stops it. */
function release(client: PoolClient, done: boolean): void {
  if (!done && 'connection' in client) {
    const { connection } = client as PoolClient & { connection?: { stream?: { destroy(): void } } }
    connection?.stream?.destroy()
  }
  if (done) client.removeListener('error', ignore)
  client.release(!done)
}

/** Turns rows that begin with a comma into one JSON array, touching the first byte only. */
async function* asArray(rows: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true
  for await (const chunk of rows) {
    if (first) chunk[0] = OPENING_BRACKET
    first = false
    yield chunk
  }
  yield Buffer.from(first ? '[]\n' : ']\n')
}

const OPENING_BRACKET = 0x5b

function ignore(): void {
  // What broke is reported by the statement under way.
}
