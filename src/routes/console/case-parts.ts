import type { CaseView as Case } from '../../requests/case-view.ts'
import { textItems } from '../../requests/reply/review-texts.ts'
import type { readCasePage } from '../../requests/read-case.ts'
import { plainWord } from '../../web/components/text.ts'
import type { RecoveryPanel } from '../../web/console/case-recovery.tsx'
import type { BuiltArchive, CaseView, PlanView, ReceiptView, StepView } from '../../web/console/case-view.ts'
import { knownState } from '../words.ts'
import { amendmentInWords } from './amend-parts.ts'
import type { Desk } from './shell.ts'

type CaseFile = Awaited<ReturnType<typeof readCasePage>>

// The service is a source of its own, which no policy declares.
const OWN_SERVICE = 'This service'
const OWN_RECORDS = 'Requests and letters'

/** A case as pages show it: names instead of ids, one scope, one line for the person. */
export function caseOf(
  { ctx, names }: Desk,
  { scope, subject, questions: _questions, archives: _archives, recovery: _recovery, ...view }: Case,
): CaseView {
  return {
    ...view,
    state: knownState(view.state),
    scope: Object.values(scope)[0] ?? null,
    controller: ctx.policy.controllers.get(view.controller)?.name ?? view.controller,
    assignee: view.assignee === null ? null : names.of(view.assignee),
    subject: subject.email ?? subject.name ?? 'Not named',
    approvals: view.approvals.map(({ by, at }) => ({ by: names.of(by), at })),
  }
}

/** The recovery copy of a case as pages show it: labels and names instead of ids. */
export function recoveryOf({ ctx, names }: Desk, { case: { recovery } }: CaseFile): RecoveryPanel | null {
  if (recovery === null) return null
  const labelOf = (collection: string) => ctx.policy.collections.get(collection)?.label ?? collection
  return {
    state: recovery.state,
    until: recovery.until,
    rows: Object.entries(recovery.rows).map(([collection, rows]) => ({ collection: labelOf(collection), rows })),
    findings: recovery.findings.map(({ kind, by, at }) => ({ kind, by: names.of(by), at })),
    conflicts: recovery.conflicts.map(({ digests: _digests, ...one }) => ({ ...one, collection: labelOf(one.collection) })),
    failure: recovery.failure,
  }
}

/** A plan as pages show it. */
export function planOf(desk: Desk, file: CaseFile): PlanView | null {
  const { plan } = file
  if (plan === undefined) return null
  const { policy } = desk.ctx
  const labelOf = (source: string) => plan.searched.find((one) => one.source === source)?.label ?? source
  const rowsAt = (source: string) => plan.items.filter((item) => item.source === source).reduce((sum, { rows }) => sum + rows, 0)
  const limits = `At most ${plan.limits.factor} times the planned rows plus ${plan.limits.plus}, and never more than ${plan.limits.rows_per_collection} in a collection; above that the work stops before the first row.`
  return {
    hash: plan.hash,
    made_at: plan.made_at,
    policy: plan.policy,
    right: plan.right,
    identities: plan.identities.map(({ kind, masked, proven_by }) => ({
      kind,
      masked,
      proven_by: plainWord(proven_by).toLowerCase(),
      proven_at: file.case.subject.proven_at,
    })),
    searched: plan.searched.map(({ source, label, kind }) => ({
      source,
      title: label,
      at: kind === 'manual' ? null : plan.made_at,
      found: kind === 'manual' || kind === 'own' ? null : rowsAt(source),
      note: kind === 'manual' ? 'a person looks' : null,
    })),
    items: plan.items.map((item) => ({
      ...item,
      rows: policy.sources.has(item.source) ? item.rows : null,
      source: labelOf(item.source),
      collection: policy.collections.get(item.collection)?.label ?? OWN_RECORDS,
    })),
    recipients: plan.recipients.map(({ recipient, name, notice }) => ({
      name,
      role: policy.recipients.get(recipient)?.role ?? notice,
      why: policy.recipients.get(recipient)?.gets ?? '',
    })),
    questions: plan.questions.map(({ id, kind, text, choices }) => ({
      id,
      kind,
      text,
      choices: choices.map((value) => ({ value, text: value === 'none' ? 'None of them' : value })),
      answer: plan.answers[id] ?? null,
    })),
    amendments: plan.amendments.map((one) => amendmentInWords(desk, one)),
    limits: [limits, ...leftOut(desk, plan.left_out)],
  }
}

const STEP_STATES: Readonly<Record<string, StepView['state']>> = { ready: 'ready', running: 'running', parked: 'parked', done: 'done' }

/** The steps of a case as pages show them. */
export function stepsOf({ ctx }: Desk, { steps, receipts }: CaseFile): StepView[] {
  return steps.map(({ id, kind, source, state, attempts, parked_reason, done_at }) => ({
    id,
    source: ctx.policy.sources.get(source)?.label ?? OWN_SERVICE,
    action: kind,
    state: kind === 'task' && state !== 'done' ? 'needs_person' : (STEP_STATES[state] ?? 'waiting'),
    rows: rowsOf(receipts.find(({ body }) => body['step'] === id)?.body['rows']),
    attempts,
    parked_reason,
    finished_at: done_at,
  }))
}

/** The receipts of a case as pages show them. */
export function receiptsOf({ ctx }: Desk, { receipts }: CaseFile): ReceiptView[] {
  return receipts.map(({ id, at, hash, body }) => {
    const source = textIn(body['source'])
    const actions = new Map(recordsIn(body['actions']).map(({ collection, action }) => [String(collection), String(action)]))
    return {
      id,
      source: ctx.policy.sources.get(source)?.label ?? OWN_SERVICE,
      made_at: at,
      mode: body['would'] === true ? 'observe' : 'enforce',
      confirmed_by: textIn(body['confirmed_by']),
      counts: countsIn(body['rows']).map(([collection, rows]) => ({ collection, action: actions.get(collection) ?? 'done', rows })),
      sha256: hash,
    }
  })
}

/** The built copies of a case, each with a link to look at it. */
export function archivesOf({ case: one, events }: CaseFile): BuiltArchive[] {
  return one.archives
    .filter(({ erased }) => !erased)
    .map(({ part, bytes, sha256 }) => ({
      part,
      bytes,
      sha256,
      built_at: events.find(({ event, detail }) => event === 'archive.built' && detail['sha256'] === sha256)?.at ?? one.received_at,
      expires_at: null,
      href: `/console/cases/${encodeURIComponent(one.reference)}/archive`,
      files: [],
    }))
}

/** Whether somebody has read the texts of exactly this copy in which other people may appear. */
export function isReviewed({ events }: CaseFile, sha256: string): boolean {
  return events.some(({ event, detail }) => event === 'archive.reviewed' && detail['sha256'] === sha256)
}

/** Whether somebody must read texts of this copy before it leaves. */
export function mustBeRead({ ctx }: Desk, file: CaseFile): boolean {
  const { plan } = file
  const sha256 = file.case.archives.find(({ erased }) => !erased)?.sha256
  return plan !== undefined && sha256 !== undefined && textItems(ctx.policy, plan).length > 0 && !isReviewed(file, sha256)
}

/** Pauses of the clock, from the log. */
export function pausesOf({ events }: CaseFile): { reason: string; from: string; until: string | null }[] {
  const ends = events.filter(({ event }) => event === 'request.resumed').map(({ at }) => at)
  return events
    .filter(({ event }) => event === 'request.paused')
    .map(({ at, detail }) => ({ reason: plainWord(textIn(detail['reason'])), from: at, until: ends.find((end) => end > at) ?? null }))
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function rowsOf(rows: unknown): number | null {
  const counts = countsIn(rows)
  return counts.length === 0 ? null : counts.reduce((sum, [, n]) => sum + n, 0)
}

function countsIn(rows: unknown): [string, number][] {
  return typeof rows === 'object' && rows !== null
    ? Object.entries(rows).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    : []
}

function recordsIn(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null) : []
}

/** Why rows are this person's: the way from what was proven to each collection that has any. */
export function waysOf({ ctx }: Desk, { plan }: CaseFile): { collection: string; sentence: string }[] {
  if (plan === undefined) return []
  const { collections, identifiers } = ctx.policy
  const nameOf = (step: string) => collections.get(step)?.label ?? identifiers.get(step)?.label ?? step
  const planned = [...new Set(plan.items.map(({ collection }) => collection))]
  return planned.flatMap((collection) => {
    const path = plan.paths[collection] ?? []
    return path.length === 0 ? [] : [{ collection: nameOf(collection), sentence: `Found by ${path.map(nameOf).join(' → ')}.` }]
  })
}

function leftOut({ ctx }: Desk, rows: Readonly<Record<string, number>>): string[] {
  return Object.entries(rows).map(
    ([collection, n]) =>
      `${ctx.policy.collections.get(collection)?.label ?? collection}: ${n} left out, because they are also somebody else's.`,
  )
}
