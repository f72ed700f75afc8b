import { ConsoleLayout, type ConsoleShell, type Flash } from '../components/console-layout.tsx'
import { Moment } from '../components/dates.tsx'
import { Pager, type Row, Table } from '../components/table.tsx'
import { DueBadge, StateTag, urgency } from '../components/tags.tsx'
import { RIGHTS } from '../words.ts'
import type { CaseView } from './case-view.ts'
import { QueueFilter, QueueViews } from './queue-filter.tsx'

/** What the address of the queue says: `?state=&right=&q=&due=&after=`; empty strings mean no filter. */
export interface QueueQuery {
  /** A state, or '' for every open case, or 'any'. */
  state: string
  right: string
  q: string
  due: '' | 'overdue' | 'week'
  after: string
}

/** `/console`: the cases, soonest due first. */
export interface QueuePageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  cases: readonly CaseView[]
  query: QueueQuery
  counts: { open: number; awaiting_decision: number; awaiting_release: number; overdue: number; week: number }
  next_cursor: string | null
}

/** The address of the queue with these filters; empty ones are left out. */
export function queueHref(query: Partial<QueueQuery>): string {
  const set = Object.entries(query).filter(([, value]) => value !== '')
  return set.length === 0 ? '/console' : `/console?${new URLSearchParams(set).toString()}`
}

/** The short name of a right, with its scope. */
export function rightName(right: string, scope: string | null): string {
  const names: Readonly<Record<string, string>> = RIGHTS
  const name = names[right] ?? right
  return scope === null ? name : `${name}: ${scope}`
}

function progress(view: CaseView): string {
  if (view.state === 'awaiting_decision') return `${view.approvals.length} of ${view.approvals_needed} approvals`
  if (view.steps.total === 0) return ''
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
