import type { VNode } from 'preact'
import { ErrorPage, NotFoundPage } from '../../src/web/privacy-centre/error.tsx'
import { HomePage } from '../../src/web/privacy-centre/home.tsx'
import { RequestFormPage } from '../../src/web/privacy-centre/request-form.tsx'
import { PublicRetentionPage } from '../../src/web/privacy-centre/retention.tsx'
import { SentPage } from '../../src/web/privacy-centre/sent.tsx'
import { StatusEntryPage } from '../../src/web/privacy-centre/status-entry.tsx'
import { StatusPage, type StatusPageProps } from '../../src/web/privacy-centre/status.tsx'
import { RIGHT_CHOICES } from '../../src/web/right-choices.ts'
import { publicShell as shell } from './people.ts'

const offered = RIGHT_CHOICES.map(({ value }) => value)
const nothing = { values: {}, chosen: [], corrections: [], errors: [] }
const form = { shell, offered, answer_by: '2026-05-17T22:00:00Z' }

const answered: StatusPageProps = {
  shell,
  request: {
    reference: 'HAB-7K3M-9QX2',
    right: 'erasure',
    state: 'delivered',
    received_at: '2026-04-04T14:05:00Z',
    due_at: '2026-05-03T22:00:00Z',
    closed_at: '2026-04-20T09:12:00Z',
    extended: false,
    outcome: 'partly',
    recovery_copy: { until: '2026-05-01T09:00:00Z', categories: ['Account', 'Devices'] },
    reply: {
      text: 'Dear Ada,\n\nWe have erased what we held about you in our company database and our support desk. Your invoices must be kept by tax law; they no longer carry your e-mail address.\n\nFemke de Wit, data protection officer',
    },
    kept: [{ category: 'billing', basis: 'legal_obligation', statute: 'AWR art. 52(4), Netherlands', until: '2033-12-31' }],
    remedies: ['You can complain to Autoriteit Persoonsgegevens, Hoge Nieuwstraat 8, The Hague.', 'You can go to court.'],
    archives: [
      {
        part: 1,
        bytes: 4_812_334,
        sha256: 'b1946ac92492d2347c6235b4d2611184a7d1f02f8a29b4a83d5f9f1d2b3c4d5e',
        expires_at: '2026-05-04T09:12:00Z',
      },
    ],
    timeline: [
      { at: '2026-04-20T09:12:00Z', event: 'delivered', text: 'We sent you our answer.' },
      { at: '2026-04-17T09:40:00Z', event: 'approved', text: 'Two people approved what is to be done.' },
      { at: '2026-04-04T14:09:00Z', event: 'proven', text: 'You typed the code.' },
      { at: '2026-04-04T14:05:00Z', event: 'received', text: 'Your request arrived.' },
    ],
  },
  messages: [
    { at: '2026-04-10T10:00:00Z', from: 'company', text: 'Do you also want your newsletter subscription to end?' },
    { at: '2026-04-10T18:30:00Z', from: 'subject', text: 'Yes, please.\nAda' },
  ],
  may_withdraw: false,
  cancel_until: null,
  saved: null,
  errors: [],
}

const working: StatusPageProps = {
  ...answered,
  request: {
    ...answered.request,
    state: 'approved',
    outcome: null,
    reply: null,
    kept: [],
    remedies: [],
    archives: [],
    closed_at: null,
    extended: true,
    needs: ['Tell us whether the subscription should end today.'],
  },
  may_withdraw: true,
  cancel_until: '2026-04-20T09:40:00Z',
  saved: 'Your message is on its way.',
}

/** Every public page with the data of one person, by the name of its picture. */
export const publicPages: Readonly<Record<string, VNode>> = {
  home: <HomePage shell={shell} offered={offered} answer_days={30} />,
  request: <RequestFormPage {...form} {...nothing} />,
  'request-errors': (
    <RequestFormPage
      {...form}
      values={{ email: 'ada@', requester_role: 'agent', name: 'Ada' }}
      chosen={['rectification']}
      corrections={[{ field: 'name', from: 'Ada Byron', to: 'Ada Lovelace' }]}
      errors={[
        { pointer: '/rights', detail: 'Tick at least one thing you want us to do' },
        { pointer: '/email', detail: 'Enter an e-mail address in the correct form, like name@example.com' },
      ]}
    />
  ),
  sent: (
    <SentPage
      shell={shell}
      email="ada@lovelace.example"
      requests={[
        { reference: 'HAB-7K3M-9QX2', right: 'access', due_at: '2026-05-03T22:00:00Z' },
        { reference: 'HAB-2P4D-K8TR', right: 'objection:marketing', due_at: '2026-04-05T22:00:00Z' },
      ]}
    />
  ),
  'status-entry': <StatusEntryPage shell={shell} reference={null} errors={[]} code_sent={false} />,
  'status-code': (
    <StatusEntryPage
      shell={shell}
      reference="HAB-7K3M-9QX2"
      code_sent
      errors={[{ pointer: '/code', detail: 'The code is wrong, used up or expired' }]}
    />
  ),
  'status-answered': <StatusPage {...answered} />,
  'status-working': <StatusPage {...working} />,
  retention: (
    <PublicRetentionPage
      shell={shell}
      checked_on="2026-04-01"
      rules={[
        {
          category: 'Account: name, e-mail, organisation, plan',
          purpose: 'Running your account',
          basis: 'Contract',
          kept: '90 days',
          starts: 'the day you ask us to close the account',
          then: 'Erased',
          last_success_at: '2026-04-17T00:00:00Z',
        },
        {
          category: 'Invoices',
          purpose: 'Billing and tax',
          basis: 'Legal obligation (AWR art. 52(4))',
          kept: '7 years',
          starts: 'the end of the financial year',
          then: 'Erased',
          last_success_at: '2026-04-17T00:00:00Z',
        },
        {
          category: 'Usage data',
          purpose: 'Making the product better',
          basis: 'Legitimate interest; can be switched off',
          kept: '12 months',
          starts: 'the day it arose',
          then: 'Turned into daily totals, then erased after 24 months',
          last_success_at: null,
        },
      ]}
    />
  ),
  error: (
    <ErrorPage
      shell={shell}
      title="Too many requests"
      sentence="We have had many requests from your address. Try again in an hour."
      instance="01963f7e-52b1-7c40-9a11-2d0f6be8a0c4"
    />
  ),
  'not-found': <NotFoundPage shell={shell} />,
}
