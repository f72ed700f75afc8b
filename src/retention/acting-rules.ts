import { canonicalJson, sha256Hex } from '../canonical.ts'
import type { Collection, Controller, Named, Policy, Rule } from '../policy/schema.ts'
import { scanBound } from './schedule.ts'

/** A rule that is carried out on the rows of a source. */
export interface PurgeRule {
  readonly kind: 'purge'
  readonly id: string
  readonly rule: Named<Rule>
  readonly collection: Named<Collection>
  /** The source: rules of one lane run one after another. */
  readonly lane: string
  readonly mode: 'observe' | 'enforce'
  readonly zone: string
  readonly fiscal_year_ends: string
}

/** The rule for what this service itself keeps; there is one, also where the policy does not write it down. */
export interface OwnRecordsRule {
  readonly kind: 'own_records'
  readonly id: string
  readonly lane: string
  readonly mode: 'observe' | 'enforce'
  readonly zone: string
}

export type ActingRule = PurgeRule | OwnRecordsRule

/** First what makes aggregates of rows, then what takes fields from them, then what deletes them: a backlog loses nothing that was promised. */
const ORDER: readonly Rule['action'][] = ['anonymise', 'strip', 'delete']

/** The rules that this service carries out itself, in the order in which they run; what others attest is not among them. */
export function actingRules(policy: Policy): readonly ActingRule[] {
  const purging = [...policy.rules.values()].flatMap((rule) => purgeRule(policy, rule) ?? [])
  const ordered = purging.toSorted((a, b) => ORDER.indexOf(a.rule.action) - ORDER.indexOf(b.rule.action))
  return [...ordered, ownRecordsRule(policy)]
}

/** The rule of that name, when it is one that this service carries out itself. */
export function actingRule(policy: Policy, id: string): ActingRule | undefined {
  return actingRules(policy).find((rule) => rule.id === id)
}

/** The controller who answers for what a rule keeps: the category's, else the source's, else the first of the policy. */
export function controllerOf(policy: Policy, rule: Rule): Named<Controller> {
  const source = policy.sources.get(policy.collections.get(rule.collection ?? '')?.source ?? '')
  const id = policy.categories.get(rule.category)?.controller ?? source?.controller
  return (id === undefined ? undefined : policy.controllers.get(id)) ?? policy.main
}

/** An instant after which nothing can have started that is due at `now`; it bounds the search, each row is decided by its own due date. */
export function cutoffOf(rule: ActingRule, now: Date): Date {
  const period = rule.kind === 'purge' ? rule.rule.period : undefined
  return typeof period === 'string' ? new Date(scanBound(now.toISOString(), period, rule.zone).epochMilliseconds) : now
}

/**
 * SHA-256 over all that decides which rows go and what becomes of them. Who signed the promise, when, and in which words is not in it: a
 * monthly review does not ask for a new confirmation.
 */
export function ruleHash(rule: ActingRule): string {
  if (rule.kind === 'own_records') return sha256Hex(canonicalJson({ id: rule.id, kind: rule.kind, mode: rule.mode }))
  const { collection, starts, period, when, action, set, aggregate, with: along, minimum } = rule.rule
  const { table, key, source } = rule.collection
  const place = { table, key, source }
  return sha256Hex(
    canonicalJson({ id: rule.id, mode: rule.mode, collection, place, starts, period, when, action, set, aggregate, along, minimum }),
  )
}

function purgeRule(policy: Policy, rule: Named<Rule>): PurgeRule | undefined {
  if (rule.action !== 'delete' && rule.action !== 'strip' && rule.action !== 'anonymise') return undefined
  const collection = policy.collections.get(rule.collection ?? '')
  const source = policy.sources.get(collection?.source ?? '')
  if (collection === undefined || source === undefined || source.kind !== 'postgres') return undefined
  const { zone, fiscal_year_ends } = controllerOf(policy, rule)
  const mode = source.mode === 'observe' || rule.mode === 'observe' ? 'observe' : 'enforce'
  return { kind: 'purge', id: rule.id, rule, collection, lane: source.id, mode, zone, fiscal_year_ends }
}

function ownRecordsRule(policy: Policy): OwnRecordsRule {
  const written = [...policy.rules.values()].find((rule) => rule.action === 'own_records')
  const base = { kind: 'own_records', lane: 'own records', zone: policy.main.zone } as const
  return { ...base, id: written?.id ?? 'own_records', mode: written?.mode ?? 'enforce' }
}
