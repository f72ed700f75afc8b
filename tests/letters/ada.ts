import type { LetterCase, ReplyFacts } from '../../src/letters/letter-case.ts'
import type { PlanBody, PlanItem } from '../../src/planner/shape.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import type { Policy } from '../../src/policy/schema.ts'

/** A workshop that builds machines, tells two companies about it, and has one system that only a person can look into. */
const POLICY = `habeas: 1
controllers:
  engines:
    name: Analytical Engines BV
    address: Herengracht 1, Amsterdam
    country: NL
    zone: Europe/Amsterdam
    calendar: NL
    website: https://engines.example/privacy
    authority: { name: Autoriteit Persoonsgegevens, address: 'Postbus 93374, The Hague', url: https://autoriteitpersoonsgegevens.nl }
    dpo: { name: Charles, email: dpo@engines.example }
    sender: { name: Engines, email: privacy@engines.example }
identifiers:
  email: { label: e-mail address, compare: email }
sources:
  workshop: { kind: postgres, label: The workshop's database }
  cabinet: { kind: manual, label: The paper cabinet, instructions: Look under the name., category: orders }
categories:
  orders: { label: Orders, purpose: Building machines, basis: contract, kept: as long as the machine runs, recipients: [foundry] }
  bills: { label: Bills, purpose: Tax, basis: legal_obligation, basis_note: AWR art. 52, kept: 7 years, recipients: [foundry] }
  visits: { label: Visits, purpose: Knowing what is read, basis: legitimate_interest, kept: 6 months, obtained_from: from your browser, recipients: [counter] }
  unused: { label: Horoscopes, purpose: Nothing, basis: consent, kept: a day }
recipients:
  foundry: { name: Foundry Inc, role: processor, gets: what is ordered, country: US, safeguard: Standard Contractual Clauses, on_erasure: its logs end by themselves, notice: mail, deletes_within: P30D }
  counter: { name: Counter GmbH, role: independent_controller, gets: pages visited, country: DE, on_erasure: no notice, notice: none }
collections:
  orders:
    source: workshop
    table: orders
    label: Your orders
    category: orders
    key: id
    opened_by: [{ identifier: email, columns: email }]
    fields: { id: {}, email: { label: e-mail address, correctable: true }, pin: { never_disclose: door code } }
  bills:
    source: workshop
    table: bills
    label: Your bills
    category: bills
    key: id
    opened_by: [{ identifier: email, columns: email }]
    fields: { id: {}, email: {}, amount: {}, issued_at: {} }
    on_erasure: keep
    keep: { basis: legal_obligation, statute: AWR art. 52(4), country: NL, rule: bills }
  visits:
    source: workshop
    table: visits
    label: Your visits
    category: visits
    key: id
    opened_by: [{ identifier: email, columns: email }]
    fields: { id: {}, email: {}, page: {} }
retention:
  orders: { category: orders, promise: As long as the machine runs., action: attest, period: P6M, starts_label: the last day }
  visits: { category: visits, promise: Six months., action: attest, period: P6M, starts_label: the last day }
  unused: { category: unused, promise: A day., action: attest, period: P6M, starts_label: the last day }
  bills:
    category: bills
    promise: Seven years.
    collection: bills
    starts: { end_of_fiscal_year: issued_at }
    period: P7Y
    action: delete
    minimum: { country: NL, statute: AWR art. 52(4), period: P7Y, starts: end of the financial year, fields: [id, amount, issued_at] }
profiling: { automated_decisions: false, text: No machine decides about you. }
statements:
  - { title: At home, text: Drawings on your own desk are only there., rights: [access, erasure] }
`

export const policy: Policy = compilePolicy([{ name: 'engines.yaml', text: POLICY }])

export function adasCase(changes: Partial<LetterCase> = {}): LetterCase {
  return {
    reference: 'HAB-7K3M-9QX2',
    right: 'access',
    scope: {},
    regime: 'gdpr',
    received_on: '2026-03-05',
    due_on: '2026-04-04',
    controller: policy.main,
    status_url: 'https://rights.engines.example/status/HAB-7K3M-9QX2',
    locale: 'en',
    ...changes,
  }
}

const OWN = { source: 'habeas', collection: 'habeas_requests', category: 'rights_requests', withheld: [] }

const COPIED: readonly PlanItem[] = [
  item('orders', 'disclose', { withheld: [{ field: 'pin', type: 'door code' }] }),
  item('visits', 'disclose'),
  { ...OWN, action: 'disclose', fields: ['reference'], reason: 'Your requests.' },
]

const ERASED: readonly PlanItem[] = [
  item('orders', 'erase'),
  item('visits', 'erase'),
  item('bills', 'keep', { keep: { basis: 'legal_obligation', statute: 'AWR art. 52(4)', jurisdiction: 'NL', until: '2033-12-31' } }),
  {
    ...OWN,
    action: 'keep',
    fields: ['reference'],
    reason: 'Kept as proof.',
    keep: { basis: 'legal_claims', statute: 'Art. 5(2) GDPR', jurisdiction: 'EU', until: '2029-04-04' },
  },
]

export function item(collection: string, action: PlanItem['action'], more: Partial<PlanItem> = {}): PlanItem {
  const category = policy.collections.get(collection)?.category ?? ''
  return {
    source: 'workshop',
    collection,
    category,
    action,
    fields: ['id'],
    withheld: [],
    reason: 'Found by the proven e-mail address.',
    ...more,
  }
}

export function planOf(right: LetterCase['right'], items?: readonly PlanItem[]): PlanBody {
  const erasing = right === 'erasure' || right === 'delete'
  return {
    policy: policy.hash,
    right,
    scope: {},
    regime: 'gdpr',
    persons: [],
    identities: [],
    searched: [
      { source: 'workshop', label: "The workshop's database", kind: 'postgres' },
      { source: 'cabinet', label: 'The paper cabinet', kind: 'manual' },
      { source: 'habeas', label: 'the records of this service', kind: 'own' },
    ],
    items: items ?? (erasing ? ERASED : COPIED),
    recipients: [
      { recipient: 'foundry', name: 'Foundry Inc', notice: 'mail' },
      { recipient: 'counter', name: 'Counter GmbH', notice: 'none' },
    ],
    questions: [],
    amendments: [],
    hidden: [],
    answers: {},
    approvals: 'one',
    limits: { factor: 1.2, plus: 100, rows_per_collection: 1000, rows_per_source: 250_000, rows_per_transaction: 10_000 },
  }
}

export function factsOf(right: LetterCase['right'], items?: readonly PlanItem[]): ReplyFacts {
  return {
    policy,
    body: planOf(right, items),
    done_on: '2026-03-20',
    rows: { orders: 12, visits: 1, bills: 2 },
    answers: [{ source: 'cabinet', found: false }],
  }
}

export const COPY = { expires_on: '2026-04-03', downloads: 5 }
