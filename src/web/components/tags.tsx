import { type CaseState, STATES, type Tone } from '../words.ts'
import { Day, daysLeft, LastDay } from './dates.tsx'
import { classes, count } from './text.ts'

/** A word that marks something, with a colour that repeats (never replaces) the word. */
export function Tag({ text, tone = 'blue' }: { text: string; tone?: Tone }) {
  return <strong class={classes('govuk-tag', tone !== 'blue' && `govuk-tag--${tone}`)}>{text}</strong>
}

/** The state of a case in the words of its reader. */
export function StateTag({ state, reader }: { state: CaseState; reader: 'subject' | 'operator' }) {
  const words = STATES[state]
  return <Tag text={reader === 'subject' ? words.subject : words.operator} tone={words.tone} />
}

/** When an answer is due, as instants; `due_at` is the moment at which the last day ends. */
export interface Due {
  received_at: string
  due_at: string
  closed_at: string | null
  /** Of a case; one that is answered but not closed yet is not waited for. */
  state?: CaseState
}

function hasEnded({ closed_at, state }: Due): boolean {
  return closed_at !== null || state === 'delivered'
}

/** How urgent a case is: nothing left, under a quarter of its time left, or neither; ended cases are never urgent. */
export function urgency(due: Due, now: string): 'ended' | 'overdue' | 'soon' | 'calm' {
  if (hasEnded(due)) return 'ended'
  const left = Date.parse(due.due_at) - Date.parse(now)
  if (left <= 0) return 'overdue'
  return left < (Date.parse(due.due_at) - Date.parse(due.received_at)) / 4 ? 'soon' : 'calm'
}

/** "12 days left", "Due today", "3 days overdue", "Answered", "Ended": calendar days, so that cases compare. */
export function dueText(due: Due, now: string): string {
  if (hasEnded(due)) return due.state === 'withdrawn' || due.state === 'expired' ? 'Ended' : 'Answered'
  if (Date.parse(due.due_at) <= Date.parse(now)) return `${count(-daysLeft(due.due_at, now), 'day')} overdue`
  const left = daysLeft(due.due_at, now)
  return left === 0 ? 'Due today' : `${count(left, 'day')} left`
}

function DueDate({ due }: { due: Due }) {
  if (due.closed_at === null && hasEnded(due)) return null
  return <span class="hb-due__date">{due.closed_at === null ? <LastDay until={due.due_at} /> : <Day at={due.closed_at} />}</span>
}

/** Days left of a case as a badge: red when overdue or when under a quarter of its time is left; the date beside it. */
export function DueBadge({ due, now, paused = false, date = true }: { due: Due; now: string; paused?: boolean; date?: boolean }) {
  const level = urgency(due, now)
  return (
    <span class={classes('hb-due', `hb-due--${level}`)}>
      <span class="hb-due__days">{dueText(due, now)}</span>
      {paused && <span class="hb-due__paused">Clock paused</span>}
      {date && <DueDate due={due} />}
    </span>
  )
}
