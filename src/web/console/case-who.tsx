import { Details } from '../components/blocks.tsx'
import { Moment } from '../components/dates.tsx'
import { Button, Form } from '../components/form.tsx'
import { Icon } from '../components/icon.tsx'
import { plainWord } from '../components/text.ts'
import { TextField } from '../components/text-field.tsx'
import { CHANNELS } from '../words.ts'
import type { CasePageProps, SubjectView } from './case.tsx'
import { casePath } from './case-view.ts'

function Facts({ subject, right }: { subject: SubjectView; right: string }) {
  const rows: [string, string | null][] = [
    ['Email', subject.email],
    ['Name', subject.name],
    ['Address', subject.address],
    ['Residence', subject.residence],
    ['Came by', CHANNELS[subject.channel] ?? subject.channel],
  ]
  return (
    <dl class="hb-facts" aria-label={right}>
      {rows.map(([name, value]) =>
        value === null ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
      {subject.requester !== null && (
        <div>
          <dt>Asked by ({subject.requester.role})</dt>
          <dd>
            {subject.requester.name}, {subject.requester.email}
            {subject.requester.organisation !== null && <span class="hb-sub">{subject.requester.organisation}</span>}
          </dd>
        </div>
      )}
    </dl>
  )
}

function RevealForm({ shell, view }: CasePageProps) {
  return (
    <Details summary="Show in full">
      <Form action={casePath(view.reference, 'reveal')} csrf={shell.csrf}>
        <TextField id="reveal-reason" name="reason" label="Why you need to see it" hint="Written to the audit log" maxlength={300} />
        <Button kind="secondary">
          <Icon name="eye" /> Show
        </Button>
      </Form>
    </Details>
  )
}

function Identities({ plan }: Pick<CasePageProps, 'plan'>) {
  const identities = plan?.identities ?? []
  if (identities.length === 0) return <p class="hb-quiet">Nothing is proven yet.</p>
  return (
    <ul class="hb-list">
      {identities.map(({ kind, masked, proven_by, proven_at }) => (
        <li key={kind + masked}>
          <strong>{masked}</strong> <span class="hb-quiet">({plainWord(kind).toLowerCase()})</span>
          <span class="hb-sub">
            proven by {proven_by}
            {proven_at != null && (
              <>
                , <Moment at={proven_at} />
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}

function IdentifyForm({ shell, view }: CasePageProps) {
  return (
    <Details summary="Record how identity was proven">
      <Form action={casePath(view.reference, 'identity')} csrf={shell.csrf}>
        <TextField id="identity-method" name="method" label="How" hint="For example: call back to the number on file" maxlength={200} />
        <TextField
          id="identity-note"
          name="note"
          label="What was checked"
          hint="The result only; never a copy of a document"
          maxlength={500}
        />
        <Button kind="secondary">Record</Button>
      </Form>
    </Details>
  )
}

/** Who asks, how and when that was proven, and why these rows are theirs. */
export function WhoSection(props: CasePageProps) {
  const { subject, allowed, paths, view } = props
  return (
    <section class="hb-panel" aria-labelledby="who">
      <h2 id="who">Who it is</h2>
      <Facts subject={subject} right={view.right} />
      {subject.revealed && <p class="hb-quiet">Shown in full for this view. It is in the audit log with your reason.</p>}
      {!subject.revealed && allowed.includes('reveal') && <RevealForm {...props} />}
      <h3>Proven</h3>
      <Identities plan={props.plan} />
      {allowed.includes('identify') && <IdentifyForm {...props} />}
      {paths.length > 0 && (
        <Details summary="Why these rows are theirs">
          <ul class="hb-list">
            {paths.map(({ collection, sentence }) => (
              <li key={collection + sentence}>
                <strong>{collection}</strong>
                <span class="hb-sub">{sentence}</span>
              </li>
            ))}
          </ul>
        </Details>
      )}
      {subject.details !== null && (
        <>
          <h3>In their words</h3>
          <blockquote class="hb-prose hb-quote">{subject.details}</blockquote>
        </>
      )}
      {subject.corrections.length > 0 && (
        <>
          <h3>To be corrected</h3>
          <ul class="hb-list">
            {subject.corrections.map(({ field, from, to }) => (
              <li key={field + to}>
                <strong>{field}</strong>
                <span class="hb-sub">
                  {from === null ? '' : `from “${from}” `}to “{to}”
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
