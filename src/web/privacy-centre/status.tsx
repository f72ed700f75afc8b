import type { FieldError } from '../../errors.ts'
import { Details, Notice, SummaryList } from '../components/blocks.tsx'
import { Day, LastDay } from '../components/dates.tsx'
import { ErrorSummary } from '../components/form.tsx'
import { Layout, type PublicShell } from '../components/layout.tsx'
import { StateTag } from '../components/tags.tsx'
import { type Message, Timeline, type TimelineEntry } from '../components/timeline.tsx'
import { RIGHT_CHOICES } from '../right-choices.ts'
import { type CaseState, type Outcome, OUTCOMES, STATES } from '../words.ts'
import { type ArchivePart, Archives, type KeptCategory, Reply } from './status-answer.tsx'
import { MessagesSection, WithdrawalSection } from './status-forms.tsx'

/** A request as its person sees it: the answer of `GET /v1/requests/{reference}`. */
export interface RequestView {
  reference: string
  right: string
  scope?: string | null | undefined
  state: CaseState
  received_at: string
  due_at: string
  extended: boolean
  closed_at?: string | null | undefined
  timeline: readonly TimelineEntry[]
  outcome?: Outcome | null | undefined
  reply?: { text: string } | null | undefined
  kept?: readonly KeptCategory[] | undefined
  remedies?: readonly string[] | undefined
  needs?: readonly string[] | undefined
  archives?: readonly ArchivePart[] | undefined
}

/** `/status/{reference}` with a token. */
export interface StatusPageProps {
  shell: PublicShell
  request: RequestView
  messages: readonly Message[]
  /** Whether it can still be withdrawn. */
  may_withdraw: boolean
  /** When the cancel window ends, while it runs. */
  cancel_until: string | null
  /** What has just been done, in a sentence. */
  saved: string | null
  errors: readonly FieldError[]
}

const ENDED: readonly CaseState[] = ['delivered', 'closed', 'refused', 'withdrawn', 'expired']

function sentenceOf(request: RequestView): string {
  const choices = RIGHT_CHOICES.filter(({ right }) => right === request.right)
  return (choices.find(({ scope }) => scope === (request.scope ?? null)) ?? choices[0])?.sentence ?? request.right
}

function Summary({ request }: { request: RequestView }) {
  const ended = ENDED.includes(request.state)
  const rows = [
    { key: 'Reference', value: <strong class="hb-reference">{request.reference}</strong> },
    { key: 'You asked', value: sentenceOf(request) },
    { key: 'Received', value: <Day at={request.received_at} /> },
    ...(ended
      ? request.closed_at == null
        ? []
        : [{ key: 'Answered', value: <Day at={request.closed_at} /> }]
      : [
          {
            key: 'Answer due',
            value: (
              <>
                <strong>
                  <LastDay until={request.due_at} />
                </strong>
                {request.extended && <span class="hb-quiet"> We have taken more time; the reason is in the timeline.</span>}
              </>
            ),
          },
        ]),
  ]
  return <SummaryList rows={rows} />
}

function Needs({ needs }: { needs: readonly string[] }) {
  if (needs.length === 0) return null
  return (
    <Notice title="We need something from you">
      <ul class="govuk-list govuk-list--bullet">
        {needs.map((need) => (
          <li key={need}>{need}</li>
        ))}
      </ul>
    </Notice>
  )
}

/** Everything the person may know about the request, and everything that can be done with it. */
export function StatusPage(props: StatusPageProps) {
  const { shell, request, errors } = props
  return (
    <Layout shell={shell} title={`Request ${request.reference}`} failed={errors.length > 0}>
      <ErrorSummary errors={errors} ids={{ '/text': 'message-text' }} />
      {props.saved !== null && (
        <Notice kind="success">
          <p class="govuk-notification-banner__heading">{props.saved}</p>
        </Notice>
      )}
      <h1 class="govuk-heading-xl">Your request</h1>
      <p class="hb-state">
        <StateTag state={request.state} reader="subject" />
      </p>
      <p class="govuk-body-l">{request.outcome == null ? STATES[request.state].sentence : OUTCOMES[request.outcome]}</p>
      <Needs needs={request.needs ?? []} />
      <Archives reference={request.reference} archives={request.archives ?? []} csrf={shell.csrf} errors={errors} />
      <Reply request={request} />
      <Summary request={request} />
      <WithdrawalSection {...props} />
      <MessagesSection {...props} />
      <h2 class="govuk-heading-m">What has happened so far</h2>
      <Timeline entries={request.timeline} />
      <Details summary="Something is wrong with this request">
        <p class="govuk-body">
          Write to our data protection officer:{' '}
          <a class="govuk-link" href={`mailto:${shell.dpo.email}`}>
            {shell.dpo.email}
          </a>
          .
        </p>
        {shell.authority !== null && (
          <p class="govuk-body">
            You can complain at any time to{' '}
            <a class="govuk-link" href={shell.authority.url} rel="noreferrer">
              {shell.authority.name}
            </a>
            .
          </p>
        )}
      </Details>
    </Layout>
  )
}
