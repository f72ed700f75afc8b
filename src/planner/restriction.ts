import type { DeclaredFinding } from './disclosure.ts'
import { reasonFor } from './disclosure.ts'
import type { PlanInput } from './plan.ts'
import type { PlanItem } from './shape.ts'

/** What a restriction marks (Art. 18, 4(3) GDPR): rows in systems that have a column for it; the standing fact binds all others. */
export function restrictItems(input: PlanInput, found: readonly DeclaredFinding[]): PlanItem[] {
  return found.flatMap((one) => {
    const marks = Object.entries(one.declared.restrict_with)
    if (marks.length === 0) return []
    const set = Object.fromEntries(marks.map(([column, value]) => [column, { value }]))
    return [
      {
        source: one.declared.source,
        collection: one.collection,
        category: one.declared.category ?? '',
        action: 'change' as const,
        fields: marks.map(([column]) => column),
        withheld: [],
        set,
        reason: reasonFor(input, one),
      },
    ]
  })
}
