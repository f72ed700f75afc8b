import type { Collection } from '../policy/schema.ts'
import type { DeclaredFinding } from './disclosure.ts'
import { reasonFor } from './disclosure.ts'
import { isSharedOnly } from './graph.ts'
import type { PlanInput } from './plan.ts'
import type { PlanItem } from './shape.ts'

/** A legal hold that covers this person: the whole of them, or one collection. */
export interface Hold {
  readonly matter: string
  readonly collection: string | undefined
  readonly review_on: string
}

/**
 * What an erasure does to each collection (Art. 17 GDPR, §1798.105): gone, kept with statute and end, detached, or left with a reason. What
 * is under legal hold stays whole: with it stays what its rows refer to.
 */
export function eraseItems(input: PlanInput, found: readonly DeclaredFinding[]): PlanItem[] {
  const pointedAt = keptWith(input, found)
  return found.flatMap((one) => {
    const why = whyWhole(input, one.collection)
    if (why !== undefined) return [wholeItem(one, why.keep, `${why.sentence}.`)]
    const pointing = pointedAt.get(one.collection)
    if (pointing === undefined) return eraseItem(input, one)
    return [wholeItem(one, pointing.why.keep, `${pointing.why.sentence}: what is ${pointing.why.how} in ${pointing.from} refers to it.`)]
  })
}

/** Whether the rows of a collection stay as they are: held, kept by decision, or referred to by such rows. */
export function staysWhole(input: PlanInput, collection: string): boolean {
  const found = input.surveyed.flatMap((one) => {
    const declared = input.policy.collections.get(one.collection)
    return declared === undefined || one.rows === 0 ? [] : [{ ...one, declared }]
  })
  return whyWhole(input, collection) !== undefined || keptWith(input, found).has(collection)
}

/** Why the rows of a collection stay as they are. */
interface Whole {
  readonly sentence: string
  readonly how: 'held' | 'kept'
  readonly keep: NonNullable<PlanItem['keep']>
}

/**
 * A legal hold first (Art. 17(3)(e) GDPR: needed for legal claims), else what a person has decided to keep. What is said of one collection is
 * said of its table: another collection of it may find the same rows.
 */
function whyWhole(input: PlanInput, collection: string): Whole | undefined {
  const names = ofSameTable(input, collection)
  for (const name of names) {
    const hold = holdOn(input, name)
    if (hold === undefined) continue
    const keep = { basis: 'legal_claims', statute: 'Art. 17(3)(e) GDPR', jurisdiction: 'EU', until: hold.review_on }
    return { sentence: `Under legal hold (${hold.matter})${alsoIn(input, collection, name)}`, how: 'held', keep }
  }
  for (const name of names) {
    const amended = input.amendments.find((one) => one.kind === 'keep' && one.collection === name)
    if (amended?.keep === undefined) continue
    const sentence = `Kept by decision (${amended.ground?.article ?? amended.keep.statute})${alsoIn(input, collection, name)}`
    return { sentence, how: 'kept', keep: amended.keep }
  }
  return undefined
}

/** The collections of one table, the named one first. */
function ofSameTable({ policy }: PlanInput, id: string): string[] {
  const { source, table } = policy.collections.get(id) ?? { source: '', table: '' }
  const others = [...policy.collections.values()].filter((one) => table !== '' && one.source === source && one.table === table)
  return [id, ...others.map((one) => one.id).filter((other) => other !== id)]
}

function alsoIn({ policy }: PlanInput, collection: string, other: string): string {
  return collection === other ? '' : `, as rows of ${policy.collections.get(other)?.label ?? other}`
}

function holdOn(input: PlanInput, collection: string): Hold | undefined {
  return input.holds.find((hold) => hold.collection === undefined || hold.collection === collection)
}

/** What rows that stay whole refer to, however far, with the reason and the label of what stays: without it they would not be whole. */
function keptWith(input: PlanInput, found: readonly DeclaredFinding[]): Map<string, { readonly why: Whole; readonly from: string }> {
  const kept = new Map<string, { readonly why: Whole; readonly from: string }>()
  const follow = (collection: Collection, why: { readonly why: Whole; readonly from: string }): void => {
    const targets = Object.values(collection.refs).flatMap((ref) => ofSameTable(input, ref.collection))
    for (const target of targets) {
      const declared = input.policy.collections.get(target)
      if (declared === undefined || kept.has(target)) continue
      kept.set(target, why)
      follow(declared, why)
    }
  }
  for (const { collection, declared } of found) {
    const why = whyWhole(input, collection)
    if (why !== undefined) follow(declared, { why, from: declared.label })
  }
  return kept
}

function eraseItem(input: PlanInput, one: DeclaredFinding): PlanItem[] {
  const collection = one.declared
  const fields = Object.keys(collection.fields)
  const base = { source: collection.source, collection: collection.id, category: collection.category ?? '', withheld: [] }
  switch (collection.on_erasure) {
    case 'delete':
      if (isSharedOnly(collection))
        return [{ ...base, action: 'keep', fields: [], reason: 'Shared with others: not erased on one person’s word.' }]
      return [{ ...base, action: 'erase', fields, reason: reasonFor(input, one) }]
    case 'detach':
      return [
        {
          ...base,
          action: 'detach',
          fields: Object.keys(collection.set),
          set: collection.set,
          reason: 'Shared with others: only what points at the person goes.',
        },
      ]
    case 'leave':
      return [{ ...base, action: 'keep', fields: [], reason: collection.leave_reason ?? 'Not touched by an erasure.' }]
    case 'keep': {
      const { keep } = collection
      if (keep === undefined) throw new Error(`the collection ${collection.id} is kept without a legal basis`)
      const changed = Object.keys(collection.set)
      const until = input.kept_until[collection.id] ?? ''
      return [
        {
          ...base,
          action: 'keep',
          fields: fields.filter((field) => !changed.includes(field)),
          set: collection.set,
          reason: `Kept because ${keep.statute} (${keep.country}) obliges us, restricted to that purpose and to the fields it asks for.`,
          keep: { basis: keep.basis, statute: keep.statute, jurisdiction: keep.country, until },
        },
      ]
    }
  }
}

function wholeItem(one: DeclaredFinding, keep: Whole['keep'], reason: string): PlanItem {
  const collection = one.declared
  return {
    source: collection.source,
    collection: collection.id,
    category: collection.category ?? '',
    action: 'keep',
    fields: Object.keys(collection.fields),
    withheld: [],
    reason,
    keep,
  }
}
