import type { Collection, Named } from '../../policy/schema.ts'
import type { FindCall, HttpCollection } from '../../policy/schema-http.ts'
import { SourceError, type IdentifierValue, type Opening } from '../source.ts'
import type { Api } from './api.ts'
import { callApi, type Answer } from './call.ts'
import { fillBody, fillPath, UnfitValue, type Values } from './fill.ts'
import { textOf, valueAt } from './json.ts'

/** A row as the API gives it: a JSON object. */
export type RawRow = Readonly<Record<string, unknown>>

const MOST_PAGES = 10_000

/** The rows that one value of one opening finds, page by page. A value that no call can hold finds nothing: it is nobody's. */
export async function* pagesOf(
  api: Api,
  collection: Named<Collection>,
  opening: Opening,
  value: IdentifierValue,
): AsyncGenerator<readonly RawRow[]> {
  const call = findCall(api, collection, opening)
  let path: string
  let body: string | undefined
  try {
    const values = valuesOf(opening, value)
    path = fillPath(call.path, values)
    body = fillBody(call, values)
  } catch (error) {
    if (error instanceof UnfitValue) return
    throw error
  }
  const seen = new Set<string>()
  for (let next: string | undefined = path; next !== undefined;) {
    if (seen.has(next) || seen.size >= MOST_PAGES) throw problem(api, collection, 'its pages never end')
    seen.add(next)
    const answer: Answer = await callApi(api, collection.id, {
      method: call.method,
      path: next,
      body,
      ...(call.not_found_is_nothing && { also: [404] }),
    })
    if (answer.status === 404) return
    yield listIn(api, collection, call, answer.json)
    next = nextPath(api, collection, call, { first: path, answer })
  }
}

/** How an API collection is spoken to. */
export function httpOf(collection: Named<Collection>): HttpCollection {
  if (collection.http === undefined) throw new TypeError(`the collection ${collection.id} is at no API`)
  return collection.http
}

function findCall(api: Api, collection: Named<Collection>, { identifier, columns }: Opening): FindCall {
  const { find } = httpOf(collection)
  const named = find.find((call) => call.identifier === identifier)
  const call = named ?? (columns.length === 1 ? find.find((one) => one.identifier === undefined) : undefined)
  if (call === undefined) throw problem(api, collection, `the policy has no call that finds rows by ${identifier}`)
  return call
}

function valuesOf({ columns }: Opening, value: IdentifierValue): Values {
  const named = columns.map((column, index) => [column, value[index]] as const)
  return { ...(value.length === 1 && { identifier: value[0] }), ...Object.fromEntries(named) }
}

function listIn(api: Api, collection: Named<Collection>, call: FindCall, json: unknown): readonly RawRow[] {
  const list = call.rows === '.' ? json : valueAt(json, call.rows)
  if (!Array.isArray(list)) throw problem(api, collection, `its answer has no list at ${call.rows}`)
  const rows: unknown[] = list
  if (!rows.every(isRow)) throw problem(api, collection, `its list at ${call.rows} holds something that is no row`)
  return rows
}

function isRow(value: unknown): value is RawRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Where the next page is: at the same API, whatever the answer says. */
function nextPath(
  api: Api,
  collection: Named<Collection>,
  { next }: FindCall,
  { first, answer }: { first: string; answer: Answer },
): string | undefined {
  if (next === undefined) return undefined
  if (next === 'link') return linkedPath(api, collection, answer)
  const cursor = textOf(valueAt(answer.json, next.at))
  if (cursor === null || cursor === '' || cursor === 'false') return undefined
  return `${first}${first.includes('?') ? '&' : '?'}${encodeURIComponent(next.parameter)}=${encodeURIComponent(cursor)}`
}

/** RFC 8288; an address of another place is refused, as our secret goes with the call. */
function linkedPath(api: Api, collection: Named<Collection>, { headers }: Answer): string | undefined {
  const { link } = headers
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(Array.isArray(link) ? link.join(', ') : (link ?? ''))?.[1]
  if (target === undefined) return undefined
  const root = api.base.pathname.replace(/\/$/, '')
  const url = URL.canParse(target, api.base) ? new URL(target, api.base) : undefined
  if (url?.origin !== api.base.origin || !url.pathname.startsWith(`${root}/`))
    throw problem(api, collection, 'its next page is at another place')
  return url.pathname.slice(root.length) + url.search
}

function problem(api: Api, collection: Named<Collection>, sentence: string): SourceError {
  return new SourceError(api.declaration.id, collection.id, 'schema', sentence)
}
