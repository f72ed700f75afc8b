import { plainWord } from '../components/text.ts'
import { Timeline, type TimelineEntry } from '../components/timeline.tsx'

/** What the acts of the log are called beside a case, where "request" need not be said again. */
const EVENTS: Readonly<Record<string, string>> = {
  'request.received': 'Received',
  'request.repeated': 'Asked again',
  'request.opened_by_operator': 'Entered by hand',
  'request.code_sent': 'Code sent',
  'request.code_refused': 'Wrong code typed',
  'request.proven': 'Mailbox proven',
  'request.proof_by_operator': 'Identity recorded',
  'request.planned': 'Searched and planned',
  'request.plan_asked': 'Asked to plan again',
  'request.question_answered': 'Question answered',
  'request.amended': 'Plan amended',
  'request.viewed': 'Looked at',
  'request.revealed': 'Shown in full',
  'request.approved': 'Approved',
  'request.refusal_proposed': 'Refusal proposed',
  'request.refused': 'Refused',
  'request.withdrawn': 'Withdrawn',
  'request.expired': 'Stopped: never proven',
  'request.extended': 'Clock extended',
  'request.paused': 'Clock paused',
  'request.resumed': 'Clock resumed',
  'request.assigned': 'Assigned',
  'request.message_received': 'Message from the person',
  'request.message_sent': 'Message to the person',
  'request.noted': 'Note added',
  'request.reminded': 'Reminder sent',
  'request.cancel_window_started': 'Time to take it back began',
  'request.carrying_out': 'Work began',
  'request.awaiting_release': 'Ready for release',
  'request.released': 'Released',
  'request.delivered': 'Answered',
  'request.closed': 'Closed',
  'letter.composed': 'Letter written',
  'letter.sent': 'Letter sent',
  'letter.withheld': 'Letter held back',
}

function wordsOf({ event, text }: TimelineEntry): string {
  return text === plainWord(event) ? (EVENTS[event] ?? text) : text
}

/** Entries in their words; the same act of the same person several times in a row is one entry that says how often. */
export function calmTimeline(entries: readonly TimelineEntry[]): TimelineEntry[] {
  const runs: { entry: TimelineEntry; times: number }[] = []
  for (const given of entries) {
    const entry = { ...given, text: wordsOf(given) }
    const last = runs.at(-1)
    if (last !== undefined && last.entry.event === entry.event && last.entry.text === entry.text && last.entry.by === entry.by)
      last.times += 1
    else runs.push({ entry, times: 1 })
  }
  return runs.map(({ entry, times }) => (times === 1 ? entry : { ...entry, text: `${entry.text} (${times} times)` }))
}

/** Everything that was done and seen in a case, the newest first. */
export function TimelineSection({ timeline }: { timeline: readonly TimelineEntry[] }) {
  return (
    <section class="hb-panel" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <Timeline entries={calmTimeline(timeline)} />
    </section>
  )
}
