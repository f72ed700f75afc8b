import { Panel } from '../components/blocks.tsx'
import { LastDay } from '../components/dates.tsx'
import { Layout, type PublicShell } from '../components/layout.tsx'
import { findChoice, RIGHT_CHOICES } from '../right-choices.ts'
import { NewCodeForm, ProofForm } from './proof-form.tsx'

/** Shown directly after `POST /request`; the same for every address, known or not. */
export interface SentPageProps {
  shell: PublicShell
  /** One per right asked; `right` is a value of `RIGHT_CHOICES` or its right. */
  requests: readonly { reference: string; right: string; due_at: string }[]
  email: string
}

function sentenceOf(right: string): string {
  return (RIGHT_CHOICES.find(({ value }) => value === right) ?? findChoice(right, null))?.sentence ?? right
}

/** Reference, date, and the field for the code. */
export function SentPage({ shell, requests, email }: SentPageProps) {
  const [first] = requests
  return (
    <Layout shell={shell} title="We have your request">
      <Panel title="We have your request">
        {requests.length === 1 ? 'Your reference' : 'Your references'}
        <br />
        {requests.map(({ reference }) => (
          <strong class="hb-reference" key={reference}>
            {reference}
          </strong>
        ))}
      </Panel>
      <h2 class="govuk-heading-m">Now show that it is you</h2>
      <p class="govuk-body">
        We have sent a mail with a code to <strong>{email}</strong>. Type the code here and we begin.
      </p>
      {first !== undefined && (
        <>
          <ProofForm reference={first.reference} csrf={shell.csrf} />
          <p class="govuk-body">No mail after a few minutes? Look in the spam folder, or ask again.</p>
          <NewCodeForm reference={first.reference} csrf={shell.csrf} />
        </>
      )}
      <h2 class="govuk-heading-m">What happens next</h2>
      <ul class="govuk-list govuk-list--bullet">
        {requests.map(({ reference, right, due_at }) => (
          <li key={reference}>
            “{sentenceOf(right)}”: you have our answer by{' '}
            <strong>
              <LastDay until={due_at} />
            </strong>
            {requests.length > 1 && (
              <>
                {' '}
                <span class="hb-quiet hb-reference">{reference}</span>
              </>
            )}
          </li>
        ))}
      </ul>
      <p class="govuk-body">
        Keep the {requests.length === 1 ? 'reference' : 'references'}. With {requests.length === 1 ? 'it' : 'them'} you can{' '}
        <a class="govuk-link" href="/status">
          follow what we do
        </a>{' '}
        at any time.
      </p>
    </Layout>
  )
}
