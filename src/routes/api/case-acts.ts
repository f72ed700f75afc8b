import { z } from 'zod'
import type { Context } from '../../context.ts'
import { assignmentInput, assignRequest } from '../../requests/assign.ts'
import { retryStep } from '../../requests/carrying-out/retry-step.ts'
import { caseView, type CaseView } from '../../requests/case-view.ts'
import { amendmentInput } from '../../requests/decision/amend.ts'
import { answerQuestion, choiceInput } from '../../requests/decision/answer-question.ts'
import { approvalInput, approveRequest } from '../../requests/decision/approve.ts'
import { extendRequest, extensionInput } from '../../requests/decision/extend.ts'
import { pauseInput, pauseRequest, resumeRequest } from '../../requests/decision/pause.ts'
import { planRequestAgain } from '../../requests/decision/plan-again.ts'
import { refusalInput, refuseRequest } from '../../requests/decision/refuse.ts'
import { messageInput, sendMessage, writeNote } from '../../requests/messages.ts'
import { identityInput, recordIdentity } from '../../requests/proof/record-identity.ts'
import { excludeRecovery, exclusionInput } from '../../requests/recovery/destroy-copy.ts'
import { releaseArchive, releaseInput } from '../../requests/reply/release.ts'
import type { RequestRow } from '../../requests/transition.ts'
import { contextOf, spelled } from '../callers.ts'
import { byReference, json, operator, problems, type Api } from './api.ts'
import { caseRecovery } from './case-recovery.ts'
import { caseAnswer } from './case-shapes.ts'
import { byQuestion, byStep } from './cases.ts'

const emptyInput = z.strictObject({}).optional().describe('nothing to say')

/** One act on a case that answers with the case as it then is. */
interface Act<B extends z.ZodType> {
  readonly path: string
  readonly id: string
  readonly summary: string
  readonly body: B
  readonly act: (ctx: Context, input: { reference: string } & z.output<B>) => Promise<RequestRow>
}

/** What operators do with a case: each act is a POST that answers 200 with the case. */
export function caseActs(api: Api, ctx: Context): void {
  actRoute(api, ctx, {
    path: 'plan',
    id: 'planAgain',
    summary: 'Search and plan again, with what is left out, kept or added',
    body: amendmentInput,
    act: planRequestAgain,
  })
  actRoute(api, ctx, {
    path: 'approval',
    id: 'approveCase',
    summary: 'Agree to exactly this plan',
    body: approvalInput,
    act: approveRequest,
  })
  actRoute(api, ctx, {
    path: 'identity',
    id: 'recordIdentity',
    summary: 'Record how identity was proven',
    body: identityInput,
    act: recordIdentity,
  })
  actRoute(api, ctx, {
    path: 'release',
    id: 'releaseArchive',
    summary: 'Let the archive leave that was looked at',
    body: releaseInput,
    act: releaseArchive,
  })
  actRoute(api, ctx, {
    path: 'refusal',
    id: 'refuseCase',
    summary: 'Refuse, with a ground the law knows',
    body: refusalInput,
    act: refuseRequest,
  })
  actRoute(api, ctx, {
    path: 'extension',
    id: 'extendCase',
    summary: 'Extend the clock, once, with a reason the law knows',
    body: extensionInput,
    act: extendRequest,
  })
  actRoute(api, ctx, {
    path: 'pause',
    id: 'pauseCase',
    summary: 'Ask the person something and stop the clock',
    body: pauseInput,
    act: pauseRequest,
  })
  actRoute(api, ctx, {
    path: 'resumption',
    id: 'resumeCase',
    summary: 'The answer is here: let the clock run again',
    body: emptyInput,
    act: resumeRequest,
  })
  actRoute(api, ctx, { path: 'messages', id: 'sendMessage', summary: 'Write to the person', body: messageInput, act: sendMessage })
  actRoute(api, ctx, { path: 'notes', id: 'writeNote', summary: 'Write an internal note', body: messageInput, act: writeNote })
  actRoute(api, ctx, {
    path: 'assignment',
    id: 'assignCase',
    summary: 'Give the case to an operator',
    body: assignmentInput,
    act: assignRequest,
  })
  actRoute(api, ctx, {
    path: 'no-recovery',
    id: 'excludeRecovery',
    summary: 'Say on which ground no recovery copy may be kept; one that is kept is destroyed',
    body: exclusionInput,
    act: excludeRecovery,
  })
  caseRecovery(api, ctx)

  api.post(
    '/v1/cases/:reference/questions/:id',
    {
      schema: {
        ...operator('Cases', 'answerQuestion', 'Answer a question of the plan'),
        params: byQuestion,
        body: choiceInput,
        response: { 200: json('The case', caseAnswer), ...PROBLEMS },
      },
    },
    async (request) => {
      const { reference, id } = request.params
      return answered(ctx, request, (acting) =>
        answerQuestion(acting, { reference: spelled(reference), question_id: id, choice: request.body.choice }),
      )
    },
  )

  api.post(
    '/v1/cases/:reference/steps/:id/retry',
    {
      schema: {
        ...operator('Cases', 'retryStep', 'Try a parked step again'),
        params: byStep,
        body: emptyInput,
        response: { 200: json('The case', caseAnswer), ...PROBLEMS },
      },
    },
    async (request) => {
      const { reference, id } = request.params
      return answered(ctx, request, (acting) => retryStep(acting, { reference: spelled(reference), step_id: id }))
    },
  )
}

const PROBLEMS = problems(400, 401, 403, 404, 409, 413, 415, 422)

function actRoute<B extends z.ZodType>(api: Api, ctx: Context, { path, id, summary, body, act }: Act<B>): void {
  api.post(
    `/v1/cases/:reference/${path}`,
    {
      schema: {
        ...operator('Cases', id, summary),
        params: byReference,
        body,
        response: { 200: json('The case', caseAnswer), ...PROBLEMS },
      },
    },
    async (request) => {
      const { reference } = byReference.parse(request.params)
      const input = body.parse(request.body)
      return answered(ctx, request, (acting) => act(acting, Object.assign({}, input, { reference: spelled(reference) })))
    },
  )
}

async function answered(
  ctx: Context,
  request: Parameters<typeof contextOf>[1],
  act: (acting: Context) => Promise<RequestRow>,
): Promise<CaseView> {
  const acting = contextOf(ctx, request)
  return caseView(acting, await act(acting))
}
