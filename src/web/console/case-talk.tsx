import { Select } from '../components/choices.tsx'
import { Moment } from '../components/dates.tsx'
import { Button, Form } from '../components/form.tsx'
import { TextArea } from '../components/text-field.tsx'
import { Messages } from '../components/timeline.tsx'
import type { CasePageProps } from './case.tsx'
import { casePath } from './case-view.ts'

/** The conversation with the person: they read every word of it. */
export function MessagesSection({ shell, view, messages, allowed }: CasePageProps) {
  return (
    <section class="hb-panel" aria-labelledby="messages">
      <h2 id="messages">Messages with the person</h2>
      {messages.length === 0 ? (
        <p class="hb-quiet">No messages yet.</p>
      ) : (
        <Messages messages={messages} us={shell.company} them="The person" />
      )}
      {allowed.includes('message') && (
        <Form action={casePath(view.reference, 'messages')} csrf={shell.csrf}>
          <TextArea
            id="message-text"
            name="text"
            label="Write to the person"
            hint="They read this on their status page and by mail."
            rows={3}
            maxlength={5000}
          />
          <Button kind="secondary">Send</Button>
        </Form>
      )}
    </section>
  )
}

function AssignForm({ shell, view, operators }: CasePageProps) {
  const choices = [{ value: '', text: 'Nobody' }, ...operators.map(({ email }) => ({ value: email, text: email }))]
  return (
    <Form action={casePath(view.reference, 'assignment')} csrf={shell.csrf} class="hb-inline-form">
      <Select name="operator" label="With" value={view.assignee ?? ''} choices={choices} />
      <Button kind="secondary">Assign</Button>
    </Form>
  )
}

/** Inside the house: who has the case, and notes the person never sees. */
export function NotesSection(props: CasePageProps) {
  const { shell, view, notes, allowed } = props
  return (
    <section class="hb-panel hb-panel--inside" aria-labelledby="notes">
      <h2 id="notes">Inside the house</h2>
      {allowed.includes('assign') ? <AssignForm {...props} /> : <p>With: {view.assignee ?? 'nobody'}</p>}
      <ul class="hb-list">
        {notes.map(({ at, by, text }) => (
          <li key={at + text}>
            <p class="hb-prose">{text}</p>
            <span class="hb-sub">
              {by}, <Moment at={at} />
            </span>
          </li>
        ))}
      </ul>
      {allowed.includes('note') && (
        <Form action={casePath(view.reference, 'notes')} csrf={shell.csrf}>
          <TextArea
            id="note-text"
            name="text"
            label="Note"
            hint="Never shown to the person, but part of the file they may ask for."
            rows={2}
            maxlength={5000}
          />
          <Button kind="secondary">Add the note</Button>
        </Form>
      )}
    </section>
  )
}
