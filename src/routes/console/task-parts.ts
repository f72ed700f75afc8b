import type { TaskView as Task } from '../../requests/list-tasks.ts'
import type { TaskView } from '../../web/console/tasks.tsx'
import type { Desk } from './shell.ts'

/** What a task is called: the system to search, or the recipient to tell. */
export function taskTitle(desk: Desk, task: Pick<Task, 'kind' | 'source'>): string {
  return task.kind === 'notice' ? `Tell ${placeOf(desk, task)}` : `Search ${placeOf(desk, task)}`
}

/** A task as pages show it. */
export function taskOf(desk: Desk, task: Task & { readonly contact?: string | null }): TaskView {
  const answered = task.state === 'answered'
  return {
    id: task.id,
    reference: task.case,
    source: placeOf(desk, task),
    title: taskTitle(desk, task),
    instructions: task.instructions,
    contact: task.contact ?? null,
    created_at: desk.shell.now,
    due_at: task.due_at,
    answered_at: task.answered_at,
    answered_by: task.answered_by === null ? null : desk.names.of(task.answered_by),
    assignee: task.assignee === null ? null : desk.names.of(task.assignee),
    answer: answered ? answerOf(task) : null,
  }
}

function answerOf({ found, ground }: Pick<Task, 'found' | 'ground'>): string {
  if (ground !== null) return `Found; kept back, wholly or in part, on the ground ${ground}.`
  return found === true ? 'Answered; what was found is in the case.' : 'Searched, nothing found.'
}

function placeOf({ ctx }: Desk, { kind, source }: Pick<Task, 'kind' | 'source'>): string {
  const { sources, recipients } = ctx.policy
  return (kind === 'notice' ? recipients.get(source)?.name : sources.get(source)?.label) ?? source
}
