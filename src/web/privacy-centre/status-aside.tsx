import { Day, LastDay } from '../components/dates.tsx'
import type { PublicShell } from '../components/layout.tsx'
import { findChoice } from '../right-choices.ts'
import type { CaseState } from '../words.ts'
import type { RequestView } from './status.tsx'

const ENDED: readonly CaseState[] = ['delivered', 'closed', 'refused', 'withdrawn', 'expired']

function Dates({ request }: { request: RequestView }) {
  if (!ENDED.includes(request.state)) {
    return (
      <div>
        <dt>Answer due</dt>
        <dd>
          <strong>
            <LastDay until={request.due_at} />
          </strong>
          {request.extended && <span class="hb-sub">We have taken more time. The reason is in the list of what has happened.</span>}
        </dd>
      </div>
    )
  }
  if (request.closed_at == null) return null
  return (
    <div>
      <dt>Ended</dt>
      <dd>
        <strong>
          <Day at={request.closed_at} />
        </strong>
      </dd>
    </div>
  )
}

/** The facts of a request in a card: what was asked, when, until when; and whom to write to. */
export function StatusAside({ shell, request }: { shell: PublicShell; request: RequestView }) {
  return (
    <aside class="hb-split__aside hb-card" aria-label="About this request">
      <dl class="hb-facts hb-facts--stacked">
        <Dates request={request} />
        <div>
          <dt>Reference</dt>
          <dd class="hb-reference">{request.reference}</dd>
        </div>
        <div>
          <dt>You asked</dt>
          <dd>{findChoice(request.right, request.scope ?? null)?.sentence ?? request.right}</dd>
        </div>
        <div>
          <dt>Received</dt>
          <dd>
            <Day at={request.received_at} />
          </dd>
        </div>
        <div>
          <dt>Something is wrong?</dt>
          <dd>
            Write to our{' '}
            <a class="govuk-link" href={`mailto:${shell.dpo.email}`}>
              data protection officer
            </a>
            {shell.authority !== null && (
              <>
                {' '}
                or complain to{' '}
                <a class="govuk-link" href={shell.authority.url} rel="noreferrer">
                  {shell.authority.name}
                </a>
              </>
            )}
            .
          </dd>
        </div>
      </dl>
    </aside>
  )
}
