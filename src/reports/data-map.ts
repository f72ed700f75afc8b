import type { Collection, Named, Policy } from '../policy/schema.ts'
import { verb } from '../verb.ts'

/** One field of a collection, and how a copy treats it. */
export interface MappedField {
  readonly name: string
  readonly label: string | null
  readonly origin: string
  /** The type that a copy names instead of the value; null when the value is given. */
  readonly never_disclose: string | null
  readonly others_may_appear: boolean
  readonly correctable: boolean
}

/** One collection that holds personal data: what, why, how a person is found in it, and how long it stays. */
export interface MappedCollection {
  readonly source: string
  readonly collection: string
  readonly label: string
  readonly category: string
  readonly controller: string
  readonly purpose: string
  readonly basis: string
  readonly kept: string
  readonly found_by: readonly { readonly identifier: string; readonly meaning: string }[]
  readonly on_erasure: string
  readonly recipients: readonly string[]
  readonly fields: readonly MappedField[]
}

/** Where personal data is, as the compiled policy says; the sources were checked against it at start. */
export interface DataMap {
  readonly policy: string
  readonly sources: readonly {
    readonly source: string
    readonly label: string
    readonly kind: string
    readonly mode: string
    readonly controller: string
  }[]
  readonly collections: readonly MappedCollection[]
}

/** The data map of the policy in force. */
export const readDataMap = verb<void, DataMap>({ name: 'readDataMap', permission: 'reports.read', audit: [] }, async (ctx) =>
  dataMapOf(ctx.policy),
)

/** The data map of a policy; collections that hold no personal data are left out. */
export function dataMapOf(policy: Policy): DataMap {
  const sources = [...policy.sources.values()].map(({ id, label, kind, mode, controller }) => ({
    source: id,
    label,
    kind,
    mode: kind === 'manual' ? 'person' : mode,
    controller: nameOf(policy, controller),
  }))
  const collections = [...policy.collections.values()].flatMap((collection) => mapped(policy, collection) ?? [])
  return { policy: policy.hash, sources, collections }
}

function mapped(policy: Policy, collection: Named<Collection>): MappedCollection | undefined {
  const category = policy.categories.get(collection.category ?? '')
  if (category === undefined) return undefined
  return {
    source: collection.source,
    collection: collection.id,
    label: collection.label,
    category: category.label,
    controller: nameOf(policy, category.controller ?? policy.sources.get(collection.source)?.controller),
    purpose: category.purpose,
    basis: category.basis_note === undefined ? category.basis : `${category.basis}: ${category.basis_note}`,
    kept: category.kept,
    found_by: collection.opened_by.map(({ identifier, meaning }) => ({
      identifier: policy.identifiers.get(identifier)?.label ?? identifier,
      meaning,
    })),
    on_erasure: collection.on_erasure,
    recipients: category.recipients.map((id) => policy.recipients.get(id)?.name ?? id),
    fields: Object.entries(collection.fields).map(([name, field]) => ({
      name,
      label: field.label ?? null,
      origin: field.origin,
      never_disclose: field.never_disclose ?? null,
      others_may_appear: field.others_may_appear,
      correctable: field.correctable,
    })),
  }
}

function nameOf(policy: Policy, controller: string | undefined): string {
  return ((controller === undefined ? undefined : policy.controllers.get(controller)) ?? policy.main).name
}
