import { Details } from '../components/blocks.tsx'
import { Select } from '../components/choices.tsx'
import { Day, LastDay, Moment } from '../components/dates.tsx'
import { Button, Form } from '../components/form.tsx'
import { DueBadge } from '../components/tags.tsx'
import { capital } from '../components/text.ts'
import { TextArea } from '../components/text-field.tsx'
import type { CasePageProps } from './case.tsx'
import { casePath } from './case-view.ts'

function Dates({ view }: Pick<CasePageProps, 'view'>) {
  return (
    <dl class="hb-facts">
      <div>
        <dt>Received</dt>
        <dd>
          <Moment at={view.received_at} />
        </dd>
      </div>
      {view.first_reply_by !== null && (
        <div>
          <dt>First reply by</dt>
          <dd>
            <LastDay until={view.first_reply_by} />
          </dd>
        </div>
      )}
      <div>
        <dt>Send by</dt>
        <dd>
          <LastDay until={view.send_by} />
        </dd>
      </div>
      <div>
        <dt>Due</dt>
        <dd>
          <strong>
            <LastDay until={view.due_at} />
          </strong>
        </dd>
      </div>
      {view.statutory_by !== null && (
        <div>
          <dt>The law’s last day</dt>
          <dd>
            <LastDay until={view.statutory_by} />
          </dd>
        </div>
      )}
    </dl>
  )
}

function ClockForms({ shell, view, allowed, pause_reasons }: CasePageProps) {
  return (
    <>
      {allowed.includes('resume') && (
        <Form action={casePath(view.reference, 'resumption')} csrf={shell.csrf}>
          <Button kind="secondary">The answer is here: resume the clock</Button>
        </Form>
      )}
      {allowed.includes('pause') && (
        <Details summary="Pause the clock">
          <Form action={casePath(view.reference, 'pause')} csrf={shell.csrf}>
            <Select id="pause-reason" name="reason" label="Reason the law allows" choices={pause_reasons} />
            <Button kind="secondary">Pause</Button>
          </Form>
        </Details>
      )}
      {allowed.includes('extend') && (
        <Details summary="Extend by the time the law allows">
          <Form action={casePath(view.reference, 'extension')} csrf={shell.csrf}>
            <TextArea
              id="extension-reason"
              name="reason"
              label="Why it is complex, or how many requests there are"
              hint="The person reads this. The letter leaves at once."
              rows={3}
              maxlength={1000}
            />
            <Button kind="secondary">Extend and write to the person</Button>
          </Form>
        </Details>
      )}
    </>
  )
}

/** The clock of a case, how each date came about, and what may be done to it. */
export function ClockSection(props: CasePageProps) {
  const { shell, view, clock } = props
  return (
    <section class="hb-panel" aria-labelledby="clock">
      <h2 id="clock">Clock</h2>
      <p>
        <DueBadge due={view} now={shell.now} paused={view.paused} date={false} />
      </p>
      <Dates view={view} />
      {clock.lines.length > 0 && (
        <Details summary="How these dates came about">
          <ol class="hb-list hb-list--numbered">
            {clock.lines.map((line) => (
              <li key={line}>{capital(line)}</li>
            ))}
          </ol>
        </Details>
      )}
      {clock.pauses.length > 0 && (
        <ul class="hb-list">
          {clock.pauses.map(({ reason, from, until }) => (
            <li key={from}>
              Paused from <Day at={from} />{' '}
              {until === null ? (
                'until now'
              ) : (
                <>
                  to <Day at={until} />
                </>
              )}
              <span class="hb-sub">{reason}</span>
            </li>
          ))}
        </ul>
      )}
      <ClockForms {...props} />
    </section>
  )
}
