import type { DeclaredFinding } from './disclosure.ts'
import type { PlanInput } from './plan.ts'
import type { PlanItem, PlanQuestion } from './shape.ts'

/** A correction that was asked for: the field as typed, and keyed digests of the values (the values stay sealed with the case). */
export interface Correction {
  readonly field: string
  readonly from_digest: string | null
  readonly to_digest: string
}

/** The columns a typed field name means, over all collections found: the column's name, its label, or `collection.column`. */
export function columnsFor(field: string, found: readonly DeclaredFinding[]): { collection: string; column: string }[] {
  const wanted = field.trim().toLowerCase()
  return found.flatMap((one) =>
    Object.entries(one.declared.fields)
      .filter(
        ([column, declared]) =>
          declared.correctable && [column, declared.label, `${one.collection}.${column}`].some((name) => name?.toLowerCase() === wanted),
      )
      .map(([column]) => ({ collection: one.collection, column })),
  )
}

/** What a rectification changes (Art. 16 GDPR, §1798.106): every collection that holds a copy of the field. */
export function changeItems(input: PlanInput, found: readonly DeclaredFinding[], questions: PlanQuestion[]): PlanItem[] {
  return input.corrections.flatMap((correction, index) => {
    const places = columnsFor(correction.field, found)
    if (places.length === 0) questions.push(unknownField(index))
    return places.map(({ collection, column }) => {
      const declared = found.find((one) => one.collection === collection)?.declared
      return {
        source: declared?.source ?? '',
        collection,
        category: declared?.category ?? '',
        action: 'change' as const,
        fields: [column],
        withheld: [],
        correction: index,
        reason: `Correction ${index + 1} of the request, ${correction.from_digest === null ? 'any value' : 'where the old value matches'} (${correction.to_digest.slice(0, 12)}).`,
      }
    })
  })
}

function unknownField(index: number): PlanQuestion {
  return {
    id: `correction-${index + 1}`,
    kind: 'unknown_field',
    text: `Correction ${index + 1} names a field that no mapped collection of this person has, or that cannot be corrected here.`,
    choices: ['leave_out', 'done_by_hand'],
  }
}
