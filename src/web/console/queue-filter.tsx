import { Select } from '../components/choices.tsx'
import { TextField } from '../components/text-field.tsx'
import { RIGHTS, STATES } from '../words.ts'
import type { QueuePageProps } from './queue.tsx'
import { queueHref, type QueueQuery } from './queue-query.ts'

/** The views everybody needs, with how many cases are in each. */
export function QueueViews({ query, counts }: Pick<QueuePageProps, 'query' | 'counts'>) {
  const views = [
    { text: 'All open', number: counts.open, state: '', due: '' },
    { text: 'Needs a decision', number: counts.awaiting_decision, state: 'awaiting_decision', due: '' },
    { text: 'To release', number: counts.awaiting_release, state: 'awaiting_release', due: '' },
    { text: 'Due in 7 days', number: counts.week, state: '', due: 'week' },
    { text: 'Overdue', number: counts.overdue, state: '', due: 'overdue' },
  ] as const
  return (
    <nav class="hb-views" aria-label="Views">
      <ul>
        {views.map(({ text, number, state, due }) => {
          const current = query.state === state && query.due === due && query.right === '' && query.q === ''
          return (
            <li key={text}>
              <a
                href={queueHref({ state, due })}
                aria-current={current ? 'page' : undefined}
                class={due === 'overdue' && number > 0 ? 'hb-views__alarm' : undefined}
              >
                {text} <span class="hb-views__count">{number}</span>
              </a>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}

/** Narrows the queue: a GET form, so that every view has an address. */
export function QueueFilter({ query }: { query: QueueQuery }) {
  const states = Object.entries(STATES).map(([value, words]) => ({ value, text: words.operator }))
  const rights = Object.entries(RIGHTS).map(([value, text]) => ({ value, text }))
  return (
    <form class="hb-filter" action="/console" method="get" role="search" aria-label="Narrow the queue">
      <TextField name="q" type="search" label="Reference or exact email" value={query.q} spellcheck={false} autocomplete="off" />
      <Select
        name="state"
        label="State"
        value={query.state}
        choices={[{ value: '', text: 'Every open state' }, ...states, { value: 'any', text: 'Also ended' }]}
      />
      <Select name="right" label="Right" value={query.right} choices={[{ value: '', text: 'Every right' }, ...rights]} />
      <Select
        name="due"
        label="Due"
        value={query.due}
        choices={[
          { value: '', text: 'At any time' },
          { value: 'week', text: 'In 7 days' },
          { value: 'overdue', text: 'Overdue' },
        ]}
      />
      <button class="govuk-button govuk-button--secondary" type="submit">
        Show
      </button>
    </form>
  )
}
