import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { Refusal } from '../../errors.ts'
import { assignmentInput, assignRequest } from '../../requests/assign.ts'
import { retryStep } from '../../requests/carrying-out/retry-step.ts'
import { answerQuestion, choiceInput } from '../../requests/decision/answer-question.ts'
import { amendmentInput } from '../../requests/decision/amend.ts'
import { approvalInput, approveRequest } from '../../requests/decision/approve.ts'
import { extendRequest, extensionInput } from '../../requests/decision/extend.ts'
import { pauseInput, pauseRequest, resumeRequest } from '../../requests/decision/pause.ts'
import { planRequestAgain } from '../../requests/decision/plan-again.ts'
import { refusalInput, refuseRequest } from '../../requests/decision/refuse.ts'
import { messageInput, sendMessage, writeNote } from '../../requests/messages.ts'
import { identityInput, recordIdentity } from '../../requests/proof/record-identity.ts'
import { excludeRecovery, exclusionInput } from '../../requests/recovery/destroy-copy.ts'
import { openRecovery, recoveryInput } from '../../requests/recovery/open-recovery.ts'
import { revealSubject } from '../../requests/read-case.ts'
import { archiveForReview } from '../../requests/reply/download.ts'
import { releaseArchive, releaseInput } from '../../requests/reply/release.ts'
import { contextOf, spelled } from '../callers.ts'
import { KINDS } from '../fault.ts'
import { fieldErrors } from '../field-errors.ts'
import { FormFields } from '../form-fields.ts'
import { goTo, sendPage } from '../pages.ts'
import { streamArchive } from '../send-archive.ts'
import { readAmendment } from './amend-parts.ts'
import { casePage } from './case-page.ts'
import { openDesk, refusedFlash, savedFlash } from './shell.ts'

interface ByReference {
  Params: { reference: string; id?: string }
  Querystring: { saved?: string }
}

const SAVED = {
  plan: 'The case is being planned again.',
  approval: 'Your approval is recorded.',
  identity: 'The check of identity is recorded.',
  amendment: 'The plan is amended and made again.',
  review: 'The texts are left out and the copy is built again.',
  reviewed: 'The texts are read; the copy can be released.',
  release: 'The copy is released and the answer is on its way.',
  refusal: 'The request is refused and the letter is on its way.',
  proposal: 'The refusal is proposed. It is made when a second person refuses on the same ground.',
  extension: 'The clock is extended and the person is told.',
  pause: 'The question is on its way and the clock stands.',
  resumption: 'The clock runs again.',
  messages: 'The message is on its way.',
  notes: 'The note is kept.',
  assignment: 'The case is assigned.',
  questions: 'The answer is recorded; the case is planned again.',
  retry: 'The step is tried again.',
  recovery: 'The finding is recorded. The copy is opened when a second person finds the same.',
  opened: 'Two people have found the same: what was erased is being put back.',
  'no-recovery': 'The ground is recorded, and the copy is destroyed.',
} as const

type Saved = keyof typeof SAVED

const reason = z.strictObject({ reason: z.string().trim().min(5, 'say why, in a few words').max(300) })
const nothing = z.object({})

/** The page of a case, and every form on it: each act is carried out or refused, then the page is shown again. */
export function casePages(app: FastifyInstance, ctx: Context): void {
  app.get<ByReference>('/console/cases/:reference', async (request, reply) => {
    const desk = await openDesk(ctx, request, reply)
    return sendPage(
      reply,
      await casePage(desk, { reference: spelled(request.params.reference), flash: savedFlash(request.query.saved, SAVED) }),
    )
  })

  // The one form that answers with a page itself: what it shows must not stay in an address or a session.
  app.post<ByReference>('/console/cases/:reference/reveal', async (request, reply) =>
    orShowRefusal(request, reply, async (reference) => {
      const desk = await openDesk(ctx, request, reply)
      const revealed = await revealSubject(desk.ctx, {
        reference,
        ...read(reason, { reason: new FormFields(request.body).text('reason') }),
      })
      return sendPage(reply, await casePage(desk, { reference, revealed }))
    }),
  )

  app.get<ByReference>('/console/cases/:reference/archive', { exposeHeadRoute: false }, async (request, reply) => {
    const reference = spelled(request.params.reference)
    return streamArchive(ctx, reply, { archive: await archiveForReview(contextOf(ctx, request), { reference }), name: reference })
  })

  form('plan', nothing, () => ({}), planRequestAgain)
  form('amendment', amendmentInput, readAmendment, planRequestAgain)
  form('approval', approvalInput, (fields) => ({ plan_hash: fields.text('plan_hash'), ...fields.optional('note') }), approveRequest)
  form('identity', identityInput, (fields) => ({ method: fields.text('method'), note: fields.text('note') }), recordIdentity)
  form('release', releaseInput, (fields) => ({ archive_sha256: fields.text('archive_sha256') }), releaseArchive)
  form('extension', extensionInput, readExtension, extendRequest)
  form('pause', pauseInput, readPause, pauseRequest)
  form('resumption', nothing, () => ({}), resumeRequest)
  form('messages', messageInput, (fields) => ({ text: fields.text('text') }), sendMessage)
  form('notes', messageInput, (fields) => ({ text: fields.text('text') }), writeNote)
  form('no-recovery', exclusionInput, (fields) => ({ ground: fields.text('ground') }), excludeRecovery)
  form('assignment', assignmentInput, (fields) => ({ operator: fields.text('operator') }), assignRequest)

  app.post<ByReference>('/console/cases/:reference/refusal', async (request, reply) =>
    orShowRefusal(request, reply, async (reference) => {
      const fields = new FormFields(request.body)
      const input = read(refusalInput, { ground: fields.text('ground'), facts: fields.text('facts') })
      const { state } = await refuseRequest(contextOf(ctx, request), { ...input, reference })
      return goTo(reply, pathOf(reference, state === 'refused' ? 'refusal' : 'proposal'))
    }),
  )

  app.post<ByReference>('/console/cases/:reference/recovery', async (request, reply) =>
    orShowRefusal(request, reply, async (reference) => {
      const fields = new FormFields(request.body)
      const input = read(recoveryInput, { finding: { kind: fields.text('kind'), facts: fields.text('facts') } })
      const { opened } = await openRecovery(contextOf(ctx, request), { ...input, reference })
      return goTo(reply, pathOf(reference, opened ? 'opened' : 'recovery'))
    }),
  )

  app.post<ByReference>('/console/cases/:reference/questions/:id', async (request, reply) =>
    orShowRefusal(request, reply, async (reference) => {
      const input = read(choiceInput, { choice: new FormFields(request.body).text('choice') })
      await answerQuestion(contextOf(ctx, request), { reference, question_id: request.params.id ?? '', ...input })
      return goTo(reply, pathOf(reference, 'questions'))
    }),
  )

  app.post<ByReference>('/console/cases/:reference/steps/:id/retry', async (request, reply) =>
    orShowRefusal(request, reply, async (reference) => {
      await retryStep(contextOf(ctx, request), { reference, step_id: read(z.uuid(), request.params.id) })
      return goTo(reply, pathOf(reference, 'retry'))
    }),
  )

  /** One form of the page: its fields, the schema they must meet, the verb they are for. */
  function form<B extends z.ZodType<object>>(
    path: Saved,
    schema: B,
    fieldsOf: (fields: FormFields) => unknown,
    act: (acting: Context, input: { reference: string } & z.output<B>) => Promise<unknown>,
  ): void {
    app.post<ByReference>(`/console/cases/:reference/${path}`, async (request, reply) =>
      orShowRefusal(request, reply, async (reference) => {
        const input = read(schema, fieldsOf(new FormFields(request.body)))
        await act(contextOf(ctx, request), { ...input, reference })
        return goTo(reply, pathOf(reference, path))
      }),
    )
  }

  /** Carries out a form; a refusal is shown above the page, unless there is no page to show it on. */
  async function orShowRefusal(
    request: FastifyRequest<ByReference>,
    reply: FastifyReply,
    act: (reference: string) => Promise<FastifyReply>,
  ): Promise<FastifyReply> {
    const reference = spelled(request.params.reference)
    try {
      return await act(reference)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'unknown_reference' || error.code === 'permission_denied') throw error
      const desk = await openDesk(ctx, request, reply)
      return sendPage(reply, await casePage(desk, { reference, flash: refusedFlash(error.message, error.errors) }), KINDS[error.kind][0])
    }
  }
}

/** What a form has sent, or the refusal that names each field. */
function read<T extends z.ZodType>(schema: T, sent: unknown): z.output<T> {
  const parsed = schema.safeParse(sent)
  if (!parsed.success) throw new Refusal('invalid_input', fieldErrors(parsed.error))
  return parsed.data
}

function readExtension(fields: FormFields): unknown {
  return { reason: fields.text('reason'), ...fields.optional('explanation') }
}

function readPause(fields: FormFields): unknown {
  return { reason: fields.text('reason'), ...fields.optional('question') }
}

function pathOf(reference: string, saved: Saved): string {
  return `/console/cases/${encodeURIComponent(reference)}?saved=${saved}`
}
