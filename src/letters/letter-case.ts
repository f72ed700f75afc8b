import type { PlanBody } from '../planner/shape.ts'
import type { Controller, Named, Policy, Regime, Right } from '../policy/schema.ts'

/** What every letter knows of its case; days are YYYY-MM-DD in the controller's zone. */
export interface LetterCase {
  readonly reference: string
  readonly right: Right
  readonly scope: Readonly<Record<string, string>>
  readonly regime: Regime
  readonly received_on: string
  readonly due_on: string
  readonly controller: Named<Controller>
  readonly status_url: string
  readonly locale: string
}

/** What a reply tells beside the case: what was decided and what was really done. */
export interface ReplyFacts {
  readonly policy: Policy
  readonly body: PlanBody
  /** The day on which it was done. */
  readonly done_on: string
  /** Rows that were disclosed, changed or erased, by collection. */
  readonly rows: Readonly<Record<string, number>>
  /** What people found in the systems that only people can look into, by source. */
  readonly answers?: readonly Answered[]
  /** What was left out of a copy because it is about somebody else (Art. 15(4) GDPR). */
  readonly redactions?: readonly { readonly what: string; readonly reason: string }[]
  /** Copies that an erasure has left, because nobody has had them yet; the others are erased. */
  readonly unfetched?: readonly UnfetchedCopy[]
  /** The sealed copy of what was erased: its last day, and the labels of the categories that it holds. */
  readonly recovery?: { readonly last_day: string; readonly categories: readonly string[] }
  /** What became of the sealed copy of an earlier erasure: destroyed with this one, or kept until that day. */
  readonly earlier_copy?: { readonly destroyed: boolean; readonly last_day?: string }
  /** Systems without an answer yet, and the day by which the rest follows (design.md §2.6). */
  readonly missing?: { readonly systems: readonly string[]; readonly follows_by: string }
}

/** What a person answered of one system; `kept_back`: why what was found there, or a part of it, is not given, changed or erased. */
export interface Answered {
  readonly source: string
  readonly found: boolean
  readonly kept_back?: { readonly ground: string; readonly facts: string }
}

/** A copy from another case that the person has not had yet, and the last day on which it can be fetched; none while it is looked at. */
export interface UnfetchedCopy {
  readonly reference: string
  readonly until: string | undefined
}

/** What a reply with a copy tells of the copy. */
export interface ArchiveFacts {
  readonly expires_on: string
  readonly downloads: number
  readonly parts?: number
}
