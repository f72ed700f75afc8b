import type { Strategy } from '../../../policy/schema.ts'
import { REMOVED } from '../../redaction.ts'
import type { Column } from '../catalog/catalog.ts'
import { isInstant, isText } from '../catalog/column-types.ts'
import type { Database } from '../connection.ts'
import type { Mapped } from '../names.ts'
import { canBePseudonym, pseudonymDigits, sampleDigests, sampleUuid, SHORTEST_PSEUDONYM } from '../change/pseudonym.ts'
import { limitsOf, replacementOf } from '../change/replacement.ts'

/** What a column may hold after a strategy, as far as it can be known without its rows. */
export interface Outcome {
  readonly name: string
  readonly column: Column
  readonly strategy: Strategy
  /** Every value other than null, or samples that show every digit in every place; `unknown` when it depends on what was there. */
  readonly values: readonly string[] | 'unknown'
  readonly may_be_null: boolean
  /** Which rows surely differ afterwards: each from all others, those that differed before, or none. */
  readonly apart: 'each row' | 'each value' | 'none'
}

/** What a strategy makes of a column, or what would have to be there for it to be possible at all. */
export function outcomeOf(db: Database, place: Mapped, column: Column, strategy: Strategy): Outcome | { readonly expected: string } {
  const known = { name: column.name, column, strategy, may_be_null: !column.not_null, apart: 'none' as const }
  const { length } = limitsOf(place.table.limits, column)
  const anything: Outcome = { ...known, values: 'unknown' }
  if (strategy === null) return { ...known, values: [], may_be_null: true }
  if ('value' in strategy) return { ...known, values: [String(strategy.value)], may_be_null: false }
  if ('pseudonym' in strategy) {
    if (!canBePseudonym(column, length)) return { expected: `a uuid, or a text with room for ${SHORTEST_PSEUDONYM} characters` }
    const digits = column.type === 'uuid' ? sampleDigests(32).map(sampleUuid) : sampleDigests(pseudonymDigits(length).whole)
    return { ...known, values: digits, apart: 'each value' }
  }
  if ('replace' in strategy) {
    const replacement = replacementOf(db, place, column)
    if (replacement.kind === 'none') return { expected: replacement.expected }
    if (replacement.kind === 'constant') return { ...known, values: [replacement.value] }
    return replacement.kind === 'year' ? anything : { ...known, values: replacement.samples, apart: 'each row' }
  }
  const expected = missing(column, strategy, length)
  return expected === undefined ? anything : { expected }
}

function missing(column: Column, strategy: NonNullable<Strategy>, length: number | null): string | undefined {
  if ('truncate' in strategy) {
    if (strategy.truncate === 'postcode') return isText(column) ? undefined : 'a text'
    if (strategy.truncate !== 'ip') return isInstant(column) ? undefined : 'a date or a time'
    return isText(column) || column.type === 'inet' || column.type === 'cidr' ? undefined : 'a network address or a text'
  }
  if ('redact' in strategy) {
    const room = length === null || length >= REMOVED.length
    return isText(column) && room ? undefined : `a text with room for ${REMOVED.length} characters`
  }
  const json = column.type === 'json' || column.type === 'jsonb'
  if ('remove' in strategy) return json || column.category === 'A' ? undefined : 'an array or jsonb'
  return json ? undefined : 'jsonb'
}
