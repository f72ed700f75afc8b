import { ConsoleLayout, type ConsoleShell, type Flash } from '../components/console-layout.tsx'
import { DueBadge, StateTag, Tag } from '../components/tags.tsx'
import type { Message, TimelineEntry } from '../components/timeline.tsx'
import { type CaseState, REGIMES, rightName, STATES } from '../words.ts'
import { ArchiveSection } from './case-archive.tsx'
import { ClockSection } from './case-clock.tsx'
import { DecisionSection } from './case-decision.tsx'
import { PlanSection } from './case-plan.tsx'
import { CaseProgress } from './case-progress.tsx'
import { type RecoveryPanel, RecoverySection } from './case-recovery.tsx'
import { StepsSection } from './case-steps.tsx'
import { MessagesSection, NotesSection } from './case-talk.tsx'
import { TimelineSection } from './case-timeline.tsx'
import type { AmendChoices, BuiltArchive, CaseView, PlanView, ReceiptView, StepView } from './case-view.ts'
import { WhoSection } from './case-who.tsx'

/** What this operator may do with this case now; a form is shown only for what is listed. */
export type CaseAction =
  | 'reveal'
  | 'approve'
  | 'refuse'
  | 'release'
  | 'replan'
  | 'answer'
  | 'message'
  | 'note'
  | 'assign'
  | 'pause'
  | 'resume'
  | 'extend'
  | 'retry'
  | 'identify'
  | 'recover'
  | 'exclude'

/** Who the case is about; values are masked unless they were revealed for this view. */
export interface SubjectView {
  email: string | null
  name: string | null
  address: string | null
  residence: string | null
  /** The values above are shown in full, which is in the audit log. */
  revealed: boolean
  channel: string
  details: string | null
  corrections: readonly { field: string; from: string | null; to: string }[]
  requester: { role: string; name: string; email: string; organisation: string | null } | null
}

/** `/console/cases/{reference}`: everything about one case. */
export interface CasePageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  view: CaseView
  allowed: readonly CaseAction[]
  subject: SubjectView
  /** Why these rows are theirs: one sentence per way through the data map. */
  paths: readonly { collection: string; sentence: string }[]
  plan: PlanView | null
  /** What this operator may change about the plan; null when nothing. */
  amend: AmendChoices | null
  /** Why the button to approve is missing, for the person who looks for it. */
  approval_note: string | null
  steps: readonly StepView[]
  receipts: readonly ReceiptView[]
  archives: readonly BuiltArchive[]
  /** Texts in which other people may appear must be read before the copy leaves; null when there are none. */
  texts: 'to_read' | 'read' | null
  /** The sealed copy of an erasure, where one was kept. */
  recovery?: RecoveryPanel | null
  cancel_until: string | null
  clock: {
    lines: readonly string[]
    pauses: readonly { reason: string; from: string; until: string | null }[]
  }
  /** Tasks of manual sources that belong to this case. */
  tasks: readonly { id: string; title: string; due_at: string; answered: boolean }[]
  messages: readonly Message[]
  notes: readonly { at: string; by: string; text: string }[]
  timeline: readonly TimelineEntry[]
  operators: readonly { email: string; role: string }[]
  refusal_grounds: readonly { value: string; text: string }[]
  /** A refusal that one person has proposed and a second must agree to; `ground` is a value of `refusal_grounds`. */
  proposed_refusal?: { by: string; ground: string; facts?: string } | null
  pause_reasons: readonly { value: string; text: string }[]
}

function CaseHead({ view, shell }: Pick<CasePageProps, 'view' | 'shell'>) {
  return (
    <div class="hb-case-head">
      <p class="hb-case-head__reference">
        <a href="/console">Queue</a> <span aria-hidden="true">/</span> <span class="hb-reference">{view.reference}</span>
      </p>
      <div class="hb-head">
        <h1>
          {rightName(view.right, view.scope)} <span class="hb-case-head__who">{view.subject}</span>
        </h1>
        <DueBadge due={view} now={shell.now} paused={view.paused} />
      </div>
      <p class="hb-case-head__tags">
        <StateTag state={view.state} reader="operator" /> <Tag text={REGIMES[view.regime] ?? view.regime} tone="grey" />
        {view.extended && <Tag text="Extended" tone="orange" />}
        {view.paused && <Tag text="Clock paused" tone="yellow" />} <span class="hb-quiet">{view.controller}</span>
      </p>
      <p class="hb-case-head__next">{STATES[view.state].next}</p>
    </div>
  )
}

const BEGUN: readonly CaseState[] = ['carrying_out', 'delivered', 'closed']

/** One case: what it is, what would be done, who decides, what was done. */
export function CasePage(props: CasePageProps) {
  const { shell, flash, view } = props
  // What matters now stands first: the decision until it is taken, then what is being done, then what was done.
  const begun = BEGUN.includes(view.state)
  return (
    <ConsoleLayout shell={shell} title={`${view.reference} ${STATES[view.state].operator}`} current="queue" flash={flash}>
      <CaseHead view={view} shell={shell} />
      <CaseProgress view={view} />
      <div class="hb-columns">
        <div class="hb-columns__main">
          <ArchiveSection {...props} />
          {begun && <RecoverySection {...props} />}
          {begun && <StepsSection {...props} />}
          <DecisionSection {...props} />
          <PlanSection {...props} />
          {!begun && <StepsSection {...props} />}
          <MessagesSection {...props} />
        </div>
        <div class="hb-columns__aside">
          <WhoSection {...props} />
          <ClockSection {...props} />
          <NotesSection {...props} />
          <TimelineSection timeline={props.timeline} />
        </div>
      </div>
    </ConsoleLayout>
  )
}
