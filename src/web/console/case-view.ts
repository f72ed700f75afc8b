import type { CaseState } from '../words.ts'

/** A case in lists and at the head of its page: the shape of the API's case. */
export interface CaseView {
  reference: string
  right: string
  scope: string | null
  regime: string
  controller: string
  state: CaseState
  paused: boolean
  received_at: string
  due_at: string
  first_reply_by: string | null
  send_by: string
  enforce_by: string
  statutory_by: string | null
  extended: boolean
  assignee: string | null
  /** Who it is, masked. */
  subject: string
  plan_hash: string | null
  approvals: readonly { by: string; at: string }[]
  approvals_needed: number
  steps: { total: number; done: number; parked: number }
  closed_at: string | null
}

/** Something only a person can answer before the plan can be approved. */
export interface Question {
  id: string
  kind: string
  text: string
  choices: readonly { value: string; text: string }[]
  /** The choice made, or nothing yet. */
  answer: string | null
}

/** What would be done to the rows of one collection. */
export interface PlanItem {
  source: string
  collection: string
  category: string
  action: 'disclose' | 'change' | 'erase' | 'keep' | 'detach' | 'forward' | 'notify'
  /** Not counted for our own records. */
  rows: number | null
  fields: readonly string[]
  /** Held but never shown: named by type. */
  withheld?: readonly { field: string; type: string }[] | undefined
  reason: string
  keep?: { basis: string; statute: string; jurisdiction: string; until: string | null } | null | undefined
}

/** Exactly what would be done: the API's plan. */
export interface PlanView {
  hash: string
  made_at: string
  policy: string
  right: string
  identities: readonly { kind: string; masked: string; proven_by: string; proven_at?: string | null | undefined }[]
  searched: readonly { source: string; title: string; at: string | null; found: number | null; note?: string | null | undefined }[]
  items: readonly PlanItem[]
  recipients: readonly { name: string; role: string; why: string }[]
  questions: readonly Question[]
  /** What people have changed about it, in words. */
  amendments: readonly { id: string; text: string; ground: string | null }[]
  limits: readonly string[]
}

/** What can be amended about a plan now, as choices. */
export interface AmendChoices {
  leave_out: readonly { value: string; text: string }[]
  keep: readonly { value: string; text: string }[]
  add: readonly { value: string; text: string }[]
  /** Grounds on which a part can be left out or kept. */
  part_grounds: readonly { value: string; text: string }[]
}

/** One step of carrying out, at one source. */
export interface StepView {
  id: string
  source: string
  action: string
  state: 'waiting' | 'ready' | 'running' | 'done' | 'parked' | 'needs_person'
  rows: number | null
  attempts: number
  parked_reason: string | null
  finished_at: string | null
}

/** What a step really did. */
export interface ReceiptView {
  id: string
  source: string
  made_at: string
  mode: 'enforce' | 'observe'
  confirmed_by: string
  counts: readonly { collection: string; action: string; rows: number }[]
  sha256: string
}

/** A built archive, to be looked at before it leaves. */
export interface BuiltArchive {
  part: number
  bytes: number
  sha256: string
  built_at: string
  expires_at: string | null
  href: string
  files: readonly { name: string; rows: number | null; bytes: number }[]
}

/** Where the forms of a case go. */
export function casePath(reference: string, action: string): string {
  return `/console/cases/${encodeURIComponent(reference)}/${action}`
}
