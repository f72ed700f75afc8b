import { z } from 'zod'
import type { Context } from '../../context.ts'
import { ownRequest } from '../../requests/find.ts'
import { openRequest } from '../../requests/intake/open.ts'
import { requestInput } from '../../requests/intake/request-input.ts'
import { conversation, messageInput, writeMessage } from '../../requests/messages.ts'
import { askCode } from '../../requests/proof/ask-code.ts'
import { proveRequest } from '../../requests/proof/prove.ts'
import { destroyCopy } from '../../requests/recovery/destroy-copy.ts'
import { readStatus } from '../../requests/status.ts'
import { withdrawRequest } from '../../requests/withdraw.ts'
import { contextOf, demandSubject, spelled } from '../callers.ts'
import { countCode, countIntake, type Limits } from '../limits.ts'
import { anybody, byReference, json, nothing, pageOf, problems, subject, type Api } from './api.ts'
import { messageAnswer, proofAnswer, receivedAnswer, statusAnswer } from './request-shapes.ts'

const codeInput = z.strictObject({ code: z.string().max(40) })

/** The public API (design.md §5): ask, prove, follow, write, withdraw. */
export function publicRequests(api: Api, ctx: Context, limits: Limits): void {
  const signedIn = { onRequest: demandSubject(ctx) }

  api.post(
    '/v1/requests',
    {
      schema: {
        ...anybody('openRequest', 'Ask for a right, or for up to five at once'),
        description: 'Every well-formed address gets the same answer and one mail, known or not.',
        body: requestInput,
        response: { 202: json('Received; one mail is on its way', receivedAnswer), ...problems(400, 413, 415, 422, 429) },
      },
    },
    async (request, reply) => {
      await countIntake(ctx, limits, request, request.body.email)
      const received = await openRequest(contextOf(ctx, request), request.body)
      return reply.code(202).header('location', `/v1/requests/${received.reference}`).send(received)
    },
  )

  api.post(
    '/v1/requests/:reference/codes',
    {
      schema: {
        ...anybody('askCode', 'Have a new code mailed'),
        description: 'The answer is the same for a reference that does not exist; at most three code mails a day go to an address.',
        params: byReference,
        response: { 202: nothing('A code is on its way, if there is such a request'), ...problems(400, 429) },
      },
    },
    async (request, reply) => {
      const reference = spelled(request.params.reference)
      await countCode(ctx, limits, request, reference)
      await askCode(contextOf(ctx, request), { reference })
      return reply.code(202).send()
    },
  )

  api.post(
    '/v1/requests/:reference/proof',
    {
      schema: {
        ...anybody('proveRequest', 'Trade the mailed code for a token of this request'),
        description: 'Wrong, spent, expired and unknown are one refusal, code_refused; the fifth wrong try spends the code.',
        params: byReference,
        body: codeInput,
        response: { 200: json('A token for 30 minutes', proofAnswer), ...problems(400, 403, 413, 415, 422, 429) },
      },
    },
    async (request) => {
      const reference = spelled(request.params.reference)
      await countCode(ctx, limits, request, reference)
      return proveRequest(contextOf(ctx, request), { reference, code: request.body.code })
    },
  )

  api.get(
    '/v1/requests/:reference',
    {
      ...signedIn,
      schema: {
        ...subject('readStatus', 'See how far the request is, and the answer'),
        params: byReference,
        response: { 200: json('The request', statusAnswer), ...problems(401) },
      },
    },
    async (request) => readStatus(contextOf(ctx, request), { reference: spelled(request.params.reference) }),
  )

  api.post(
    '/v1/requests/:reference/withdrawal',
    {
      ...signedIn,
      schema: {
        ...subject('withdrawRequest', 'Take the request back'),
        description: 'Possible until the work begins; then 409 too_late.',
        params: byReference,
        response: { 200: json('The request, withdrawn', statusAnswer), ...problems(401, 409, 422) },
      },
    },
    async (request) => {
      const reference = spelled(request.params.reference)
      await withdrawRequest(contextOf(ctx, request), { reference })
      return readStatus(contextOf(ctx, request), { reference })
    },
  )

  api.delete(
    '/v1/requests/:reference/recovery-copy',
    {
      ...signedIn,
      schema: {
        ...subject('destroyRecoveryCopy', 'Have the sealed copy of what was erased destroyed at once'),
        description: 'It is kept only to repair the erasure of a wrong person, and ends by itself on the day the reply names.',
        params: byReference,
        response: { 204: nothing('Destroyed; nobody can open it any more'), ...problems(401, 409, 410) },
      },
    },
    async (request, reply) => {
      await destroyCopy(contextOf(ctx, request), { reference: spelled(request.params.reference) })
      return reply.code(204).send()
    },
  )

  api.get(
    '/v1/requests/:reference/messages',
    {
      ...signedIn,
      schema: {
        ...subject('listMessages', 'Read the messages of the request'),
        params: byReference,
        response: { 200: json('Oldest first', pageOf(messageAnswer)), ...problems(401) },
      },
    },
    async (request) => {
      const acting = contextOf(ctx, request)
      return { data: await conversation(acting, await ownRequest(acting, spelled(request.params.reference))), next_cursor: null }
    },
  )

  api.post(
    '/v1/requests/:reference/messages',
    {
      ...signedIn,
      schema: {
        ...subject('writeMessage', 'Write a message about the request'),
        params: byReference,
        body: messageInput,
        response: { 200: json('All messages, oldest first', pageOf(messageAnswer)), ...problems(400, 401, 413, 415, 422) },
      },
    },
    async (request) => {
      const reference = spelled(request.params.reference)
      return { data: await writeMessage(contextOf(ctx, request), { reference, text: request.body.text }), next_cursor: null }
    },
  )
}
