import { canonicalJson, sha256Hex } from '../canonical.ts'
import { RIGHT_TABLE } from '../policy/rights.ts'
import type { Collection, Named, Policy, Regime, Right, SourceDeclaration } from '../policy/schema.ts'
import { amendedItems } from './amendments.ts'
import { changeItems, type Correction } from './correction.ts'
import { discloseItems } from './disclosure.ts'
import { eraseItems, type Hold } from './erasure.ts'
import { companyItems, OWN_SOURCE, ownItems } from './own-records.ts'
import { restrictItems } from './restriction.ts'
import type { Plan, PlanAmendment, PlanBody, PlanFindings, PlanIdentity, PlanItem, PlanQuestion, PlanRecipient, Searched } from './shape.ts'

/** Rows of one collection that the survey found. */
export interface SurveyedCollection {
  readonly collection: string
  readonly rows: number
  readonly organisation_rows: number
  readonly shared_rows: number
  readonly path: readonly string[]
}

/** Everything the planner decides from; it asks nobody. */
export interface PlanInput {
  readonly policy: Policy
  readonly right: Right
  readonly scope: Readonly<Record<string, string>>
  readonly regime: Regime
  readonly identities: readonly PlanIdentity[]
  readonly surveyed: readonly SurveyedCollection[]
  /** Categories of which a sealed copy of an earlier erasure of this person is kept. */
  readonly recovery?: readonly string[]
  /** Keyed digests of the persons whose rows were found. */
  readonly persons: readonly string[]
  /** The people to choose from when an identity leads to several, `none` among them; else empty. */
  readonly choices: readonly string[]
  /** Whose request it is is known; while it is not, nothing of anybody is planned. */
  readonly resolved: boolean
  readonly corrections: readonly Correction[]
  readonly holds: readonly Hold[]
  readonly answers: Readonly<Record<string, string>>
  /** What people have amended, in the order of their collections. */
  readonly amendments: readonly PlanAmendment[]
  readonly hidden: PlanBody['hidden']
  /** Kinds of identifiers that are known of this person; left out: not asked for. */
  readonly known?: readonly string[]
  /** Last day on which kept rows of a collection must stay, by collection, as YYYY-MM-DD. */
  readonly kept_until: Readonly<Record<string, string>>
  /** The day until which the record of the request itself is kept, YYYY-MM-DD. */
  readonly own_until: string
}

/** The exact plan of a request: pure, frozen, with the hash of everything a person decides. */
export function makePlan(input: PlanInput): Plan {
  const found = input.surveyed.filter((one) => one.rows > 0 || one.organisation_rows > 0)
  const questions: PlanQuestion[] = []
  const items = !input.resolved
    ? []
    : [...amendedItems(input, itemsOf(input, found, questions)), ...forwardItems(input, found), ...ownItems(input)]
  if (input.choices.length > 0) questions.push(ambiguity(input.choices))
  const body: PlanBody = {
    policy: input.policy.hash,
    right: input.right,
    scope: input.scope,
    regime: input.regime,
    identities: [...input.identities].sort((a, b) => compare(a.digest, b.digest)),
    persons: input.persons,
    searched: [
      ...[...input.policy.sources.values()].map((source) => searchedOf(input, source)),
      { source: OWN_SOURCE, label: 'the records of this service', kind: 'own' },
    ],
    items: items.sort((a, b) => compare(placeOf(a), placeOf(b))),
    recipients: recipientsOf(input, items),
    questions,
    answers: input.answers,
    amendments: input.amendments,
    hidden: input.hidden,
    approvals: input.policy.decisions.approvals[input.right] ?? 'one',
    limits: input.policy.decisions.limits,
  }
  return deepFreeze({ hash: sha256Hex(canonicalJson(body)), body, findings: findingsOf(input) })
}

/** People are asked to look only for somebody who can stand there, where the policy says under what. */
function searchedOf({ known }: PlanInput, { id: source, label, kind, opened_by }: Named<SourceDeclaration>): Searched {
  const skipped = known !== undefined && opened_by.length > 0 && !opened_by.some((identifier) => known.includes(identifier))
  return { source, label, kind, ...(skipped && { skipped }) }
}

/** Questions without an answer that still fits; while there are any, nothing can be approved. */
export function openQuestions(body: PlanBody): readonly PlanQuestion[] {
  return body.questions.filter(({ id, choices }) => !choices.includes(body.answers[id] ?? ''))
}

/**
 * Whether a plan made again just before the work may be carried out under the approved one: the same decisions, nothing new. A collection
 * that has become empty since is no reason to ask again; a new one, another field, ground, identity or policy is.
 */
export function staysWithin(approved: PlanBody, fresh: PlanBody, persons: 'same' | 'fewer' = 'same'): boolean {
  const known = new Set(approved.items.map((item) => canonicalJson(item)))
  const same = (part: (body: PlanBody) => unknown) => canonicalJson(part(approved)) === canonicalJson(part(fresh))
  return (
    fresh.items.every((item) => known.has(canonicalJson(item))) &&
    fresh.persons.every((person) => approved.persons.includes(person)) &&
    (persons === 'fewer' || fresh.persons.length === approved.persons.length) &&
    same((body) => [
      body.policy,
      body.right,
      body.scope,
      body.identities,
      body.questions,
      body.answers,
      body.amendments,
      body.hidden,
      body.limits,
    ])
  )
}

/** Rows that were found for an item: the person's own, an organisation's, or those that are also somebody else's. */
export function rowsOf(findings: Pick<PlanFindings, 'rows' | 'organisation_rows' | 'shared_rows'>, item: PlanItem): number {
  const found = item.action === 'forward' ? findings.organisation_rows : item.whose === 'shared' ? findings.shared_rows : findings.rows
  return found[item.collection] ?? 0
}

/** The most rows of a collection that may be touched under a plan that found `planned`. */
export function rowLimit(limits: PlanBody['limits'], planned: number): number {
  return Math.min(Math.ceil(planned * limits.factor) + limits.plus, limits.rows_per_collection)
}

/**
 * Whether more was found than a plan gave leave for, which its hash does not tell: rows of an item beyond the limit, or rows of the person's
 * own that have become somebody else's too: fewer are theirs alone and more are shared. Others who go on using a shared device are no reason.
 */
export function outgrows(approved: Pick<Plan, 'body' | 'findings'>, fresh: Pick<Plan, 'body' | 'findings'>): boolean {
  const shared = ({ findings }: Pick<Plan, 'findings'>, { collection }: PlanItem): number => findings.shared_rows[collection] ?? 0
  const lost = (item: PlanItem): boolean => rowsOf(fresh.findings, item) < rowsOf(approved.findings, item)
  return fresh.body.items.some(
    (item) =>
      rowsOf(fresh.findings, item) > rowLimit(approved.body.limits, rowsOf(approved.findings, item)) ||
      (item.action !== 'forward' && item.whose === undefined && lost(item) && shared(fresh, item) > shared(approved, item)),
  )
}

function itemsOf(input: PlanInput, found: readonly SurveyedCollection[], questions: PlanQuestion[]): PlanItem[] {
  const ours = found.filter((one) => one.rows > 0).map((one) => ({ ...one, declared: declared(input.policy, one.collection) }))
  switch (RIGHT_TABLE[input.right].effect) {
    case 'disclose':
      return discloseItems(input, ours)
    case 'erase':
      return eraseItems(input, ours)
    case 'change':
      return changeItems(input, ours, questions)
    case 'restrict':
      return restrictItems(input, ours)
    case 'describe':
    case 'record':
      return []
  }
}

/** Rows of which an organisation is controller: passed on, never disclosed, changed or erased on the person's word. */
function forwardItems(input: PlanInput, found: readonly SurveyedCollection[]): PlanItem[] {
  const touches = RIGHT_TABLE[input.right].effect !== 'record'
  return found
    .filter((one) => one.organisation_rows > 0 && touches)
    .map((one) => {
      const collection = declared(input.policy, one.collection)
      const reason = 'An organisation decides about these rows; the request is forwarded to it.'
      return {
        source: collection.source,
        collection: collection.id,
        category: collection.category ?? '',
        action: 'forward',
        fields: [],
        withheld: [],
        reason,
      }
    })
}

function declared(policy: Policy, id: string): Named<Collection> {
  const collection = policy.collections.get(id)
  if (collection === undefined) throw new Error(`the survey names the collection ${id}, which the policy does not have`)
  return collection
}

function ambiguity(persons: readonly string[]): PlanQuestion {
  const text =
    'The proven address leads to different people, or to another one than before. Nothing of any of them is disclosed, changed or erased ' +
    'until you say whose request this is. Rows that are keyed to the address alone belong to none of them and are left out.'
  return { id: 'identity', kind: 'ambiguous_identity', text, choices: persons }
}

/** Art. 19 GDPR: who received data of the categories that change. */
function recipientsOf(input: PlanInput, items: readonly PlanItem[]): PlanRecipient[] {
  const changing = new Set(
    companyItems(items)
      .filter((item) => ['erase', 'change', 'keep', 'detach'].includes(item.action))
      .map((item) => item.category),
  )
  const ids = new Set([...changing].flatMap((category) => input.policy.categories.get(category)?.recipients ?? []))
  return [...input.policy.recipients.values()]
    .filter((recipient) => ids.has(recipient.id))
    .map((recipient) => ({ recipient: recipient.id, name: recipient.name, notice: recipient.notice }))
}

function findingsOf(input: PlanInput): PlanFindings {
  const by = <T>(pick: (one: SurveyedCollection) => T) => Object.fromEntries(input.surveyed.map((one) => [one.collection, pick(one)]))
  return {
    rows: by((one) => one.rows),
    organisation_rows: by((one) => one.organisation_rows),
    shared_rows: by((one) => one.shared_rows),
    paths: by((one) => one.path),
    copies: Object.assign({}, ...input.corrections.map(({ copies }) => copies)) as Record<string, number>,
  }
}

function placeOf({ source, collection, action, whose }: PlanItem): string {
  return `${source}/${collection}/${action}${whose === undefined ? '' : `/${whose}`}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}
