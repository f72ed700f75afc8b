import { isDeepStrictEqual } from 'node:util'
import type { Collection, Named } from '../../policy/schema.ts'
import type { Found, Identifiers, IdentifierValue, Opening, Selection } from '../source.ts'
import type { Api } from './api.ts'
import { holdsTexts, identifierIn, openedRows, selectedRows, type OpenedRow } from './rows.ts'

const MOST_PERSONS = 10

/** What one collection of an API holds of a person, counted as at every source (source.ts). */
export async function findRows(api: Api, collection: Named<Collection>, openings: readonly Opening[]): Promise<Found> {
  const counts = { rows: 0, organisation_rows: 0, shared_rows: 0 }
  const given: Given = new Map()
  const lent: Given = new Map()
  const persons: IdentifierValue[] = []
  for await (const row of openedRows(api, collection, openings)) {
    const mine = row.own && row.nobody_elses
    if (!row.ours) counts.organisation_rows += row.own || row.shared ? 1 : 0
    else if (mine) counts.rows++
    else if (row.own || row.shared) counts.shared_rows++
    if (collection.is_person && row.own && persons.length < MOST_PERSONS) persons.push(row.key)
    if (row.ours && (mine || row.passed)) addProvided(collection, row, given)
    else if (row.ours && (row.shared || !row.own)) addProvided(collection, row, lent)
  }
  return { ...counts, provides: identifiersOf(given), lends: identifiersOf(lent), persons }
}

type Given = Map<string, Map<string, IdentifierValue>>

function addProvided(collection: Named<Collection>, { raw }: OpenedRow, to: Given): void {
  for (const [identifier, columns] of Object.entries(collection.provides)) {
    const value = identifierIn(collection, raw, columns)
    if (value === undefined) continue
    const values = to.get(identifier) ?? new Map<string, IdentifierValue>()
    to.set(identifier, values.set(JSON.stringify(value), value))
  }
}

function identifiersOf(given: Given): Identifiers {
  return Object.fromEntries([...given].map(([kind, values]) => [kind, [...values.values()]]))
}

/** How many rows a selection has; with `matching`, how many of them hold these very values. */
export async function countRows(
  api: Api,
  collection: Named<Collection>,
  selection: Selection,
  matching: Readonly<Record<string, string>> = {},
): Promise<number> {
  let count = 0
  for await (const { raw } of selectedRows(api, collection, selection)) if (holdsTexts(collection, raw, matching)) count++
  return count
}

/**
 * Primary keys of selected rows in the order of the API, at most `limit`; with `after`, those that come behind it. Where that row is gone, all
 * that are left come behind it.
 */
export async function readKeys(
  api: Api,
  collection: Named<Collection>,
  selection: Selection,
  limit: number,
  after?: IdentifierValue,
): Promise<readonly IdentifierValue[]> {
  const keys: IdentifierValue[] = []
  if (limit <= 0) return keys
  for await (const { key } of selectedRows(api, collection, selection)) {
    keys.push(key)
    if (after === undefined && keys.length >= limit) break
  }
  const reached = keys.findIndex((key) => isDeepStrictEqual(key, after))
  return keys.slice(reached + 1, reached + 1 + limit)
}

/** Where each organisation that controls selected rows is written to, each once. */
export async function readContacts(api: Api, collection: Named<Collection>, selection: Selection): Promise<readonly string[]> {
  const { organisation_contact: column } = collection
  const contacts = new Set<string>()
  if (column === undefined) return []
  for await (const { raw } of selectedRows(api, collection, selection)) {
    const contact = identifierIn(collection, raw, [column])?.[0]
    if (contact !== undefined) contacts.add(contact)
  }
  return [...contacts]
}
