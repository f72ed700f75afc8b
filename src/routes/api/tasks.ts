import type { Context } from '../../context.ts'
import { answerTask, taskAnswer } from '../../requests/carrying-out/answer-task.ts'
import { listTasks, readTask, taskFilter } from '../../requests/list-tasks.ts'
import { contextOf } from '../callers.ts'
import { byId, json, operator, pageOf, problems, type Api } from './api.ts'
import { taskAnswerShape } from './case-shapes.ts'

// A file of 8 MiB in base64, and room for the words.
const ANSWER_BYTES = 12 * 1024 * 1024

/** Tasks of systems that only people can search. */
export function tasks(api: Api, ctx: Context): void {
  api.get(
    '/v1/tasks',
    {
      schema: {
        ...operator('Tasks', 'listTasks', 'List tasks, soonest due first'),
        querystring: taskFilter,
        response: { 200: json('Tasks', pageOf(taskAnswerShape)), ...problems(400, 401, 403) },
      },
    },
    async (request) => ({ data: await listTasks(contextOf(ctx, request), request.query), next_cursor: null }),
  )

  api.post(
    '/v1/tasks/:id',
    {
      bodyLimit: ANSWER_BYTES,
      schema: {
        ...operator('Tasks', 'answerTask', 'Answer a task: what was found, or that nothing was'),
        params: byId,
        body: taskAnswer,
        response: { 200: json('The task', taskAnswerShape), ...problems(400, 401, 403, 404, 409, 413, 415, 422) },
      },
    },
    async (request) => {
      const acting = contextOf(ctx, request)
      const { id } = await answerTask(acting, { ...request.body, id: request.params.id })
      return readTask(acting, { id })
    },
  )
}
