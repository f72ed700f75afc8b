import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { Refusal } from '../../errors.ts'
import { authenticateSubject } from '../../requests/authenticate-subject.ts'
import { messageInput, writeMessage } from '../../requests/messages.ts'
import { askCode } from '../../requests/proof/ask-code.ts'
import { proveRequest } from '../../requests/proof/prove.ts'
import { destroyCopy } from '../../requests/recovery/destroy-copy.ts'
import { readReply } from '../../requests/status.ts'
import { withdrawRequest } from '../../requests/withdraw.ts'
import { parseReference } from '../../security/references.ts'
import { contextOf, spelled } from '../callers.ts'
import { readSession, startSession, STATUS_SESSION } from '../cookies.ts'
import type { Downloads } from '../download.ts'
import { fieldErrors } from '../field-errors.ts'
import { FormFields } from '../form-fields.ts'
import { sandbox } from '../headers.ts'
import { countCode, countNetwork, type Limits } from '../limits.ts'
import { goTo } from '../pages.ts'
import { showEntry, showStatus } from './status-view.ts'

interface ByReference {
  Params: { reference: string }
  Querystring: { saved?: string }
}
interface ByPart {
  Params: { reference: string; part: string }
}

const SAVED: Readonly<Record<string, string>> = {
  code: 'If this request exists, a new code is on its way.',
  message: 'Your message has reached us.',
  withdrawn: 'You have withdrawn your request.',
  destroyed: 'The sealed copy is destroyed. Nobody can open it any more.',
}

/** The pages on which a person follows a request: a code gives a session of its own, and nothing here changes by GET. */
export function statusPages(app: FastifyInstance, ctx: Context, limits: Limits, downloads: Downloads): void {
  app.addHook('onRequest', async (request) => {
    const secret = readSession(ctx, request, STATUS_SESSION)
    const actor = secret === undefined ? undefined : await authenticateSubject(ctx, secret)
    if (actor !== undefined) request.actor = actor
  })

  app.get('/status', async (_request, reply) => showEntry(ctx, reply, { reference: null, errors: [], code_sent: false, status: 200 }))

  app.post('/status', async (request, reply) => {
    const fields = new FormFields(request.body)
    const reference = parseReference(fields.text('reference'))
    const errors = [{ pointer: '/reference', detail: 'Enter a reference such as HAB-7K3M-9QX2' }]
    if (reference === undefined) return showEntry(ctx, reply, { reference: null, errors, code_sent: false, status: 400 })
    if (fields.text('code') === '') return goTo(reply, await sendCode(request, reference))
    const secret = await tryCode(request, reference)
    if (secret === undefined) return showEntry(ctx, reply, { reference, errors: WRONG_CODE, code_sent: false, status: 403 })
    startSession(ctx, reply, STATUS_SESSION, secret)
    return goTo(reply, pathOf(reference))
  })

  app.get<ByReference>('/status/:reference', async (request, reply) => {
    return showStatus(ctx, request, reply, spelled(request.params.reference), { saved: SAVED[request.query.saved ?? ''] ?? null })
  })

  app.post<ByReference>('/status/:reference/proof', async (request, reply) => {
    const reference = spelled(request.params.reference)
    const secret = await tryCode(request, reference)
    if (secret === undefined) return showEntry(ctx, reply, { reference, errors: WRONG_CODE, code_sent: false, status: 403 })
    startSession(ctx, reply, STATUS_SESSION, secret)
    return goTo(reply, pathOf(reference))
  })

  app.post<ByReference>('/status/:reference/code', async (request, reply) =>
    goTo(reply, await sendCode(request, spelled(request.params.reference))),
  )

  app.post<ByReference>('/status/:reference/messages', async (request, reply) => {
    const reference = spelled(request.params.reference)
    const message = messageInput.safeParse({ text: new FormFields(request.body).text('text') })
    if (!message.success) return showStatus(ctx, request, reply, reference, { errors: fieldErrors(message.error), status: 400 })
    await writeMessage(contextOf(ctx, request), { reference, ...message.data })
    return goTo(reply, pathOf(reference, 'message'))
  })

  app.post<ByReference>('/status/:reference/withdrawal', async (request, reply) => {
    const reference = spelled(request.params.reference)
    await withdrawRequest(contextOf(ctx, request), { reference })
    return goTo(reply, pathOf(reference, 'withdrawn'))
  })

  app.post<ByReference>('/status/:reference/recovery-copy', async (request, reply) => {
    const reference = spelled(request.params.reference)
    await destroyCopy(contextOf(ctx, request), { reference })
    return goTo(reply, pathOf(reference, 'destroyed'))
  })

  app.get<ByReference>('/status/:reference/reply', async (request, reply) => {
    const letter = await readReply(contextOf(ctx, request), { reference: spelled(request.params.reference) })
    if (letter === undefined) throw new Refusal('not_found')
    sandbox(reply)
    return reply.type('text/html; charset=utf-8').send(letter)
  })

  app.post<ByPart>('/status/:reference/archive/:part', async (request, reply) => {
    const reference = spelled(request.params.reference)
    const secret = await tryCode(request, reference)
    const errors = WRONG_CODE.map(({ detail }) => ({ pointer: `/code-${request.params.part}`, detail }))
    if (secret === undefined) return showStatus(ctx, request, reply, reference, { errors, status: 403 })
    startSession(ctx, reply, STATUS_SESSION, secret)
    return goTo(reply, `${pathOf(reference)}/archive/${partOf(request)}`)
  })

  app.get<ByPart>('/status/:reference/archive/:part', { exposeHeadRoute: false }, async (request, reply) => {
    await countNetwork(ctx, limits, request, 'download_by_network')
    return downloads.send(ctx, request, reply, { reference: spelled(request.params.reference), part: partOf(request) })
  })

  /** Has a code mailed, and says where to go then. */
  async function sendCode(request: FastifyRequest, reference: string): Promise<string> {
    await countCode(ctx, limits, request, reference)
    await askCode(contextOf(ctx, request), { reference })
    return pathOf(reference, 'code')
  }

  /** The session that the typed code gives, or undefined for a code that is refused. */
  async function tryCode(request: FastifyRequest, reference: string): Promise<string | undefined> {
    await countCode(ctx, limits, request, reference)
    const code = new FormFields(request.body).text('code').slice(0, 40)
    try {
      return (await proveRequest(contextOf(ctx, request), { reference, code })).token
    } catch (error) {
      if (error instanceof Refusal && error.code === 'code_refused') return undefined
      throw error
    }
  }
}

const WRONG_CODE = [{ pointer: '/code', detail: 'The code is wrong, used up or expired. You can ask for a new one.' }]

function pathOf(reference: string, saved?: string): string {
  return `/status/${encodeURIComponent(reference)}${saved === undefined ? '' : `?saved=${saved}`}`
}

function partOf(request: FastifyRequest<ByPart>): number {
  const part = Number(request.params.part)
  if (!Number.isInteger(part) || part < 1 || part > 1_000) throw new Refusal('not_found')
  return part
}
