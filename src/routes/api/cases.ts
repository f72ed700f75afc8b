import { z } from 'zod'
import type { Context } from '../../context.ts'
import { caseView } from '../../requests/case-view.ts'
import { openCaseForOperator } from '../../requests/intake/open-for-operator.ts'
import { caseInput } from '../../requests/intake/request-input.ts'
import { caseFilter, listCases } from '../../requests/list-cases.ts'
import { readCase, readEvents, readPlan, readReceipts } from '../../requests/read-case.ts'
import { archiveForReview } from '../../requests/reply/download.ts'
import { contextOf, spelled } from '../callers.ts'
import { streamArchive } from '../send-archive.ts'
import { byReference, json, operator, pageOf, problems, zip, type Api } from './api.ts'
import { caseAnswer, eventAnswer, planAnswer, receiptAnswer } from './case-shapes.ts'

const TAG = 'Cases'
const one = { params: byReference }

/** Operators open cases and read them. */
export function cases(api: Api, ctx: Context): void {
  api.get(
    '/v1/cases',
    {
      schema: {
        ...operator(TAG, 'listCases', 'List cases, soonest due first'),
        querystring: caseFilter,
        response: { 200: json('A page of cases', pageOf(caseAnswer)), ...problems(400, 401, 403) },
      },
    },
    async (request) => listCases(contextOf(ctx, request), request.query),
  )

  api.post(
    '/v1/cases',
    {
      schema: {
        ...operator(TAG, 'openCase', 'Open a case for a letter, a call, a mail, or a signed-in person'),
        description: 'The clock runs from `received_at`, the true arrival.',
        body: caseInput,
        response: { 201: json('The case', caseAnswer), ...problems(400, 401, 403, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const acting = contextOf(ctx, request)
      const opened = await caseView(acting, await openCaseForOperator(acting, request.body))
      return reply.code(201).header('location', `/v1/cases/${opened.reference}`).send(opened)
    },
  )

  api.get(
    '/v1/cases/:reference',
    {
      schema: {
        ...operator(TAG, 'readCase', 'Read a case; who it is about is masked'),
        ...one,
        response: { 200: json('The case', caseAnswer), ...problems(401, 403, 404) },
      },
    },
    async (request) => readCase(contextOf(ctx, request), { reference: spelled(request.params.reference) }),
  )

  api.get(
    '/v1/cases/:reference/plan',
    {
      schema: {
        ...operator(TAG, 'readPlan', 'Read exactly what would be done'),
        ...one,
        response: { 200: json('The plan', planAnswer), ...problems(401, 403, 404) },
      },
    },
    async (request) => readPlan(contextOf(ctx, request), { reference: spelled(request.params.reference) }),
  )

  api.get(
    '/v1/cases/:reference/events',
    {
      schema: {
        ...operator(TAG, 'readEvents', 'Read what has happened to a case'),
        ...one,
        response: { 200: json('Oldest first', pageOf(eventAnswer)), ...problems(401, 403, 404) },
      },
    },
    async (request) => ({
      data: await readEvents(contextOf(ctx, request), { reference: spelled(request.params.reference) }),
      next_cursor: null,
    }),
  )

  api.get(
    '/v1/cases/:reference/receipts',
    {
      schema: {
        ...operator(TAG, 'readReceipts', 'Read the signed statements of what was done'),
        ...one,
        response: { 200: json('Oldest first', pageOf(receiptAnswer)), ...problems(401, 403, 404) },
      },
    },
    async (request) => ({
      data: await readReceipts(contextOf(ctx, request), { reference: spelled(request.params.reference) }),
      next_cursor: null,
    }),
  )

  api.get(
    '/v1/cases/:reference/archive',
    {
      exposeHeadRoute: false,
      schema: {
        ...operator(TAG, 'reviewArchive', 'Open the built copy before it leaves; every look is written down'),
        ...one,
        response: { 200: zip('The ZIP; `ETag` is its SHA-256'), ...problems(401, 403, 404, 410) },
      },
    },
    async (request, reply) => {
      const reference = spelled(request.params.reference)
      return streamArchive(ctx, reply, { archive: await archiveForReview(contextOf(ctx, request), { reference }), name: reference })
    },
  )
}

/** What a step is named by. */
export const byStep = z.object({ reference: byReference.shape.reference, id: z.uuid() })
/** What a question of a plan is named by. */
export const byQuestion = z.object({ reference: byReference.shape.reference, id: z.string().max(100) })
