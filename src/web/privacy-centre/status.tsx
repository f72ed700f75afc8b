import type { FieldError } from '../../errors.ts'
import { Notice } from '../components/blocks.tsx'
import { ErrorSummary } from '../components/form.tsx'
import { Layout, type PublicShell } from '../components/layout.tsx'
import { StateTag } from '../components/tags.tsx'
import { type Message, Timeline, type TimelineEntry } from '../components/timeline.tsx'
import { type CaseState, type Outcome, OUTCOMES, STATES } from '../words.ts'
import { type ArchivePart, Archives, type KeptCategory, Reply } from './status-answer.tsx'
import { StatusAside } from './status-aside.tsx'
import { MessagesSection, RecoveryCopySection, WithdrawalSection } from './status-forms.tsx'

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
  /** The sealed copy of what was erased, while it can be destroyed. */
  recovery_copy?: { until: string; categories: readonly string[] } | null | undefined
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

function titleOf(request: RequestView): string {
  return request.outcome == null ? 'Your request' : 'Our answer to your request'
}

function Needs({ needs }: { needs: readonly string[] }) {
  if (needs.length === 0) return null
  return (
    <Notice title="We need something from you" id="needs">
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
    <Layout shell={shell} title={`Request ${request.reference}`} failed={errors.length > 0} wide>
      <div class="hb-split">
        <div class="hb-split__head">
          <ErrorSummary errors={errors} ids={{ '/text': 'message-text' }} />
          {props.saved !== null && (
            <Notice kind="success">
              <p class="govuk-notification-banner__heading">{props.saved}</p>
            </Notice>
          )}
          <h1 class="govuk-heading-xl">{titleOf(request)}</h1>
          <p class="hb-state">
            <StateTag state={request.state} reader="subject" />
          </p>
          <p class="govuk-body-l">{request.outcome == null ? STATES[request.state].sentence : OUTCOMES[request.outcome]}</p>
        </div>
        <StatusAside shell={shell} request={request} />
        <div class="hb-split__main">
          <Needs needs={request.needs ?? []} />
          <Archives reference={request.reference} archives={request.archives ?? []} csrf={shell.csrf} errors={errors} />
          <Reply request={request} />
          <RecoveryCopySection {...props} />
          <WithdrawalSection {...props} />
          <MessagesSection {...props} />
          <h2 class="govuk-heading-m">What has happened so far</h2>
          <Timeline entries={request.timeline} />
        </div>
      </div>
    </Layout>
  )
}
