import type { FieldError } from '../../errors.ts'
import { Radios } from '../components/choices.tsx'
import { ConsoleLayout, type ConsoleShell, type Flash } from '../components/console-layout.tsx'
import { Moment } from '../components/dates.tsx'
import { errorAt } from '../components/field.tsx'
import { Button, ErrorSummary, Form } from '../components/form.tsx'
import { Table } from '../components/table.tsx'
import { DueBadge, Tag } from '../components/tags.tsx'
import { FileField, TextArea } from '../components/text-field.tsx'

/** Something a person must look up or do in a system we cannot reach. */
export interface TaskView {
  id: string
  reference: string
  source: string
  /** A system to search, or a recipient to tell. */
  kind?: 'search' | 'notice'
  title: string
  instructions: string
  /** Where an organisation is written to. */
  contact?: string | null
  created_at: string
  due_at: string
  answered_at: string | null
  answered_by: string | null
  /** The answer in words; nothing until answered. */
  answer: string | null
}

/** `/console/tasks`: open tasks, soonest due first, then those answered. */
export interface TasksPageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  tasks: readonly TaskView[]
}

const taskHref = (id: string) => `/console/tasks/${encodeURIComponent(id)}`

const dueOf = (task: TaskView) => ({ received_at: task.created_at, due_at: task.due_at, closed_at: task.answered_at })

/** The list of tasks. */
export function TasksPage({ shell, flash, tasks }: TasksPageProps) {
  return (
    <ConsoleLayout shell={shell} title="Tasks" current="tasks" flash={flash}>
      <h1>Tasks</h1>
      <p class="hb-lead">
        What only people can do: search a system that we cannot reach, or tell somebody who received the data. A case waits for its
        searches.
      </p>
      <Table
        stack
        caption="Tasks, soonest due first"
        captionHidden
        columns={[{ head: 'Task' }, { head: 'Where' }, { head: 'Case' }, { head: 'Due' }]}
        rows={tasks.map((task) => ({
          key: task.id,
          cells: [
            <a href={taskHref(task.id)}>{task.title}</a>,
            task.source,
            <a class="hb-case-link" href={`/console/cases/${encodeURIComponent(task.reference)}`}>
              {task.reference}
            </a>,
            <DueBadge due={dueOf(task)} now={shell.now} />,
          ],
        }))}
        empty={<p>No task is open. They appear when a plan needs a system that only a person can search.</p>}
      />
    </ConsoleLayout>
  )
}

/**
 * `/console/tasks/{id}`: POST the same address, multipart, with `outcome` (`found` or `nothing_found`), `text` and an optional `file`.
 */
export interface TaskPageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  task: TaskView
  may_answer: boolean
  values: Readonly<Record<string, string>>
  errors: readonly FieldError[]
}

const SEARCH_OUTCOMES = [
  { value: 'nothing_found', text: 'Searched, nothing found' },
  { value: 'found', text: 'Found or done', hint: 'Say what below, or hand in a file.' },
]

const NOTICE_OUTCOMES = [
  { value: 'found', text: 'They have acknowledged it', hint: 'Say when and how below.' },
  { value: 'nothing_found', text: 'They hold nothing of this person' },
]

function AnswerForm({ shell, task, values, errors }: TaskPageProps) {
  const notice = task.kind === 'notice'
  return (
    <Form action={taskHref(task.id)} csrf={shell.csrf} multipart class="hb-panel hb-form">
      <Radios
        name="outcome"
        label="What is the result?"
        choices={notice ? NOTICE_OUTCOMES : SEARCH_OUTCOMES}
        value={values['outcome']}
        error={errorAt(errors, 'outcome')}
      />
      <TextArea name="text" label="In words" value={values['text']} error={errorAt(errors, 'text')} rows={5} maxlength={20_000} />
      {!notice && <FileField name="file" label="File (optional)" hint="It goes into the copy as it is." error={errorAt(errors, 'file')} />}
      <Button>Answer the task</Button>
    </Form>
  )
}

/** One task with its instructions and the form for its answer. */
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
      {may_answer && <AnswerForm {...props} />}
    </ConsoleLayout>
  )
}
