import { RIGHT_TABLE } from './rights.ts'
import type { Collection, Named, Policy, Right } from './schema.ts'
import { RIGHTS } from './schema.ts'
import { alignColumns, describeCondition, describeSet } from './words.ts'

/** Per right a block of lines: who approves, and what would be done to the rows of each collection. */
export function explainRights(policy: Policy): string[][] {
  return RIGHTS.map((right) => {
    const { label, article, proof } = RIGHT_TABLE[right]
    const approvals = (policy.decisions.approvals[right] ?? 'one').replaceAll('_', ' ')
    const heading = `${right.toUpperCase()}: ${label} (${article}); proof: ${proof}; approvals: ${approvals}`
    return [heading, ...body(policy, right)]
  })
}

/** Rights of California that do to rows what a right of the GDPR does. */
const TWINS: Partial<Record<Right, Right>> = { know: 'access', delete: 'erasure', correct: 'rectification' }

function body(policy: Policy, right: Right): string[] {
  const { effect, leaves } = RIGHT_TABLE[right]
  const twin = TWINS[right]
  if (twin !== undefined) return [`  to every collection what ${twin} does`]
  if (effect === 'record') return [`  recorded as ${(leaves ?? right).replaceAll('_', ' ')} and obeyed from then on; no row is touched`]
  if (effect === 'describe') return [`  answered in words: ${policy.profiling.text}`]
  const rows = [...policy.collections.values()].flatMap((collection) => {
    if (collection.category === undefined || collection.opened_by.every((opening) => opening.meaning === 'bridge')) return []
    const done = act(policy, right, effect, collection)
    return done === undefined ? [] : [[collection.id, reachedBy(collection), forwarded(collection, done)]]
  })
  return [...alignColumns(rows), ...byHand(policy)]
}

function act(
  policy: Policy,
  right: Right,
  effect: 'disclose' | 'change' | 'erase' | 'restrict',
  collection: Named<Collection>,
): string | undefined {
  switch (effect) {
    case 'disclose':
      return disclosed(policy, right, collection)
    case 'change': {
      const fields = Object.entries(collection.fields).filter(([, field]) => field.correctable)
      return fields.length === 0 ? undefined : `change ${fields.map(([name]) => name).join(', ')}`
    }
    case 'erase':
      return erased(collection)
    case 'restrict': {
      const marks = Object.entries(collection.restrict_with).map(([column, value]) => `${column} to ${String(value)}`)
      return marks.length === 0 ? 'marked in this service only' : `set ${marks.join(', ')}`
    }
  }
}

/** Art. 20(1): only what was provided or observed, under consent or contract. */
function disclosed(policy: Policy, right: Right, collection: Named<Collection>): string | undefined {
  const basis = policy.categories.get(collection.category ?? '')?.basis
  if (right === 'portability' && basis !== 'consent' && basis !== 'contract') return undefined
  const fields = Object.entries(collection.fields).filter(
    ([, field]) => right !== 'portability' || field.origin === 'provided' || field.origin === 'observed',
  )
  const shown = fields.filter(([, field]) => field.never_disclose === undefined).map(([name]) => name)
  const withheld = fields.flatMap(([name, field]) => (field.never_disclose === undefined ? [] : [`${name} (${field.never_disclose})`]))
  const others = fields.some(([, field]) => field.others_may_appear) ? '; others may appear: a person looks first' : ''
  return `disclose ${shown.join(', ')}${withheld.length === 0 ? '' : `; named, not shown: ${withheld.join(', ')}`}${others}`
}

function erased(collection: Named<Collection>): string {
  switch (collection.on_erasure) {
    case 'delete':
      return 'delete'
    case 'detach':
      return `detach: ${describeSet(collection.set)}`
    case 'leave':
      return `leave: ${collection.leave_reason ?? ''}`
    case 'keep': {
      const { keep } = collection
      const set = describeSet(collection.set)
      const law = keep === undefined ? '' : ` by ${keep.statute} (${keep.country}) until the rule ${keep.rule} ends it`
      return `keep${law}${set === '' ? '' : `; ${set}`}`
    }
  }
}

function reachedBy(collection: Named<Collection>): string {
  const ways = collection.opened_by.map((opening) => `${opening.identifier}${opening.meaning === 'own' ? '' : ` (${opening.meaning})`}`)
  return `by ${[...new Set(ways)].join(', ')}`
}

function forwarded(collection: Named<Collection>, done: string): string {
  if (collection.organisation_controls === undefined) return done
  return `${done}; where ${describeCondition(collection.organisation_controls)}: forwarded to the organisation`
}

function byHand(policy: Policy): string[] {
  return [...policy.sources.values()]
    .filter((source) => source.kind === 'manual')
    .map((source) => `  ${source.label}: a person looks (${source.instructions ?? ''})`)
}
