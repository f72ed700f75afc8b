import { ConsoleLayout, type ConsoleShell, type Flash } from '../components/console-layout.tsx'
import { Moment } from '../components/dates.tsx'
import { Pager, type Row, Table } from '../components/table.tsx'
import { DueBadge, StateTag, urgency } from '../components/tags.tsx'
import { rightName } from '../words.ts'
import type { CaseView } from './case-view.ts'
import { QueueFilter, QueueViews } from './queue-filter.tsx'
import { queueHref, type QueueQuery } from './queue-query.ts'

/** `/console`: the cases, soonest due first. */
export interface QueuePageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  cases: readonly CaseView[]
  query: QueueQuery
  counts: { open: number; awaiting_decision: number; awaiting_release: number; overdue: number; week: number }
  next_cursor: string | null
}

function progress(view: CaseView): string {
  if (view.state === 'awaiting_decision') return `${view.approvals.length} of ${view.approvals_needed} approvals`
  if (view.steps.total === view.steps.done) return ''
  const parked = view.steps.parked > 0 ? `, ${view.steps.parked} parked` : ''
  return `${view.steps.done} of ${view.steps.total} steps${parked}`
}

function caseRow(view: CaseView, now: string): Row {
  return {
    key: view.reference,
    marked: urgency(view, now) === 'overdue',
    cells: [
      <a class="hb-case-link" href={`/console/cases/${encodeURIComponent(view.reference)}`}>
        {view.reference}
      </a>,
      <>
        {rightName(view.right, view.scope)}
        <span class="hb-sub">{view.subject}</span>
      </>,
      <>
        <StateTag state={view.state} reader="operator" />
        {progress(view) !== '' && <span class="hb-sub">{progress(view)}</span>}
      </>,
      <DueBadge due={view} now={now} paused={view.paused} />,
      <Moment at={view.received_at} />,
      view.assignee ?? <span class="hb-quiet">Nobody</span>,
    ],
  }
}

/** The queue: what needs somebody, in the order in which it needs them. */
export function QueuePage({ shell, flash, cases, query, counts, next_cursor }: QueuePageProps) {
  const filtered = query.state !== '' || query.right !== '' || query.q !== '' || query.due !== ''
  const columns = [{ head: 'Case' }, { head: 'Asks for' }, { head: 'State' }, { head: 'Due' }, { head: 'Received' }, { head: 'With' }]
  return (
    <ConsoleLayout shell={shell} title="Queue" current="queue" flash={flash}>
      <div class="hb-head">
        <h1>Queue</h1>
        <a class="govuk-button govuk-button--secondary" href="/console/cases/new" role="button" draggable={false}>
          New case
        </a>
      </div>
      <QueueViews query={query} counts={counts} />
      <QueueFilter query={query} />
      <Table
        class="hb-table--queue"
        stack
        caption="Cases, soonest due first"
        captionHidden
        columns={columns}
        rows={cases.map((view) => caseRow(view, shell.now))}
        empty={
          filtered ? (
            <p>
              No case matches. <a href="/console">Show every open case</a>
            </p>
          ) : (
            <p>
              Nothing is waiting. Requests from the <a href="/">privacy centre</a> arrive here by themselves; a letter or a call is{' '}
              <a href="/console/cases/new">entered by hand</a>.
            </p>
          )
        }
      />
      <Pager
        first={query.after === '' ? null : queueHref({ ...query, after: '' })}
        next={next_cursor === null ? null : queueHref({ ...query, after: next_cursor })}
      />
    </ConsoleLayout>
  )
}
