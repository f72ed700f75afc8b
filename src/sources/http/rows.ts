import type { Collection, Condition, Named } from '../../policy/schema.ts'
import { isEnough, isSameLink, personKeys, saysTheSame } from '../person-keys.ts'
import { SourceError, type IdentifierValue, type Opening, type Selection } from '../source.ts'
import type { Api } from './api.ts'
import { textOf, valueAt } from './json.ts'
import { httpOf, pagesOf, type RawRow } from './pages.ts'

/** A row of an API and whose it is, as the openings tell. */
export interface OpenedRow {
  readonly raw: RawRow
  readonly key: IdentifierValue
  readonly own: boolean
  readonly shared: boolean
  /** Opened by a bridge with a value that rows of others have not lent. */
  readonly passed: boolean
  /** No key of another person stands in it. */
  readonly nobody_elses: boolean
  /** Ours to decide about, and no customer organisation's. */
  readonly ours: boolean
}

const MOST_ROWS = 1_000_000

/**
 * Every row that one of the openings opens, each once, in the order of the pages. A row that does not hold the value it was asked for is
 * somebody else's: then nothing of the answer is taken (SourceError).
 */
export async function* openedRows(api: Api, collection: Named<Collection>, openings: readonly Opening[]): AsyncGenerator<OpenedRow> {
  const seen = new Set<string>()
  for (const opening of openings.filter(({ meaning }) => meaning !== 'person')) {
    for (const value of opening.values) {
      for await (const page of pagesOf(api, collection, opening, value)) {
        for (const raw of page) {
          if (!holds(collection, raw, opening, value)) throw notAskedFor(api, collection)
          if (!meets(collection, raw, opening.when ?? {})) continue
          const key = keyOf(api, collection, raw)
          const name = JSON.stringify(key)
          if (seen.has(name)) continue
          seen.add(name)
          if (seen.size > MOST_ROWS)
            throw new SourceError(api.declaration.id, collection.id, 'too_many', `it gives more than ${MOST_ROWS} rows`)
          yield { raw, key, ...whose(api, collection, raw, openings) }
        }
      }
    }
  }
}

/** The rows of a selection; what is only passed through is nobody's to disclose or change. */
export async function* selectedRows(api: Api, collection: Named<Collection>, selection: Selection): AsyncGenerator<OpenedRow> {
  const openings = selection.openings.filter(({ meaning }) => meaning !== 'bridge')
  for await (const row of openedRows(api, collection, openings)) {
    const theirs = (row.own && row.nobody_elses) || row.shared
    const others = (row.own || row.shared) && !(row.own && row.nobody_elses)
    if ((selection.whose === 'shared' ? others : theirs) && row.ours === (selection.side === 'ours')) yield row
  }
}

/** What a row holds in a column, as the API gives it; null for nothing. */
export function valueOf(collection: Named<Collection>, raw: RawRow, column: string): unknown {
  return valueAt(raw, placeOf(collection, column)) ?? null
}

/** Where a column stands in a row. */
export function placeOf(collection: Named<Collection>, column: string): string {
  const { columns } = httpOf(collection)
  return Object.hasOwn(columns, column) ? (columns[column] ?? column) : column
}

/** What the columns hold as an identifier; undefined when a part is missing. */
export function identifierIn(collection: Named<Collection>, raw: RawRow, columns: readonly string[]): IdentifierValue | undefined {
  const parts = columns.map((column) => textOf(valueOf(collection, raw, column)))
  return parts.every((part): part is string => part !== null && part.trim() !== '') ? parts : undefined
}

/** Whether the columns hold these very texts. */
export function holdsTexts(collection: Named<Collection>, raw: RawRow, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([column, text]) => textOf(valueOf(collection, raw, column)) === text)
}

function whose(
  api: Api,
  collection: Named<Collection>,
  raw: RawRow,
  openings: readonly Opening[],
): Pick<OpenedRow, 'own' | 'shared' | 'passed' | 'nobody_elses' | 'ours'> {
  const by = (meaning: Opening['meaning']) => openings.filter((opening) => opening.meaning === meaning && opens(collection, raw, opening))
  return {
    own: by('own').length > 0,
    shared: by('shared').length > 0,
    passed: by('bridge').some(({ lent }) => lent !== true),
    nobody_elses: isNobodyElses(api, collection, raw, openings),
    ours: !isOrganisations(collection, raw),
  }
}

/** Each key of a person in the row is missing, or one of this person's. */
function isNobodyElses(api: Api, collection: Named<Collection>, raw: RawRow, openings: readonly Opening[]): boolean {
  const own = openings.filter(({ meaning }) => meaning === 'own')
  return personKeys(api.policy, collection)
    .filter((key) => own.some((opening) => !saysTheSame(opening, key)))
    .every((key) => {
      if (identifierIn(collection, raw, key.columns) === undefined) return true
      if (!meets(collection, raw, key.when ?? {}) && key.elsewhere.some((other) => meets(collection, raw, other))) return true
      const known = openings.filter(({ meaning }) => meaning === 'own' || meaning === 'person')
      return known.some((opening) => (isSameLink(opening, key) || isEnough(opening, key)) && opens(collection, raw, opening))
    })
}

function opens(collection: Named<Collection>, raw: RawRow, opening: Opening): boolean {
  return meets(collection, raw, opening.when ?? {}) && opening.values.some((value) => holds(collection, raw, opening, value))
}

function holds(collection: Named<Collection>, raw: RawRow, { columns, compare }: Opening, value: IdentifierValue): boolean {
  const fold = (text: string) => (compare === 'email' ? text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) : text)
  return columns.every((column, index) => {
    const text = textOf(valueOf(collection, raw, column))
    const asked = value[index]
    return text !== null && asked !== undefined && asked !== '' && fold(text) === fold(asked)
  })
}

/** As everywhere: a condition that cannot be answered leaves the row ours. */
function isOrganisations(collection: Named<Collection>, raw: RawRow): boolean {
  const condition = collection.organisation_controls
  return condition !== undefined && Object.keys(condition).length > 0 && meets(collection, raw, condition)
}

function meets(collection: Named<Collection>, raw: RawRow, condition: Condition | NonNullable<Opening['when']>): boolean {
  return Object.entries(condition).every(([column, wanted]) => {
    const text = textOf(valueOf(collection, raw, column))
    if (wanted === null) return text === null
    if (Array.isArray(wanted)) return wanted.some((one: unknown) => String(one) === text)
    if (typeof wanted === 'object') return text !== null
    return text === String(wanted)
  })
}

function keyOf(api: Api, collection: Named<Collection>, raw: RawRow): IdentifierValue {
  const key = identifierIn(collection, raw, collection.key)
  if (key === undefined)
    throw new SourceError(api.declaration.id, collection.id, 'schema', `it gives a row without ${collection.key.join(' and ')}`)
  return key
}

function notAskedFor(api: Api, collection: Named<Collection>): SourceError {
  const sentence = 'it answered with a row that does not hold the value asked for; nothing of the answer was taken'
  return new SourceError(api.declaration.id, collection.id, 'unexpected_rows', sentence)
}
