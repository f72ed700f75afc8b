import type { VNode } from 'preact'
import { AuditPage } from '../../src/web/console/audit.tsx'
import { DataMapPage } from '../../src/web/console/data-map.tsx'
import { ConsoleErrorPage } from '../../src/web/console/error.tsx'
import { HoldsPage } from '../../src/web/console/holds.tsx'
import { NewCasePage } from '../../src/web/console/new-case.tsx'
import { QueuePage } from '../../src/web/console/queue.tsx'
import { SignInPage } from '../../src/web/console/sign-in.tsx'
import { TaskPage } from '../../src/web/console/task.tsx'
import { TasksPage, type TaskView } from '../../src/web/console/tasks.tsx'
import { MailboxPage } from '../../src/web/mailbox.tsx'
import { casePages } from './case-pages.tsx'
import { adasCase, consoleShell as shell } from './people.ts'
import { retentionPages } from './retention-pages.tsx'

const taskChoices = {
  staff: [{ value: 'kim@cowork.example', text: 'kim@cowork.example' }],
  grounds: [{ value: 'THIRD_PARTY_RIGHTS', text: 'A part would harm the rights of other people. (Art. 15(4) GDPR)' }],
}
const noQuery = { state: '', right: '', q: '', due: '' as const, after: '' }
const counts = { open: 14, awaiting_decision: 3, awaiting_release: 1, overdue: 1, week: 4 }
const noor = { ...adasCase, subject: 'n•••@m•••.example' }
const cases = [
  {
    ...noor,
    reference: 'HAB-2P4D-K8TR',
    right: 'access',
    due_at: '2026-04-14T22:00:00Z',
    state: 'awaiting_release' as const,
    assignee: null,
  },
  {
    ...noor,
    reference: 'HAB-9XF3-M0QA',
    right: 'objection',
    scope: 'marketing',
    due_at: '2026-04-17T22:00:00Z',
    state: 'carrying_out' as const,
    steps: { total: 4, done: 2, parked: 1 },
  },
  {
    ...noor,
    reference: 'HAB-H4Z8-1CWE',
    right: 'know',
    scope: 'specific',
    regime: 'ccpa',
    due_at: '2026-04-22T22:00:00Z',
    state: 'verifying' as const,
    paused: true,
  },
  adasCase,
  { ...noor, reference: 'HAB-T6B1-V2NY', right: 'portability', due_at: '2026-05-10T22:00:00Z', state: 'planning' as const },
  { ...noor, reference: 'HAB-C5K9-R7JD', right: 'access', closed_at: '2026-04-12T09:00:00Z', state: 'delivered' as const },
]

const task: TaskView = {
  id: 't-31',
  reference: 'HAB-7K3M-9QX2',
  source: 'Support desk',
  title: 'Look for Ada in the support desk',
  instructions:
    'Search the support desk for the address below, including closed threads.\nHand in an export, or answer “searched, nothing found”.\n\nada@lovelace.example',
  created_at: '2026-04-05T08:01:10Z',
  due_at: '2026-04-19T22:00:00Z',
  answered_at: null,
  answered_by: null,
  answer: null,
}

const entries = [
  {
    number: 18_204,
    at: '2026-04-17T09:12:00Z',
    actor: 'femke@cowork.example',
    action: 'subject.revealed',
    subject: 'HAB-7K3M-9QX2',
    sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  },
  {
    number: 18_203,
    at: '2026-04-17T00:00:03Z',
    actor: 'habeas',
    action: 'retention.batch',
    subject: 'usage',
    sha256: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
  },
  {
    number: null,
    at: '2026-04-17T09:29:59Z',
    actor: 'femke@cowork.example',
    action: 'request.approved',
    subject: 'HAB-7K3M-9QX2',
    sha256: 'fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13',
  },
]

const others: Readonly<Record<string, VNode>> = {
  'sign-in': (
    <SignInPage
      company="Cowork"
      csrf={shell.csrf}
      demo={shell.demo}
      errors={[]}
      demo_operators={[
        { email: 'femke@cowork.example', role: 'dpo', token: 'hab_demo_femke' },
        { email: 'ruben@cowork.example', role: 'dpo', token: 'hab_demo_ruben' },
        { email: 'kim@cowork.example', role: 'caseworker', token: 'hab_demo_kim' },
        { email: 'ines@cowork.example', role: 'auditor', token: 'hab_demo_ines' },
      ]}
    />
  ),
  queue: <QueuePage shell={shell} cases={cases} query={noQuery} counts={counts} next_cursor="c2" />,
  'queue-empty': <QueuePage shell={shell} cases={[]} query={noQuery} counts={{ ...counts, open: 0 }} next_cursor={null} />,
  'new-case': <NewCasePage shell={shell} values={{}} errors={[{ pointer: '/received_at', detail: 'Say when it arrived' }]} />,
  tasks: (
    <TasksPage
      shell={shell}
      tasks={[
        task,
        { ...task, id: 't-30', title: 'Call the payment service', answered_at: '2026-04-16T08:00:00Z', answered_by: 'kim@cowork.example' },
      ]}
    />
  ),
  task: <TaskPage shell={shell} task={task} may_answer looked_up={null} values={{}} errors={[]} {...taskChoices} />,
  'task-revealed': (
    <TaskPage
      shell={shell}
      task={{ ...task, assignee: 'kim@cowork.example' }}
      may_answer
      looked_up={[{ label: 'e-mail address', values: ['ada@example.com'] }]}
      values={{ outcome: 'exception' }}
      errors={[{ pointer: '/facts', detail: 'say why' }]}
      {...taskChoices}
    />
  ),
  'task-answered': (
    <TaskPage
      shell={shell}
      task={{ ...task, answered_at: '2026-04-16T08:00:00Z', answered_by: 'kim@cowork.example', answer: 'Two closed threads, exported.' }}
      may_answer={false}
      looked_up={null}
      values={{}}
      errors={[]}
      {...taskChoices}
    />
  ),
  holds: (
    <HoldsPage
      shell={shell}
      may_place
      collections={['main.people', 'main.bills']}
      values={{}}
      errors={[]}
      holds={[
        {
          id: 'h1',
          matter: 'Arbitration 2026/114',
          reason: 'Payment dispute announced on 2 March',
          scope: { subject: 'n•••@m•••.example', collection: 'main.bills' },
          placed_by: 'ruben@cowork.example',
          placed_at: '2026-03-03T10:00:00Z',
          review_at: '2026-09-01',
          release_asked_by: 'ruben@cowork.example',
          released_at: null,
          may_release: true,
        },
      ]}
    />
  ),
  'data-map': (
    <DataMapPage
      shell={shell}
      policy={{ hash: '9c02e5b7d1f84a63', compiled_at: '2026-04-17T06:00:00Z' }}
      sources={[
        { source: 'main', title: 'Company database', kind: 'postgres', mode: 'enforce', state: 'Reachable' },
        { source: 'desk', title: 'Support desk', kind: 'manual', mode: 'observe', state: 'A person' },
      ]}
      collections={[
        {
          source: 'main',
          collection: 'people',
          category: 'account',
          controller: 'Cowork B.V.',
          purpose: 'Account management',
          basis: 'Contract',
          retention: '90 days after closing, then erased',
          recipients: ['Payment service', 'Mail delivery'],
          path: 'by e-mail address',
          fields: [
            { field: 'email', type: 'text', marks: ['identifier'] },
            { field: 'password_hash', type: 'text', marks: ['never disclosed'] },
          ],
        },
      ]}
    />
  ),
  audit: (
    <AuditPage
      shell={shell}
      q=""
      next_cursor="18190"
      entries={entries}
      verified={{
        ok: true,
        entries: 18_204,
        root: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
        at: '2026-04-17T09:30:00Z',
        problem: null,
      }}
    />
  ),
  'console-error': (
    <ConsoleErrorPage shell={shell} title="Not found" sentence="There is no such case." instance="01963f7e-52b1-7c40-9a11-2d0f6be8a0c4" />
  ),
  mailbox: (
    <MailboxPage
      zone="Europe/Amsterdam"
      mails={[
        {
          to: 'ada@lovelace.example',
          subject: 'Your request HAB-7K3M-9QX2',
          text: 'We have your request.\n\nCode: ABCD-EFGH\n\nIt works for ten minutes.',
          sent_at: '2026-04-04T14:05:01Z',
        },
        { to: 'noor@mail.example', subject: 'Our answer to HAB-2P4D-K8TR', text: 'Your copy is ready.', sent_at: '2026-04-04T13:05:01Z' },
      ]}
    />
  ),
}

/** Every console page with the data of one morning, by the name of its picture. */
export const consolePages: Readonly<Record<string, VNode>> = { ...others, ...casePages, ...retentionPages }
