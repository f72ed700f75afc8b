import type { Context } from '../../context.ts'
import { caseView } from '../../requests/case-view.ts'
import { openRecovery, recoveryInput } from '../../requests/recovery/open-recovery.ts'
import { contextOf, spelled } from '../callers.ts'
import { byReference, json, operator, problems, type Api } from './api.ts'
import { caseAnswer } from './case-shapes.ts'

/** Repairing the erasure of a wrong person: the one act on a case that may answer with "one more person is needed". */
export function caseRecovery(api: Api, ctx: Context): void {
  api.post(
    '/v1/cases/:reference/recovery',
    {
      schema: {
        ...operator('Cases', 'openRecovery', 'Put back an erasure that hit the wrong person'),
        description: 'Two different people must find the same, one of them a dpo; neither may have opened the case.',
        params: byReference,
        body: recoveryInput,
        response: {
          200: json('The case; what was erased is being put back', caseAnswer),
          202: json('The case; a second person must find the same', caseAnswer),
          ...problems(400, 401, 403, 404, 409, 410, 413, 415, 422),
        },
      },
    },
    async (request, reply) => {
      const acting = contextOf(ctx, request)
      const asked = await openRecovery(acting, { ...request.body, reference: spelled(request.params.reference) })
      return reply.code(asked.opened ? 200 : 202).send(await caseView(acting, asked.request))
    },
  )
}
