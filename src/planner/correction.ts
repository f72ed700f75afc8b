import type { DeclaredFinding } from './disclosure.ts'
import type { PlanInput } from './plan.ts'
import type { PlanItem, PlanQuestion } from './shape.ts'

/** A correction that was asked for: the field as typed, and keyed digests of the values (the values stay sealed with the case). */
export interface Correction {
  readonly field: string
  readonly from_digest: string | null
  readonly to_digest: string
  /** Rows that hold the old value, by `collection.column`; null when no old value was named. */
  readonly matching: Readonly<Record<string, number>> | null
  /** Other correctable columns that hold the old value, by `collection.column`: offered, never changed unasked. */
  readonly copies: Readonly<Record<string, number>>
  /** What speaks against the new value, by `collection.column`: what was expected there. */
  readonly misfits: Readonly<Record<string, string>>
}

/** A column that a typed field name means. */
export interface Place {
  readonly collection: string
  readonly column: string
}

type Declared = Pick<DeclaredFinding, 'collection' | 'declared'>

/** The columns a typed field name means, over all collections found: the column's name, its label, or `collection.column`. */
export function columnsFor(field: string, found: readonly Declared[]): Place[] {
  const wanted = field.trim().toLowerCase()
  return found.flatMap((one) =>
    Object.entries(one.declared.fields)
      .filter(([column, declared]) => {
        const names = [column, declared.label, `${one.collection}.${column}`]
        return declared.correctable && names.some((name) => name?.toLowerCase() === wanted)
      })
      .map(([column]) => ({ collection: one.collection, column })),
  )
}

/**
 * What a rectification changes (Art. 16 GDPR, §1798.106): every collection that holds a copy of the field, where the old value matches. A
 * field that is not known, or an old value that is nowhere, is a question to a person and never a guess.
 */
export function changeItems(input: PlanInput, found: readonly DeclaredFinding[], questions: PlanQuestion[]): PlanItem[] {
  return input.corrections.flatMap((correction, index) => {
    const meant = columnsFor(correction.field, found)
    const matching = meant.filter((place) => correction.matching === null || (correction.matching[nameOf(place)] ?? 0) > 0)
    if (meant.length === 0) questions.push(question(index, UNKNOWN))
    else if (matching.length === 0) questions.push(question(index, NO_MATCH))
    const places = [...matching, ...addedCopies(input, correction)]
    const misfits = places.flatMap((place) =>
      correction.misfits[nameOf(place)] === undefined ? [] : [`${nameOf(place)} (${correction.misfits[nameOf(place)]})`],
    )
    // A value that a database would refuse is not tried: it is left out, or put right by hand.
    if (misfits.length > 0)
      questions.push({ ...question(index, `does not fit: expected something else in ${misfits.join(', ')}.`), kind: 'value_does_not_fit' })
    return places
      .filter((place) => correction.misfits[nameOf(place)] === undefined)
      .map((place) => changeItem(found, correction, index, place))
  })
}

/** Copies of the old value elsewhere that a person has added to the plan. */
function addedCopies({ amendments }: PlanInput, { copies }: Correction): Place[] {
  return amendments
    .filter(({ kind }) => kind === 'add')
    .flatMap(({ collection, fields }) => fields.map((column) => ({ collection, column })))
    .filter((place) => (copies[nameOf(place)] ?? 0) > 0)
}

/** Every correctable column of the collections found that a typed field name does not mean. */
export function columnsBeside(field: string, found: readonly Declared[]): Place[] {
  const meant = new Set(columnsFor(field, found).map(nameOf))
  return found
    .flatMap((one) =>
      Object.entries(one.declared.fields)
        .filter(([, { correctable }]) => correctable)
        .map(([column]) => ({ collection: one.collection, column })),
    )
    .filter((place) => !meant.has(nameOf(place)))
}

/** `collection.column`. */
export function nameOf({ collection, column }: Place): string {
  return `${collection}.${column}`
}

function changeItem(found: readonly DeclaredFinding[], correction: Correction, index: number, { collection, column }: Place): PlanItem {
  const declared = found.find((one) => one.collection === collection)?.declared
  const where = correction.from_digest === null ? 'whatever it holds' : 'where it holds the old value'
  return {
    source: declared?.source ?? '',
    collection,
    category: declared?.category ?? '',
    action: 'change',
    fields: [column],
    withheld: [],
    correction: index,
    reason: `Correction ${index + 1} of the request, ${where} (new value ${correction.to_digest.slice(0, 12)}).`,
  }
}

const UNKNOWN = 'names a field that no mapped collection of this person has, or that cannot be corrected here.'
const NO_MATCH = 'names an old value that stands nowhere: what we hold is something else.'

function question(index: number, what: string): PlanQuestion {
  return {
    id: `correction-${index + 1}`,
    kind: 'unknown_field',
    text: `Correction ${index + 1} ${what}`,
    choices: ['leave_out', 'done_by_hand'],
  }
}
