import { createHash } from 'node:crypto'
import type { Collection, Named, Strategy } from '../../policy/schema.ts'
import type { HttpCall } from '../../policy/schema-http.ts'
import { SourceError, type Change, type Effect, type Outcome } from '../source.ts'
import type { Api } from './api.ts'
import { callApi } from './call.ts'
import { fillBody, fillPath, namesIn, UnfitValue } from './fill.ts'
import { objectWith, textOf } from './json.ts'
import { inOrder } from './order.ts'
import { httpOf, type RawRow } from './pages.ts'
import { holdsTexts, placeOf, selectedRows, valueOf, type OpenedRow } from './rows.ts'

type Rows = Record<string, number>

/** One row and the calls that settle it, in their order. */
interface RowWork {
  readonly collection: Named<Collection>
  readonly row: OpenedRow
  readonly change: Change
}

/**
 * Carries an effect out row by row, each call named by step, batch and row, so that the other side does it once. There is no transaction:
 * what fails stops with a SourceError, and the next attempt goes on with the rows that a look still finds. An effect is only said to be done
 * when a look afterwards finds nothing left of it.
 */
export async function applyEffect(api: Api, effect: Effect): Promise<Outcome> {
  if (api.declaration.mode !== 'enforce')
    throw new SourceError(api.declaration.id, '', 'denied', 'the policy only lets us observe this source (mode: observe)')
  const work = await openWork(api, effect)
  const done: Rows = Object.fromEntries(effect.changes.map(({ selection }) => [selection.collection, 0]))
  for (const one of work) {
    await settleRow(api, effect, one).catch((error: unknown) => {
      throw partly(error, one.collection, done[one.collection.id] ?? 0, work)
    })
    done[one.collection.id] = (done[one.collection.id] ?? 0) + 1
  }
  await assertNothingLeft(api, effect)
  const left = Object.fromEntries(Object.keys(done).map((collection) => [collection, 0]))
  const reread = effect.again === true && work.length === 0
  return { confirmed_by: reread ? 'reread' : 'effect', rows: effect.again === true ? settled(done, effect) : done, left }
}

/** Every row that is still to be settled, read before the first call, and not one too many. */
async function openWork(api: Api, effect: Effect): Promise<RowWork[]> {
  const work: RowWork[] = []
  for (const change of inOrder(api, effect.changes)) {
    const collection = declared(api, change.selection.collection)
    const rows = await unsettledRows(api, collection, change, change.limit + 1)
    if (rows.length > change.limit)
      throw new SourceError(
        api.declaration.id,
        collection.id,
        'too_many',
        `it holds more than the ${change.limit} rows that may be touched`,
      )
    work.push(...rows.map((row) => ({ collection, row, change })))
  }
  if (effect.limit !== undefined && work.length > effect.limit)
    throw new SourceError(api.declaration.id, '', 'too_many', `${work.length} rows are more than the ${effect.limit} that may be touched`)
  return work
}

async function settleRow(api: Api, effect: Effect, { collection, row, change }: RowWork): Promise<void> {
  const { revoke, erase, change: setting } = httpOf(collection)
  if (change.action.kind === 'set') {
    const body = JSON.stringify(
      objectWith(Object.entries(change.action.set).map(([column, to]) => [placeOf(collection, column), fixed(api, collection, to)])),
    )
    return callForRow(api, { effect, collection, row, name: 'change', call: required(api, collection, setting, 'change'), body })
  }
  const call = required(api, collection, revoke ?? erase, 'erase')
  await callForRow(api, { effect, collection, row, name: revoke === undefined ? 'erase' : 'revoke', call })
  if (revoke !== undefined && erase !== undefined) await callForRow(api, { effect, collection, row, name: 'erase', call: erase })
}

interface RowCall {
  readonly effect: Effect
  readonly collection: Named<Collection>
  readonly row: OpenedRow
  readonly name: 'revoke' | 'erase' | 'change'
  readonly call: HttpCall
  readonly body?: string
}

async function callForRow(api: Api, { effect, collection, row, name, call, body }: RowCall): Promise<void> {
  const digest = createHash('sha256')
    .update(JSON.stringify([collection.id, name, ...row.key]))
    .digest('hex')
    .slice(0, 32)
  // The epoch stays out: a worker that takes over must name the same effect by the same key.
  const idempotency_key = `${effect.step}:${effect.batch}:${digest}`
  const gone = name === 'change' ? [] : [404, 410]
  await callApi(api, collection.id, {
    method: call.method,
    ...filled(api, collection, row.raw, call),
    ...(body !== undefined && { body }),
    idempotency_key,
    also: gone,
  })
}

function filled(api: Api, collection: Named<Collection>, raw: RawRow, call: HttpCall): { path: string; body: string | undefined } {
  const names = [call.path, ...Object.values(call.body ?? {})].flatMap(namesIn)
  const values = Object.fromEntries(names.map((name) => [name, textOf(valueOf(collection, raw, name))]))
  try {
    return { path: fillPath(call.path, values), body: fillBody(call, values) }
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error
    throw new SourceError(api.declaration.id, collection.id, 'other', 'a row holds a value that its call cannot name')
  }
}

/** A fresh look: a SourceError while a row that should be gone is there, or one does not hold what is set. */
async function assertNothingLeft(api: Api, effect: Effect): Promise<void> {
  for (const change of effect.changes) {
    const collection = declared(api, change.selection.collection)
    const rows = await unsettledRows(api, collection, change, Number.MAX_SAFE_INTEGER)
    if (rows.length > 0)
      throw new SourceError(
        api.declaration.id,
        collection.id,
        'timeout',
        `${rows.length === 1 ? '1 row is' : `${rows.length} rows are`} still there although it accepted every call`,
      )
  }
}

async function unsettledRows(api: Api, collection: Named<Collection>, change: Change, most: number): Promise<OpenedRow[]> {
  const { action, only_where = {}, only_keys } = change
  const keys = only_keys === undefined ? undefined : new Set(only_keys.map((key) => JSON.stringify(key)))
  const rows: OpenedRow[] = []
  for await (const row of selectedRows(api, collection, change.selection)) {
    if (!holdsTexts(collection, row.raw, only_where) || keys?.has(JSON.stringify(row.key)) === false) continue
    if (action.kind === 'set' && isSet(api, collection, row.raw, action.set)) continue
    rows.push(row)
    if (rows.length >= most) break
  }
  return rows
}

function isSet(api: Api, collection: Named<Collection>, raw: RawRow, set: Readonly<Record<string, Strategy>>): boolean {
  return Object.entries(set).every(([column, to]) => textOf(valueOf(collection, raw, column)) === textOf(fixed(api, collection, to)))
}

/** What an API is told to set: only what can be said without reading the row. */
function fixed(api: Api, collection: Named<Collection>, strategy: Strategy): string | number | boolean | null {
  if (strategy === null) return null
  if ('value' in strategy) return strategy.value
  throw new SourceError(api.declaration.id, collection.id, 'schema', 'an API is only told null or a fixed value')
}

function settled(done: Rows, { expected = {} }: Effect): Rows {
  return Object.fromEntries(Object.entries(done).map(([collection, rows]) => [collection, Math.max(rows, expected[collection] ?? 0)]))
}

function declared(api: Api, id: string): Named<Collection> {
  const collection = api.policy.collections.get(id)
  if (collection === undefined) throw new TypeError(`the policy has no collection ${id}`)
  return collection
}

function required<T>(api: Api, collection: Named<Collection>, call: T | undefined, name: string): T {
  if (call === undefined) throw new SourceError(api.declaration.id, collection.id, 'schema', `the policy does not say how to ${name} a row`)
  return call
}

/** How far it came, for the operator who reads why it stopped. */
function partly(error: unknown, { id }: Named<Collection>, done: number, work: readonly RowWork[]): unknown {
  if (!(error instanceof SourceError) || done === 0) return error
  const all = work.filter(({ collection }) => collection.id === id).length
  const sentence = error.message.slice(error.message.indexOf(': ') + 2)
  return new SourceError(error.source, error.collection, error.cause_kind, `${done} of ${all} rows are done, then ${sentence}`)
}
