import type { ConsoleShell } from '../../src/web/components/console-layout.tsx'
import type { PublicShell } from '../../src/web/components/layout.tsx'
import type { CaseView, PlanView } from '../../src/web/console/case-view.ts'

/** The company whose pages are shown: it sits in Amsterdam and answers within thirty days. */
export const publicShell: PublicShell = {
  company: 'Cowork',
  controller: { name: 'Cowork B.V.', address: 'Herengracht 1, 1015 BA Amsterdam, Netherlands' },
  dpo: { name: 'Femke de Wit', email: 'dpo@cowork.example' },
  authority: { name: 'Autoriteit Persoonsgegevens', url: 'https://autoriteitpersoonsgegevens.nl/' },
  zone: 'Europe/Amsterdam',
  demo: {
    text: 'A demo with an invented company. The time to cancel an erasure is five seconds instead of 72 hours.',
    mailbox_url: '/dev/mailbox',
  },
  csrf: 'csrf-token-of-ada',
}

/** Femke, data protection officer, on a Friday morning in April. */
export const consoleShell: ConsoleShell = {
  company: 'Cowork',
  operator: { email: 'femke@cowork.example', role: 'dpo' },
  csrf: 'csrf-token-of-femke',
  now: '2026-04-17T09:30:00Z',
  zone: 'Europe/Amsterdam',
  demo: publicShell.demo,
  counts: { queue: 14, tasks: 2, retention: 1 },
}

/** Ada asks that her data be erased; one of two has approved. */
export const adasCase: CaseView = {
  reference: 'HAB-7K3M-9QX2',
  right: 'erasure',
  scope: null,
  regime: 'gdpr',
  controller: 'Cowork B.V.',
  state: 'awaiting_decision',
  paused: false,
  received_at: '2026-04-04T14:05:00Z',
  due_at: '2026-05-03T22:00:00Z',
  first_reply_by: '2026-05-03T22:00:00Z',
  send_by: '2026-05-01T22:00:00Z',
  enforce_by: '2026-05-03T22:00:00Z',
  statutory_by: '2026-05-04T22:00:00Z',
  extended: false,
  assignee: 'femke@cowork.example',
  subject: 'a••@l•••••.example',
  plan_hash: '5f1d7a84e9c3b2605d48a1f07c9be36214d85fa09c7713be6a402f6d18c59e07',
  approvals: [{ by: 'ruben@cowork.example', at: '2026-04-16T15:20:00Z' }],
  approvals_needed: 2,
  steps: { total: 0, done: 0, parked: 0 },
  closed_at: null,
}

/** What would be done for Ada: four things erased, her invoices kept. */
export const adasPlan: PlanView = {
  hash: '5f1d7a84e9c3b2605d48a1f07c9be36214d85fa09c7713be6a402f6d18c59e07',
  made_at: '2026-04-05T08:01:12Z',
  policy: '9c02e5b7',
  right: 'erasure',
  identities: [{ kind: 'email', masked: 'a••@l•••••.example', proven_by: 'code to that address', proven_at: '2026-04-04T14:09:00Z' }],
  searched: [
    { source: 'main', title: 'Company database', at: '2026-04-05T08:01:10Z', found: 1_284 },
    { source: 'desk', title: 'Support desk', at: null, found: null, note: 'a person is looking' },
    { source: 'habeas', title: 'Habeas itself', at: '2026-04-05T08:01:11Z', found: 3 },
  ],
  items: [
    {
      source: 'main',
      collection: 'people',
      category: 'account',
      action: 'erase',
      rows: 1,
      fields: ['full_name', 'email', 'plan'],
      withheld: [{ field: 'password_hash', type: 'password' }],
      reason: 'Contract ended; nothing needs it any more.',
    },
    {
      source: 'main',
      collection: 'usage',
      category: 'telemetry',
      action: 'erase',
      rows: 1_240,
      fields: [],
      reason: 'Legitimate interest, objected to by asking for erasure.',
    },
    {
      source: 'main',
      collection: 'bills',
      category: 'billing',
      action: 'keep',
      rows: 7,
      fields: ['number', 'amount', 'issued_on'],
      reason: 'The tax law asks for them. E-mail address and account link are removed.',
      keep: { basis: 'legal_obligation', statute: 'AWR art. 52(4)', jurisdiction: 'NL', until: '2033-12-31' },
    },
    {
      source: 'desk',
      collection: 'threads',
      category: 'support',
      action: 'erase',
      rows: 36,
      fields: [],
      reason: 'Other people’s words in them stay.',
    },
  ],
  recipients: [{ name: 'Payment service', role: 'processor', why: 'Holds name and payments; gets a redaction job.' }],
  questions: [
    {
      id: 'q1',
      kind: 'open_money',
      text: 'There is a running subscription. What should happen to it?',
      choices: [
        { value: 'end', text: 'End it today; she agreed' },
        { value: 'wait', text: 'Wait until it ends on 30 April' },
      ],
      answer: null,
    },
  ],
  amendments: [
    {
      id: 'keep invoices',
      text: 'Kept: Invoices until 2027-06-30',
      ground: 'Art. 17(3)(e) GDPR: The data is needed to make, pursue or defend legal claims.',
    },
  ],
  limits: ['At most 1,641 rows; more, and the plan is made again.'],
}
