import type { VNode } from 'preact'
import { CasePage, type CasePageProps } from '../../src/web/console/case.tsx'
import { adasCase, adasPlan, consoleShell as shell } from './people.ts'

const deciding: CasePageProps = {
  shell,
  view: adasCase,
  allowed: ['reveal', 'approve', 'refuse', 'replan', 'answer', 'message', 'note', 'assign', 'pause', 'extend', 'identify'],
  subject: {
    email: 'a••@l•••••.example',
    name: 'A•• L•••••••',
    address: null,
    residence: 'Netherlands',
    revealed: false,
    channel: 'form',
    details: 'I closed my account in March.\nPlease remove everything.',
    corrections: [],
    requester: null,
  },
  paths: [
    { collection: 'main.people', sentence: 'its e-mail address is the proven one' },
    { collection: 'main.bills', sentence: 'belongs to that account' },
  ],
  plan: adasPlan,
  texts: 'to_read',
  amend: {
    leave_out: [],
    keep: [{ value: 'devices', text: 'Devices' }],
    add: [{ value: 'telemetry', text: 'Telemetry' }],
    part_grounds: [{ value: 'LEGAL_CLAIMS', text: 'Art. 17(3)(e) GDPR: The data is needed to make, pursue or defend legal claims.' }],
  },
  approval_note: null,
  steps: [],
  receipts: [],
  archives: [],
  cancel_until: null,
  clock: {
    lines: [
      'Received Saturday 4 April 2026, 16:05 in Amsterdam.',
      'One month: Monday 4 May 2026.',
      'Thirty days, which we promise: Sunday 3 May 2026, so that counts.',
    ],
    pauses: [],
  },
  tasks: [{ id: 't-31', title: 'Look for Ada in the support desk', due_at: '2026-04-19T22:00:00Z', answered: false }],
  messages: [{ at: '2026-04-10T18:30:00Z', from: 'subject', text: 'Yes, please end the newsletter too.' }],
  notes: [{ at: '2026-04-11T08:00:00Z', by: 'kim@cowork.example', text: 'Asked finance about the subscription.' }],
  timeline: [
    { at: '2026-04-16T15:20:00Z', event: 'request.approved', text: 'First approval', by: 'ruben@cowork.example' },
    { at: '2026-04-05T08:01:12Z', event: 'request.planned', text: 'Plan made: 1,284 rows in 4 collections', by: null },
    { at: '2026-04-04T14:09:00Z', event: 'request.proven', text: 'E-mail address proven by code', by: null },
    { at: '2026-04-04T14:05:00Z', event: 'request.received', text: 'Received by the web form', by: null },
  ],
  operators: [
    { email: 'femke@cowork.example', role: 'dpo' },
    { email: 'kim@cowork.example', role: 'caseworker' },
  ],
  refusal_grounds: [
    { value: 'no_ground_17_1', text: 'No ground of Art. 17(1) applies' },
    { value: 'legal_claims', text: 'Needed for legal claims, Art. 17(3)(e)' },
  ],
  pause_reasons: [{ value: 'identity', text: 'We have asked for proof of identity' }],
}

const answeredPlan = { ...adasPlan, questions: adasPlan.questions.map((question) => ({ ...question, answer: 'wait' })) }

const working: CasePageProps = {
  ...deciding,
  flash: { saved: 'Step main/2 is tried again.', refused: null },
  view: {
    ...adasCase,
    state: 'carrying_out',
    steps: { total: 3, done: 1, parked: 1 },
    approvals: [...adasCase.approvals, { by: 'femke@cowork.example', at: '2026-04-17T09:00:00Z' }],
  },
  allowed: ['retry', 'message', 'note', 'assign'],
  plan: answeredPlan,
  subject: { ...deciding.subject, revealed: true, email: 'ada@lovelace.example', name: 'Ada Lovelace' },
  steps: [
    {
      id: 's1',
      source: 'main',
      action: 'erase',
      state: 'done',
      rows: 1_241,
      attempts: 1,
      parked_reason: null,
      finished_at: '2026-04-17T09:05:00Z',
    },
    {
      id: 's2',
      source: 'payments',
      action: 'notify',
      state: 'parked',
      rows: null,
      attempts: 5,
      parked_reason: 'The source did not answer for 20 minutes.',
      finished_at: null,
    },
    { id: 's3', source: 'desk', action: 'erase', state: 'needs_person', rows: null, attempts: 0, parked_reason: null, finished_at: null },
  ],
  receipts: [
    {
      id: 'r1',
      source: 'main',
      made_at: '2026-04-17T09:05:00Z',
      mode: 'enforce',
      confirmed_by: 'marker',
      counts: [
        { collection: 'people', action: 'erase', rows: 1 },
        { collection: 'usage', action: 'erase', rows: 1_240 },
      ],
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
  ],
}

const releasing: CasePageProps = {
  ...deciding,
  view: { ...adasCase, right: 'access', state: 'awaiting_release', approvals_needed: 1 },
  allowed: ['release', 'reveal', 'message', 'note', 'assign'],
  plan: { ...answeredPlan, questions: [] },
  archives: [
    {
      part: 1,
      bytes: 4_812_334,
      sha256: 'b1946ac92492d2347c6235b4d2611184a7d1f02f8a29b4a83d5f9f1d2b3c4d5e',
      built_at: '2026-04-17T09:05:00Z',
      expires_at: null,
      href: '/console/cases/HAB-7K3M-9QX2/archive?part=1',
      files: [
        { name: 'index.html', rows: null, bytes: 18_211 },
        { name: 'data/people.csv', rows: 1, bytes: 412 },
        { name: 'data/usage.csv', rows: 1_240, bytes: 98_123 },
      ],
    },
  ],
}

const recovering: CasePageProps = {
  ...working,
  flash: undefined,
  view: { ...adasCase, state: 'delivered' },
  allowed: ['recover', 'exclude', 'message', 'note'],
  recovery: {
    state: 'found',
    until: '2026-05-01T09:00:00Z',
    rows: [
      { collection: 'People', rows: 1 },
      { collection: 'Machines', rows: 2 },
    ],
    findings: [{ kind: 'impostor', by: 'kim@cowork.example', at: '2026-04-18T10:00:00Z' }],
    conflicts: [],
    failure: null,
  },
}

/** One case at its moments: before the decision, when a refusal is proposed, while it is carried out, before the copy leaves, when it is to be put back. */
export const casePages: Readonly<Record<string, VNode>> = {
  'case-deciding': <CasePage {...deciding} />,
  'case-approving': (
    <CasePage
      {...deciding}
      plan={answeredPlan}
      flash={{ saved: null, refused: { sentence: 'The plan has changed since you read it. Read it again before you decide.', errors: [] } }}
    />
  ),
  'case-refusal-proposed': (
    <CasePage
      {...deciding}
      proposed_refusal={{ by: 'ruben@cowork.example', ground: 'legal_claims', facts: 'She sues us over an invoice.' }}
    />
  ),
  'case-working': <CasePage {...working} />,
  'case-releasing': <CasePage {...releasing} />,
  'case-recovering': <CasePage {...recovering} />,
  'case-recovery-blocked': (
    <CasePage
      {...recovering}
      recovery={{
        state: 'blocked',
        until: '2026-05-01T09:00:00Z',
        rows: [{ collection: 'People', rows: 1 }],
        findings: [
          { kind: 'impostor', by: 'kim@cowork.example', at: '2026-04-18T10:00:00Z' },
          { kind: 'impostor', by: 'ruben@cowork.example', at: '2026-04-18T11:00:00Z' },
        ],
        conflicts: [{ collection: 'People', kind: 'taken', constraint: 'people_mail_key', rows: 1 }],
        failure: null,
      }}
    />
  ),
}
