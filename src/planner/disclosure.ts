import type { Category, Collection, Field, Named } from '../policy/schema.ts'
import { isSharedOnly } from './graph.ts'
import type { PlanInput, SurveyedCollection } from './plan.ts'
import type { PlanItem } from './shape.ts'

/** What was asked, under which policy. */
export type Asked = Pick<PlanInput, 'policy' | 'right' | 'scope'>

export interface DeclaredFinding extends SurveyedCollection {
  readonly declared: Named<Collection>
}

/** What a copy contains (Art. 15, 20 GDPR; §1798.110): every mapped field that says something about a person, or for portability what was provided and observed. */
export function discloseItems(input: PlanInput, found: readonly DeclaredFinding[]): PlanItem[] {
  return found.flatMap((one) => {
    const given = disclosedFields(input, one.declared)
    if (given === undefined) return []
    const { source, id: collection, category = '' } = one.declared
    return [{ source, collection, category, action: 'disclose' as const, ...given, reason: reasonFor(input, one) }]
  })
}

/** What a copy for this right and scope has of a collection: fields as they are, and those that are named by their type; undefined for nothing. */
export function disclosedFields(
  { policy, right, scope }: Asked,
  collection: Named<Collection>,
): Pick<PlanItem, 'fields' | 'withheld'> | undefined {
  if (scope['know'] === 'categories' || collection.category === undefined || isBridge(collection)) return undefined
  const category = policy.categories.get(collection.category)
  if (category === undefined || (right === 'portability' && !isPortable(category))) return undefined
  const fields = Object.entries(collection.fields).filter(
    ([, field]) => field.not_personal === undefined && (right !== 'portability' || isGiven(field)) && !isOthers(collection, field),
  )
  if (fields.length === 0) return undefined
  const shown = fields.filter(([, field]) => field.never_disclose === undefined).map(([name]) => name)
  const withheld = fields.flatMap(([field, { never_disclose: type }]) => (type === undefined ? [] : [{ field, type }]))
  return { fields: shown, withheld }
}

/** Art. 20(1)(a): only what rests on consent or contract. */
function isPortable(category: Named<Category>): boolean {
  return category.basis === 'consent' || category.basis === 'contract'
}

/** In rows that are only ever shared, free text is as much other people's as theirs (Art. 15(4) GDPR). */
function isOthers(collection: Named<Collection>, field: Field): boolean {
  return isSharedOnly(collection) && field.others_may_appear
}

function isGiven(field: Field): boolean {
  return field.origin === 'provided' || field.origin === 'observed'
}

/** Collections that are only passed through stay out of what people get. */
export function isBridge(collection: Named<Collection>): boolean {
  return collection.opened_by.length > 0 && collection.opened_by.every((opening) => opening.meaning === 'bridge')
}

/** Why these rows are the person's, in words. */
export function reasonFor(input: PlanInput, one: SurveyedCollection): string {
  const [first, ...rest] = one.path
  const label = input.policy.identifiers.get(first ?? '')?.label ?? first ?? 'the proven identity'
  return rest.length <= 1 ? `Found by the proven ${label}.` : `Found by the proven ${label}, through ${rest.slice(0, -1).join(' → ')}.`
}
