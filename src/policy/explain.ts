import { explainRights } from './explain-rights.ts'
import type { Named, Policy, Rule } from './schema.ts'
import { alignColumns, describeCondition, describePeriod, describeSet, describeStart } from './words.ts'

/** The policy as plain text for people: the schedule rule by rule, what each right does to each collection, and what is still open. */
export function explainPolicy(policy: Policy): string {
  const parts = [head(policy), schedule(policy), ...explainRights(policy), recipients(policy), open(policy)]
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function head(policy: Policy): string[] {
  const { main } = policy
  return [
    `Policy ${policy.hash.slice(0, 12)} of ${[...policy.controllers.values()].map((controller) => controller.name).join(', ')}`,
    `Days are counted in ${main.zone}; the financial year ends on ${main.fiscal_year_ends} (MM-DD); authority: ${main.authority.name}.`,
    ...[...policy.sources.values()].map(
      (source) => `Source ${source.id}: ${source.label} (${source.kind}, ${source.kind === 'manual' ? 'a person looks' : source.mode}).`,
    ),
  ]
}

function schedule(policy: Policy): string[] {
  const heading = ['rule', 'where', 'starts', 'period', 'action']
  const rules = [...policy.rules.values()]
  const lines = alignColumns([heading, ...rules.map(row)])
  return ['RETENTION SCHEDULE', lines[0] ?? '', ...rules.flatMap((rule, index) => [lines[index + 1] ?? '', ...details(policy, rule)])]
}

function row(rule: Named<Rule>): string[] {
  const starts = rule.starts === undefined ? (rule.starts_label ?? '–') : describeStart(rule.starts)
  return [
    rule.id,
    rule.collection ?? '–',
    starts,
    describePeriod(rule.period),
    rule.mode === 'observe' ? `${rule.action} (observe)` : rule.action,
  ]
}

function details(policy: Policy, rule: Named<Rule>): string[] {
  const category = policy.categories.get(rule.category)
  const when = describeCondition(rule.when)
  const set = describeSet(rule.set)
  const gone = rule.with.map((part) =>
    part.action === 'delete' ? `delete ${part.collection}` : `in ${part.collection} ${describeSet(part.set)}`,
  )
  return [
    `“${rule.promise}”`,
    `${category?.label ?? rule.category}: ${category?.purpose ?? ''}, ${(category?.basis ?? '').replaceAll('_', ' ')}`,
    ...(when === '' ? [] : [`only rows where ${when}`]),
    ...(set === '' ? [] : [`each row: ${set}`]),
    ...(rule.aggregate === undefined
      ? []
      : [`counted before in ${rule.aggregate.into}, groups of fewer than ${rule.aggregate.minimum_group} people merged`]),
    ...(gone.length === 0 ? [] : [`in the same transaction: ${gone.join('; ')}`]),
    ...(rule.minimum === undefined
      ? []
      : [
          `at least ${describePeriod(rule.minimum.period)} by ${rule.minimum.statute} (${rule.minimum.country}), from ${rule.minimum.starts}`,
        ]),
    ...(rule.action === 'own_records' ? [ownRecords(policy)] : []),
  ].map((line) => `      ${line}`)
}

function ownRecords(policy: Policy): string {
  const own = policy.own_records
  return [
    `archives ${describePeriod(own.archive)}`,
    `requests never proven ${describePeriod(own.never_proven)}`,
    `case files ${describePeriod(own.case_file)} after closure`,
    `sign-ins ${describePeriod(own.sign_in)}`,
  ].join(', ')
}

const NOTICES = { mail: 'told by mail', manual: 'told by hand', none: 'not told' } as const

function recipients(policy: Policy): string[] {
  const all = [...policy.recipients.values()]
  if (all.length === 0) return []
  const rows = all.map((one) => [one.id, one.name, one.role.replaceAll('_', ' '), one.country, NOTICES[one.notice]])
  return ['RECIPIENTS, and how they are told of an erasure or correction', ...alignColumns(rows)]
}

function open(policy: Policy): string[] {
  if (policy.to_be_settled.length === 0) return []
  return ['TO BE SETTLED', ...policy.to_be_settled.map((one) => `  ${one.question} (${one.owner}, since ${one.since})`)]
}
