import { z } from 'zod'
import { REFUSALS, type RefusalCode } from '../errors.ts'
import { KINDS, PROTOCOL, type ProtocolCode } from './fault.ts'
import { json, problems, type Api } from './api/api.ts'
import { Refusal } from '../errors.ts'

const meaning = z.object({ code: z.string(), title: z.string(), status: z.int(), meaning: z.string() }).meta({ id: 'ProblemMeaning' })

/** `/problems/{code}`: what the `type` of a problem leads to. */
export function problemPage(api: Api): void {
  api.get(
    '/problems/:code',
    {
      schema: {
        operationId: 'explainProblem',
        summary: 'What a problem code means',
        tags: ['Health'],
        security: [],
        params: z.object({ code: z.string().max(60) }),
        response: { 200: json('The code, its status and its meaning', meaning), ...problems(404) },
      },
    },
    async (request) => meaningOf(request.params.code),
  )
}

function meaningOf(code: string) {
  if (Object.hasOwn(REFUSALS, code)) {
    const [kind, sentence] = REFUSALS[code as RefusalCode]
    const [status, title] = KINDS[kind]
    return { code, status, title, meaning: sentence }
  }
  if (!Object.hasOwn(PROTOCOL, code)) throw new Refusal('not_found')
  const [status, title, sentence] = PROTOCOL[code as ProtocolCode]
  return { code, status, title, meaning: sentence }
}
