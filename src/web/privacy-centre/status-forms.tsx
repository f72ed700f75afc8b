import { Details } from '../components/blocks.tsx'
import { LastDay, Moment } from '../components/dates.tsx'
import { errorAt } from '../components/field.tsx'
import { Button, Form } from '../components/form.tsx'
import { listText } from '../components/text.ts'
import { TextArea } from '../components/text-field.tsx'
import { Messages } from '../components/timeline.tsx'
import type { StatusPageProps } from './status.tsx'

function labelOf(messages: StatusPageProps['messages']): string {
  if (messages.length === 0) return 'Write to us about this request'
  return messages.at(-1)?.from === 'company' ? 'Write back' : 'Write again'
}

/** What was written, and a field to write: POST `/status/{reference}/messages` with `text`. */
export function MessagesSection({ shell, request, messages, errors }: StatusPageProps) {
  return (
    <section aria-labelledby="messages">
      <h2 class="govuk-heading-m" id="messages">
        Messages
      </h2>
      {messages.length > 0 && <Messages messages={messages} us={shell.company} them="You" />}
      <Form action={`/status/${encodeURIComponent(request.reference)}/messages`} csrf={shell.csrf}>
        <TextArea id="message-text" name="text" label={labelOf(messages)} error={errorAt(errors, 'text')} rows={4} maxlength={5000} />
        <Button kind="secondary">Send the message</Button>
      </Form>
    </section>
  )
}

/** The sealed copy of what was erased, and its end on the person's word: POST `/status/{reference}/recovery-copy`. */
export function RecoveryCopySection({ shell, request }: StatusPageProps) {
  const { recovery_copy: copy } = request
  if (copy == null) return null
  return (
    <section class="hb-card" aria-labelledby="recovery-copy">
      <h2 class="govuk-heading-m" id="recovery-copy">
        A sealed copy, for a few days
      </h2>
      <p class="govuk-body">
        Should it turn out that this was not your request, or not your data, we can put back what was erased of {listText(copy.categories)}.
        Only for this we keep a copy, sealed until <LastDay until={copy.until} />. Then nobody can open it any more.
      </p>
      <Form action={`/status/${encodeURIComponent(request.reference)}/recovery-copy`} csrf={shell.csrf}>
        <Button kind="warning">Destroy the copy now</Button>
      </Form>
    </section>
  )
}

/** Takes the request back: POST `/status/{reference}/withdrawal`. Absent once the work has begun. */
export function WithdrawalSection({ shell, request, may_withdraw, cancel_until }: StatusPageProps) {
  if (!may_withdraw) return null
  return (
    <Details summary="Withdraw this request" open={cancel_until !== null}>
      <p class="govuk-body">
        {cancel_until === null ? (
          'You can take it back until the work begins. Nothing will be done then, and you can ask again at any time.'
        ) : (
          <>
            You can take it back until the work begins, which is not before{' '}
            <strong>
              <Moment at={cancel_until} />
            </strong>
            . What is deleted then cannot be brought back.
          </>
        )}
      </p>
      <Form action={`/status/${encodeURIComponent(request.reference)}/withdrawal`} csrf={shell.csrf}>
        <Button kind="warning">Withdraw the request</Button>
      </Form>
    </Details>
  )
}
