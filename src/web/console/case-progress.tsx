import { classes } from '../components/text.ts'
import type { CaseState } from '../words.ts'
import type { CaseView } from './case-view.ts'

const STAGES: readonly { text: string; states: readonly CaseState[] }[] = [
  { text: 'Received', states: ['received'] },
  { text: 'Identity', states: ['verifying'] },
  { text: 'Plan', states: ['planning'] },
  { text: 'Decision', states: ['awaiting_decision'] },
  { text: 'Carrying out', states: ['approved', 'carrying_out'] },
  { text: 'Release', states: ['awaiting_release'] },
  { text: 'Answer', states: ['delivered', 'closed'] },
]

/** How far a case is, as seven stages; nothing for a case that ended early, whose tag says all. */
export function CaseProgress({ view }: { view: CaseView }) {
  const at = STAGES.findIndex(({ states }) => states.includes(view.state))
  if (at === -1) return null
  const finished = view.state === 'delivered' || view.state === 'closed'
  return (
    <ol class="hb-stages" aria-label="How far this case is">
      {STAGES.map(({ text }, index) => {
        const done = index < at || finished
        const current = index === at && !finished
        return (
          <li
            key={text}
            class={classes('hb-stage', done && 'hb-stage--done', current && 'hb-stage--current')}
            aria-current={current ? 'step' : undefined}
          >
            <span class="hb-stage__text">{text}</span>
            <span class="govuk-visually-hidden">{done ? ': done' : current ? ': now' : ': later'}</span>
          </li>
        )
      })}
    </ol>
  )
}
