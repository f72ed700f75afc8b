import type { Readable } from 'node:stream'

import type { PoolClient } from 'pg'
import { to as copyTo } from 'pg-copy-streams'

import type { Collection, Named } from '../../../policy/schema.ts'
import type { ColumnShape, DiscloseRequest } from '../../source.ts'
import { csvCellSql, jsonCellSql } from './cells.ts'
import { shapeOf } from '../catalog/column-types.ts'
import type { Database } from '../connection.ts'
import { sourceError } from '../errors.ts'
import { columnOf, mapped, sqlColumn, sqlName } from '../names.ts'
import { inSettings, settingName, type Parameters } from '../parameters.ts'
import { admit, selectionSql } from '../find/predicate.ts'

/** JSON text has no control characters, so these never occur in a row and COPY never quotes one. */
const JSON_OPTIONS = String.raw`format csv, quote E'\x01', delimiter E'\x02'`
/** Begins the transaction of a long read: one message, as it holds no value of anybody. */
export const BEGIN_COPY = `begin isolation level repeatable read read only; set local timezone = 'UTC'; set local datestyle = 'ISO';
  set local statement_timeout = '1h'; set local idle_in_transaction_session_timeout = 0`

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
    return `${csvCellSql(db, request, column, parameters)} as ${sqlName(column)}`
  })
  return `copy (select ${list.join(', ')} from ${place.from} t where ${where} order by ${orderSql(db, request)}) to stdout (format csv, header)`
}

/** Every row begins with a comma; a JSON column keeps its line breaks, which may only stand between tokens, so blanks mean the same. */
function jsonCopy(db: Database, request: DiscloseRequest, where: string, parameters: Parameters): string {
  const place = mapped(db, request.selection.collection)
  const columns = request.columns.map((name) => columnOf(db, place, name))
  const list = columns.map((column) => `${jsonCellSql(db, request, column, parameters)} as ${sqlName(column)}`)
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
    await client.query(BEGIN_COPY)
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
