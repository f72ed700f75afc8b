import type { Named, Policy, Recipient } from '../policy/schema.ts'
import { verb } from '../verb.ts'

interface RecipientEntry {
  readonly name: string
  readonly role: string
  readonly country: string
  readonly safeguard: string | null
}

/** One processing activity as Art. 30(1) GDPR asks: purpose, categories, recipients, transfers, time limits. */
export interface ProcessingEntry {
  readonly category: string
  readonly purpose: string
  readonly basis: string
  readonly basis_note: string | null
  readonly controller: string
  readonly data: readonly string[]
  readonly systems: readonly string[]
  readonly obtained_from: string
  readonly recipients: readonly RecipientEntry[]
  readonly erased_after: string
}

/** The records of processing activities (Art. 30 GDPR), written from the policy in force. */
export interface RecordsOfProcessing {
  readonly policy: string
  readonly controllers: readonly {
    readonly name: string
    readonly address: string
    readonly dpo: { readonly name: string; readonly email: string }
  }[]
  readonly data: readonly ProcessingEntry[]
}

/** The records of processing of every controller, one entry a category. */
export const readRecordsOfProcessing = verb<void, RecordsOfProcessing>(
  { name: 'readRecordsOfProcessing', permission: 'reports.read', audit: [] },
  async ({ policy }) => ({
    policy: policy.hash,
    controllers: [...policy.controllers.values()].map(({ name, address, dpo }) => ({
      name,
      address,
      dpo: { name: dpo.name, email: dpo.email },
    })),
    data: [...policy.categories.keys()].map((id) => entryOf(policy, id)),
  }),
)

function entryOf(policy: Policy, id: string): ProcessingEntry {
  const category = policy.categories.get(id)
  if (category === undefined) throw new TypeError(`the policy has no category ${id}`)
  const collections = [...policy.collections.values()].filter((collection) => collection.category === id)
  const manual = [...policy.sources.values()].filter((source) => source.category === id)
  const controller = category.controller === undefined ? undefined : policy.controllers.get(category.controller)
  return {
    category: category.label,
    purpose: category.purpose,
    basis: category.basis,
    basis_note: category.basis_note ?? null,
    controller: (controller ?? policy.main).name,
    data: collections.map(({ label }) => label),
    systems: [
      ...new Set([...collections.map(({ source }) => policy.sources.get(source)?.label ?? source), ...manual.map(({ label }) => label)]),
    ],
    obtained_from: category.obtained_from,
    recipients: category.recipients.flatMap((name) => recipientOf(policy.recipients.get(name))),
    erased_after: category.kept,
  }
}

function recipientOf(recipient: Named<Recipient> | undefined): RecipientEntry[] {
  if (recipient === undefined) return []
  const { name, role, country, safeguard } = recipient
  return [{ name, role, country, safeguard: safeguard ?? null }]
}
