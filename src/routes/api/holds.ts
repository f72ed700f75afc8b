import { z } from 'zod'
import type { Context } from '../../context.ts'
import { checkRestrictions, restrictionsAnswer, restrictionsCheck } from '../../standing/check-restrictions.ts'
import { listHolds } from '../../standing/list-holds.ts'
import { newHold, placeHold } from '../../standing/place-hold.ts'
import { releaseHold } from '../../standing/release-hold.ts'
import { contextOf } from '../callers.ts'
import { byId, instant, json, nothing, operator, pageOf, paging, problems, type Api } from './api.ts'
import { given } from './retention.ts'

const TAG = 'Standing facts'

const holdAnswer = z
  .object({
    id: z.string(),
    matter: z.string(),
    reason: z.string(),
    scope: z.record(z.string(), z.string()).describe('masked'),
    review_at: instant,
    placed_by: z.string(),
    placed_at: instant,
    release_asked_by: z.string().nullable(),
    release_asked_at: instant.nullable(),
    released_at: instant.nullable(),
  })
  .meta({ id: 'Hold' })

const holdQuery = z.object({ ...paging, all: z.stringbool().optional().describe('true: also those that have been released') })

/** Legal holds, and what other programs must respect. */
export function holds(api: Api, ctx: Context): void {
  api.get(
    '/v1/holds',
    {
      schema: {
        ...operator(TAG, 'listHolds', 'List holds, newest first'),
        querystring: holdQuery,
        response: { 200: json('A page of holds', pageOf(holdAnswer)), ...problems(400, 401, 403) },
      },
    },
    async (request) => listHolds(contextOf(ctx, request), given(request.query)),
  )

  api.post(
    '/v1/holds',
    {
      schema: {
        ...operator(TAG, 'placeHold', 'Place a legal hold; it binds at once'),
        body: newHold,
        response: { 201: json('The hold', holdAnswer), ...problems(400, 401, 403, 413, 415, 422) },
      },
    },
    async (request, reply) => reply.code(201).send(await placeHold(contextOf(ctx, request), request.body)),
  )

  api.delete(
    '/v1/holds/:id',
    {
      schema: {
        ...operator(TAG, 'releaseHold', 'Release a hold; it needs two people'),
        params: byId,
        response: { 202: nothing('Asked for; a second person must agree'), 204: nothing('Released'), ...problems(400, 401, 403, 404) },
      },
    },
    async (request, reply) => {
      const done = await releaseHold(contextOf(ctx, request), request.params)
      return reply.code(done === 'asked' ? 202 : 204).send()
    },
  )

  api.post(
    '/v1/restrictions/check',
    {
      schema: {
        ...operator(TAG, 'checkRestrictions', 'Ask what must be respected for up to 100 identifiers'),
        description: 'One answer an identifier, in the same order; an unknown one is all false.',
        body: restrictionsCheck,
        response: { 200: json('The answers', z.object({ data: z.array(restrictionsAnswer) })), ...problems(400, 401, 403, 413, 415, 422) },
      },
    },
    async (request) => checkRestrictions(contextOf(ctx, request), request.body),
  )
}
