import { ConsoleLayout, type ConsoleShell, type Flash } from '../components/console-layout.tsx'
import { Table } from '../components/table.tsx'
import { DueBadge } from '../components/tags.tsx'

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
  /** Who is asked; nobody: whoever may answer. */
  assignee?: string | null
  /** The answer in words; nothing until answered. */
  answer: string | null
}

/** `/console/tasks`: open tasks, soonest due first, then those answered. */
export interface TasksPageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  tasks: readonly TaskView[]
}

/** The address of a task's page. */
export const taskHref = (id: string) => `/console/tasks/${encodeURIComponent(id)}`

/** The dates of a task as its badge shows them. */
export const dueOf = (task: TaskView) => ({ received_at: task.created_at, due_at: task.due_at, closed_at: task.answered_at })

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
        columns={[{ head: 'Task' }, { head: 'Case' }, { head: 'With' }, { head: 'Due' }]}
        rows={tasks.map((task) => ({
          key: task.id,
          cells: [
            <a href={taskHref(task.id)}>{task.title}</a>,
            <a class="hb-case-link" href={`/console/cases/${encodeURIComponent(task.reference)}`}>
              {task.reference}
            </a>,
            task.assignee ?? 'whoever is free',
            <DueBadge due={dueOf(task)} now={shell.now} />,
          ],
        }))}
        empty={<p>No task is open. They appear when a plan needs a system that only a person can search.</p>}
      />
    </ConsoleLayout>
  )
}
