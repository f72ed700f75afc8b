import type { FieldError } from '../../errors.ts'
import { Radios, Select, type Choice } from '../components/choices.tsx'
import { ConsoleLayout, type ConsoleShell, type Flash } from '../components/console-layout.tsx'
import { Moment } from '../components/dates.tsx'
import { errorAt } from '../components/field.tsx'
import { Button, ErrorSummary, Form } from '../components/form.tsx'
import { DueBadge, Tag } from '../components/tags.tsx'
import { FileField, TextArea } from '../components/text-field.tsx'
import { dueOf, taskHref, type TaskView } from './tasks.tsx'

/**
 * `/console/tasks/{id}`: POST the same address, multipart, with `outcome` (`found`, `nothing_found` or `exception`), `text`, `table` or the file
 * `table_file`, the file `file`, `ground` and `facts`. `…/assignment` takes `operator`, `…/reveal` nothing.
 */
export interface TaskPageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  task: TaskView
  may_answer: boolean
  /** Operators who can be asked instead, and on what grounds something can be kept back. */
  staff: readonly Choice[]
  grounds: readonly Choice[]
  /** Under what the person is looked up; null until somebody asks to see it. */
  looked_up: readonly { label: string; values: readonly string[] }[] | null
  values: Readonly<Record<string, string>>
  errors: readonly FieldError[]
}

const SEARCH_OUTCOMES = [
  { value: 'nothing_found', text: 'Searched, nothing found' },
  { value: 'found', text: 'Found or done', hint: 'Say what below, or hand in a table or a file.' },
]

const EXCEPTION = {
  value: 'exception',
  text: 'Found, and some or all of it is kept back',
  hint: 'Needs a ground that the law has for this request. The reply names the ground and the facts.',
}

const NOTICE_OUTCOMES = [
  { value: 'found', text: 'They have acknowledged it', hint: 'Say when and how below.' },
  { value: 'nothing_found', text: 'They hold nothing of this person' },
]

function SearchFields({ grounds, values, errors }: TaskPageProps) {
  const field = (name: string) => ({ name, value: values[name], error: errorAt(errors, name) })
  return (
    <>
      <TextArea
        {...field('table')}
        label="Table (optional)"
        hint="Paste rows from a spreadsheet, or CSV, with the names of the columns in the first line. It becomes a table of the copy."
        rows={4}
      />
      <FileField name="table_file" label="Table as a CSV file (optional)" error={errorAt(errors, 'table_file')} />
      <FileField name="file" label="File (optional)" hint="It goes into the copy as it is." error={errorAt(errors, 'file')} />
      {grounds.length > 0 && (
        <>
          <Select {...field('ground')} label="Ground, when something is kept back" choices={[{ value: '', text: 'None' }, ...grounds]} />
          <TextArea {...field('facts')} label="Facts for the reply, when something is kept back" rows={3} maxlength={5000} />
        </>
      )}
    </>
  )
}

function AnswerForm(props: TaskPageProps) {
  const { shell, task, values, errors, grounds } = props
  const notice = task.kind === 'notice'
  const outcomes = notice ? NOTICE_OUTCOMES : [...SEARCH_OUTCOMES, ...(grounds.length > 0 ? [EXCEPTION] : [])]
  return (
    <Form action={taskHref(task.id)} csrf={shell.csrf} multipart class="hb-panel hb-form">
      <Radios name="outcome" label="What is the result?" choices={outcomes} value={values['outcome']} error={errorAt(errors, 'outcome')} />
      <TextArea name="text" label="In words" value={values['text']} error={errorAt(errors, 'text')} rows={5} maxlength={20_000} />
      {!notice && <SearchFields {...props} />}
      <Button>Answer the task</Button>
    </Form>
  )
}

function WhoIsAsked({ shell, task, staff, may_answer, errors }: TaskPageProps) {
  const choices = [{ value: '', text: 'Whoever is free' }, ...staff]
  return (
    <section class="hb-panel" aria-labelledby="asked">
      <h2 id="asked">Who is asked</h2>
      {may_answer ? (
        <Form action={`${taskHref(task.id)}/assignment`} csrf={shell.csrf} class="hb-inline-form">
          <Select name="operator" label="With" value={task.assignee ?? ''} choices={choices} error={errorAt(errors, 'operator')} />
          <Button kind="secondary" class="hb-button--small">
            Ask
          </Button>
        </Form>
      ) : (
        <p>{task.assignee ?? 'Whoever is free'}</p>
      )}
    </section>
  )
}

function LookedUp({ shell, task, looked_up, may_answer }: TaskPageProps) {
  if (looked_up !== null)
    return (
      <ul>
        {looked_up.map(({ label, values }) => (
          <li key={label}>
            {label}: <strong>{values.join(', ')}</strong>
          </li>
        ))}
      </ul>
    )
  if (!may_answer || task.kind === 'notice') return null
  return (
    <Form action={`${taskHref(task.id)}/reveal`} csrf={shell.csrf} class="hb-inline-form">
      <Button kind="secondary" class="hb-button--small">
        Show whom to look for
      </Button>
      <p class="hb-quiet">That you looked is written to the audit log.</p>
    </Form>
  )
}

/** One task with its instructions, who is asked, and the form for its answer. */
export function TaskPage(props: TaskPageProps) {
  const { shell, flash, task, may_answer, errors } = props
  return (
    <ConsoleLayout shell={shell} title={task.title} current="tasks" flash={flash}>
      <p class="hb-case-head__reference">
        <a href="/console/tasks">Tasks</a> <span aria-hidden="true">/</span>{' '}
        <a href={`/console/cases/${encodeURIComponent(task.reference)}`}>{task.reference}</a>
      </p>
      <div class="hb-head">
        <h1>{task.title}</h1>
        <DueBadge due={dueOf(task)} now={shell.now} />
      </div>
      <ErrorSummary errors={errors} />
      <section class="hb-panel" aria-labelledby="instructions">
        <h2 id="instructions">What to do</h2>
        <p class="hb-prose">{task.instructions}</p>
        {task.contact != null && (
          <p>
            Write to <strong>{task.contact}</strong>.
          </p>
        )}
        <LookedUp {...props} />
      </section>
      {task.answered_at !== null && (
        <section class="hb-panel" aria-labelledby="answer">
          <h2 id="answer">
            Answer <Tag text="Answered" tone="green" />
          </h2>
          <p class="hb-prose">{task.answer ?? 'Searched, nothing found.'}</p>
          <p class="hb-quiet">
            {task.answered_by}, <Moment at={task.answered_at} />
          </p>
        </section>
      )}
      {task.kind !== 'notice' && <WhoIsAsked {...props} />}
      {may_answer && <AnswerForm {...props} />}
    </ConsoleLayout>
  )
}
