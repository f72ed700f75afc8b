import type { FastifyInstance } from 'fastify'
import type { Context } from '../../context.ts'
import { Refusal, type FieldError } from '../../errors.ts'
import { openCaseForOperator } from '../../requests/intake/open-for-operator.ts'
import { caseInput } from '../../requests/intake/request-input.ts'
import { Temporal } from '../../time.ts'
import { NewCasePage } from '../../web/console/new-case.tsx'
import { RIGHT_CHOICES } from '../../web/right-choices.ts'
import { contextOf } from '../callers.ts'
import { fieldErrors } from '../field-errors.ts'
import { FormFields } from '../form-fields.ts'
import { goTo, sendPage } from '../pages.ts'
import { openDesk } from './shell.ts'

/** The form for letters, calls and mails. */
export function newCase(app: FastifyInstance, ctx: Context): void {
  app.get('/console/cases/new', async (request, reply) => {
    const { shell } = await openDesk(ctx, request, reply)
    return sendPage(reply, NewCasePage({ shell, values: { received_at: localTime(ctx) }, errors: [] }))
  })

  app.post('/console/cases/new', async (request, reply) => {
    const fields = new FormFields(request.body)
    try {
      const opened = await openCaseForOperator(contextOf(ctx, request), readForm(ctx, fields))
      return goTo(reply, `/console/cases/${opened.reference}`)
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== 'invalid') throw error
      const { shell } = await openDesk(ctx, request, reply)
      return sendPage(reply, NewCasePage({ shell, values: fields.values(), errors: fieldNames(error.errors) }), 400)
    }
  })
}

function readForm(ctx: Context, fields: FormFields) {
  const choice = RIGHT_CHOICES.find(({ value }) => value === fields.text('right'))
  const scope = choice?.scope == null ? {} : { scope: { [choice.right]: choice.scope } }
  const parsed = caseInput.safeParse({
    right: choice?.right ?? fields.text('right'),
    ...scope,
    received_at: instantOf(ctx, fields.text('received_at')),
    channel: fields.text('channel'),
    ...fields.optional('residence'),
    subject: { ...fields.optional('email'), ...fields.optional('name'), ...fields.optional('address') },
    delivery: fields.text('delivery') === 'post' ? 'post' : 'link',
    ...fields.optional('details'),
  })
  if (!parsed.success) throw new Refusal('invalid_input', fieldErrors(parsed.error))
  return parsed.data
}

/** Now, as the form's field writes it: local time of the controller, to the minute. */
function localTime(ctx: Context): string {
  const { zone } = ctx.policy.main
  return Temporal.Instant.fromEpochMilliseconds(ctx.clock.now().getTime())
    .toZonedDateTimeISO(zone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'minute' })
}

/** The instant of a local time; what is no time stays as it was typed, and is refused by its schema. */
function instantOf(ctx: Context, local: string): string {
  try {
    return Temporal.PlainDateTime.from(local).toZonedDateTime(ctx.policy.main.zone).toInstant().toString()
  } catch {
    return local
  }
}

function fieldNames(errors: readonly FieldError[]): FieldError[] {
  return errors.map(({ pointer, detail }) => ({ pointer: pointer.replace(/^\/subject(?=\/)/, ''), detail }))
}
