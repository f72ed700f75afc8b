import type { ApprovalsRule, Regime, Right, Strategy } from '../policy/schema.ts'

export type PlanAction = 'disclose' | 'change' | 'erase' | 'keep' | 'detach' | 'forward' | 'notify'

/** An identity the plan starts from: a keyed digest and a masked form; the value itself is kept sealed beside the plan. */
export interface PlanIdentity {
  readonly kind: string
  readonly digest: string
  readonly masked: string
  readonly proven_by: string
}

export interface PlanItem {
  readonly source: string
  readonly collection: string
  readonly category: string
  readonly action: PlanAction
  readonly fields: readonly string[]
  /** Held, not shown: fields whose type is named instead of the value (law.md §4). */
  readonly withheld: readonly { readonly field: string; readonly type: string }[]
  readonly reason: string
  readonly set?: Readonly<Record<string, Strategy>>
  /** The rows that are also somebody else's, added by decision; left out: the person's own. */
  readonly whose?: 'shared'
  /** rectification: which correction of the request, counted from 0 */
  readonly correction?: number
  readonly keep?: { readonly basis: string; readonly statute: string; readonly jurisdiction: string; readonly until: string }
}

export interface PlanQuestion {
  readonly id: string
  readonly kind: 'ambiguous_identity' | 'unknown_field' | 'value_does_not_fit' | 'shared_rows' | 'others_may_appear'
  readonly text: string
  readonly choices: readonly string[]
}

/** What a person has changed about a plan, with the ground the letter names; why, in their words, is kept sealed beside it. */
export interface PlanAmendment {
  readonly kind: 'leave_out' | 'keep' | 'add'
  readonly collection: string
  /** leave_out: only these fields; empty: the whole item. */
  readonly fields: readonly string[]
  readonly ground?: { readonly code: string; readonly article: string; readonly sentence: string }
  /** keep: the statute that is named and the last day (YYYY-MM-DD). */
  readonly keep?: { readonly basis: string; readonly statute: string; readonly jurisdiction: string; readonly until: string }
}

export interface PlanRecipient {
  readonly recipient: string
  readonly name: string
  readonly notice: 'mail' | 'manual' | 'none'
}

/** A system that a request is about; `skipped`: nobody is asked, as people stand there under identifiers of which this person has none. */
export interface Searched {
  readonly source: string
  readonly label: string
  readonly kind: string
  readonly skipped?: true
}

/** What a person decides on, and all that the hash covers: no row counts, no keys, no values. */
export interface PlanBody {
  readonly policy: string
  readonly right: Right
  readonly scope: Readonly<Record<string, string>>
  readonly regime: Regime
  readonly identities: readonly PlanIdentity[]
  /** Keyed digests of the persons whose rows these are: an address that leads to somebody else is another plan. */
  readonly persons: readonly string[]
  readonly searched: readonly Searched[]
  readonly items: readonly PlanItem[]
  readonly recipients: readonly PlanRecipient[]
  readonly questions: readonly PlanQuestion[]
  readonly answers: Readonly<Record<string, string>>
  readonly amendments: readonly PlanAmendment[]
  /** Single texts left out of a copy by decision: how many of each field, and a keyed digest of which. */
  readonly hidden: readonly { readonly collection: string; readonly field: string; readonly cells: number; readonly digest: string }[]
  readonly approvals: ApprovalsRule
  readonly limits: {
    readonly factor: number
    readonly plus: number
    readonly rows_per_collection: number
    readonly rows_per_source: number
    readonly rows_per_transaction: number
  }
}

/** What was found, by collection: shown beside the plan, not hashed. */
export interface PlanFindings {
  readonly rows: Readonly<Record<string, number>>
  readonly organisation_rows: Readonly<Record<string, number>>
  /** Rows that are also somebody else's by another link: left out of everything. */
  readonly shared_rows: Readonly<Record<string, number>>
  /** Rows in which the old value of a correction stands elsewhere, by `collection.column`. */
  readonly copies?: Readonly<Record<string, number>>
  /** How each collection was reached, in steps such as `email`, `people`, `person_number`, `machines`. */
  readonly paths: Readonly<Record<string, readonly string[]>>
}

export interface Plan {
  readonly hash: string
  readonly body: PlanBody
  readonly findings: PlanFindings
}
