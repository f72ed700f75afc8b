import { Moment } from '../components/dates.tsx'
import { Button, Form } from '../components/form.tsx'
import { Tag } from '../components/tags.tsx'
import { Table } from '../components/table.tsx'
import { count, plainWord } from '../components/text.ts'
import type { Tone } from '../words.ts'
import type { CasePageProps } from './case.tsx'
import { casePath, type ReceiptView, type StepView } from './case-view.ts'

const STEP_STATES: Readonly<Record<StepView['state'], { text: string; tone: Tone }>> = {
  waiting: { text: 'Waiting', tone: 'grey' },
  ready: { text: 'Ready', tone: 'blue' },
  running: { text: 'Running', tone: 'teal' },
  done: { text: 'Done', tone: 'green' },
  parked: { text: 'Parked', tone: 'red' },
  needs_person: { text: 'Needs a person', tone: 'yellow' },
}

function StepState({ step }: { step: StepView }) {
  const { text, tone } = STEP_STATES[step.state]
  return (
    <>
      <Tag text={text} tone={tone} />
      {step.parked_reason !== null && <span class="hb-sub">{step.parked_reason}</span>}
    </>
  )
}

function Steps({ shell, view, steps, allowed }: CasePageProps) {
  return (
    <Table
      stack
      caption="Steps"
      captionHidden
      columns={[{ head: 'Source' }, { head: 'Act' }, { head: 'State' }, { head: 'Rows', numeric: true }, { head: 'Finished' }]}
      rows={steps.map((step) => ({
        key: step.id,
        cells: [
          step.source,
          plainWord(step.action),
          <>
            <StepState step={step} />
            {step.state === 'parked' && allowed.includes('retry') && (
              <Form action={casePath(view.reference, `steps/${encodeURIComponent(step.id)}/retry`)} csrf={shell.csrf}>
                <Button kind="secondary" class="hb-button--small">
                  Try again
                </Button>
              </Form>
            )}
          </>,
          step.rows === null ? '' : step.rows.toLocaleString('en-GB'),
          step.finished_at === null ? '' : <Moment at={step.finished_at} />,
        ],
      }))}
    />
  )
}

function Receipt({ receipt }: { receipt: ReceiptView }) {
  return (
    <li>
      <strong>{receipt.source}</strong>{' '}
      {receipt.counts
        .map(({ collection, action, rows }) => `${collection}: ${plainWord(action).toLowerCase()} ${count(rows, 'row')}`)
        .join('; ')}
      <span class="hb-sub">
        <Moment at={receipt.made_at} />, confirmed by {receipt.confirmed_by}
        {receipt.mode === 'observe' && ', observed only: nothing was changed'}
      </span>
      <code class="hb-hash">{receipt.sha256}</code>
    </li>
  )
}

function Tasks({ tasks }: Pick<CasePageProps, 'tasks'>) {
  if (tasks.length === 0) return null
  return (
    <>
      <h3>Tasks for people</h3>
      <ul class="hb-list">
        {tasks.map(({ id, title, answered }) => (
          <li key={id}>
            <a href={`/console/tasks/${encodeURIComponent(id)}`}>{title}</a>{' '}
            {answered ? <Tag text="Answered" tone="green" /> : <Tag text="Open" tone="yellow" />}
          </li>
        ))}
      </ul>
    </>
  )
}

/** What is being done, what went wrong, and the signed statements of what was done. */
export function StepsSection(props: CasePageProps) {
  const { steps, receipts, tasks } = props
  if (steps.length === 0 && receipts.length === 0 && tasks.length === 0) return null
  return (
    <section class="hb-panel" aria-labelledby="steps">
      <h2 id="steps">Carrying out</h2>
      {steps.length > 0 && <Steps {...props} />}
      <Tasks tasks={tasks} />
      {receipts.length > 0 && (
        <>
          <h3>Receipts</h3>
          <ul class="hb-list">
            {receipts.map((receipt) => (
              <Receipt key={receipt.id} receipt={receipt} />
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
