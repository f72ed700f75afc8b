import type { FastifyInstance } from 'fastify'
import type { Context } from '../../context.ts'
import { Refusal, type FieldError } from '../../errors.ts'
import { openRequest, type Received } from '../../requests/intake/open.ts'
import { requestInput, type RequestInput } from '../../requests/intake/request-input.ts'
import { RequestFormPage, type RequestFormProps } from '../../web/privacy-centre/request-form.tsx'
import { SentPage } from '../../web/privacy-centre/sent.tsx'
import { readChoices } from '../../web/right-choices.ts'
import { contextOf } from '../callers.ts'
import { fieldErrors } from '../field-errors.ts'
import { FormFields } from '../form-fields.ts'
import { countIntake, type Limits } from '../limits.ts'
import { sendPage } from '../pages.ts'
import { OFFERED } from './information.ts'
import { publicShell } from './shell.ts'

const DAY_MS = 86_400_000

/** The form with which anybody asks. */
export function requestForm(app: FastifyInstance, ctx: Context, limits: Limits): void {
  app.get<{ Querystring: { right?: string } }>('/request', async (request, reply) => {
    const chosen = OFFERED.filter((value) => value === request.query.right)
    return sendPage(reply, RequestFormPage({ ...emptyForm(ctx), shell: publicShell(ctx, reply), chosen }))
  })

  app.post('/request', async (request, reply) => {
    const fields = new FormFields(request.body)
    await countIntake(ctx, limits, request, fields.text('email'))
    const read = readForm(fields)
    if ('errors' in read)
      return sendPage(reply, RequestFormPage({ ...filledForm(ctx, fields, read.errors), shell: publicShell(ctx, reply) }), 400)
    try {
      const received = await openRequest(contextOf(ctx, request), { ...read.input, channel: 'form' })
      return sendPage(
        reply,
        SentPage({
          shell: publicShell(ctx, reply),
          requests: sentRequests(received, read.choices),
          email: read.input.email,
        }),
      )
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== 'invalid') throw error
      return sendPage(reply, RequestFormPage({ ...filledForm(ctx, fields, fieldNames(error.errors)), shell: publicShell(ctx, reply) }), 400)
    }
  })
}

type Form = Omit<RequestFormProps, 'shell'>

function emptyForm(ctx: Context): Form {
  const answerBy = new Date(ctx.clock.now().getTime() + ctx.policy.decisions.first_answer_days * DAY_MS).toISOString()
  return { offered: OFFERED, values: {}, chosen: [], corrections: [], errors: [], answer_by: answerBy }
}

function filledForm(ctx: Context, fields: FormFields, errors: readonly FieldError[]): Form {
  return { ...emptyForm(ctx), values: fields.values(), chosen: fields.all('rights'), corrections: typedCorrections(fields), errors }
}

/** The input of the API from what the form has sent, or what is wrong with it, by the names of the form's fields. */
function readForm(fields: FormFields): { input: RequestInput; choices: readonly string[] } | { errors: FieldError[] } {
  const chosen = readChoices(fields.all('rights'))
  const corrections = typedCorrections(fields).filter(({ field, to }) => field !== '' || to !== '')
  const role = fields.text('requester_role')
  const parsed = requestInput.safeParse({
    rights: chosen.rights,
    ...(Object.keys(chosen.scope).length > 0 && { scope: chosen.scope }),
    email: fields.text('email'),
    ...fields.optional('residence'),
    ...fields.optional('name'),
    ...fields.optional('details'),
    ...(corrections.length > 0 && { corrections: corrections.map(({ field, from, to }) => ({ field, to, ...(from !== '' && { from }) })) }),
    ...(role !== '' && role !== 'self' && { requester: requesterOf(fields, role) }),
  })
  const found = parsed.success ? [] : fieldNames(fieldErrors(parsed.error))
  const errors = [
    ...chosen.errors,
    ...(fields.text('email') === '' ? [{ pointer: '/email', detail: 'Enter your email address' }] : []),
    ...found,
  ]
  const once = errors.filter(({ pointer }, index) => errors.findIndex((other) => other.pointer === pointer) === index)
  if (!parsed.success || once.length > 0) return { errors: once }
  return { input: parsed.data, choices: fields.all('rights') }
}

function requesterOf(fields: FormFields, role: string) {
  const organisation = fields.text('requester_organisation')
  return { role, name: fields.text('requester_name'), email: fields.text('requester_email'), ...(organisation !== '' && { organisation }) }
}

function typedCorrections(fields: FormFields): { field: string; from: string; to: string }[] {
  const [names, befores, afters] = [fields.all('correction_field'), fields.all('correction_from'), fields.all('correction_to')]
  return names
    .map((name, index) => ({ field: name.trim(), from: (befores[index] ?? '').trim(), to: (afters[index] ?? '').trim() }))
    .filter(({ field, from, to }) => field + from + to !== '')
}

/** Pointers of the API's input as names of the form: `/requester/name` is `requester_name`. */
function fieldNames(errors: readonly FieldError[]): FieldError[] {
  return errors.map(({ pointer, detail }) => {
    if (pointer.startsWith('/right')) return { pointer: '/rights', detail }
    return { pointer: pointer.replace(/^\/requester\//, '/requester_'), detail }
  })
}

function sentRequests(received: Received, choices: readonly string[]) {
  const references = received.references ?? [received.reference]
  return references.map((reference, index) => ({ reference, right: choices[index] ?? '', due_at: received.due_at }))
}
