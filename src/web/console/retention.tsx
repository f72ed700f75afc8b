import { ConsoleLayout, type ConsoleShell, type Flash } from '../components/console-layout.tsx'
import { Moment } from '../components/dates.tsx'
import { Button, Form } from '../components/form.tsx'
import { Pager, Table } from '../components/table.tsx'
import { Tag } from '../components/tags.tsx'
import { count, plainWord } from '../components/text.ts'
import type { Tone } from '../words.ts'

/** One rule of the schedule as it stands now. */
export interface RuleView {
  rule: string
  title: string
  /** The published promise, when the title does not say it. */
  promise?: string
  mode: 'observe' | 'enforce'
  /** "12 months after the event, then erased". */
  sentence: string
  cutoff: string | null
  due: number | null
  held: number | null
  last_run: { id: string; at: string; state: RunState } | null
  next_at: string | null
}

/** The states of a run. */
export type RunState = 'running' | 'waiting' | 'stopped' | 'failed' | 'done'

/** One execution of one or more rules. */
export interface RunView {
  id: string
  state: RunState
  trigger: string
  preview: boolean
  started_at: string
  finished_at: string | null
  /** Why it waits for a person. */
  waiting_for: string | null
  rules: readonly RunRuleView[]
}

/** One rule within a run. */
export interface RunRuleView {
  rule: string
  state: RunState
  cutoff: string
  due: number
  done: number
  held: number
  batches: number
  oldest_left: string | null
}

/** `/console/retention`: POST the same address with `rule` ('' for all) and `preview` ('true' or 'false'). */
export interface RetentionPageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  rules: readonly RuleView[]
  runs: readonly RunView[]
  next_cursor: string | null
  /** Whether this operator may start, confirm and stop runs. */
  may_run: boolean
}

const RUN_TONES: Readonly<Record<RunState, Tone>> = { running: 'teal', waiting: 'yellow', stopped: 'grey', failed: 'red', done: 'green' }

/** The address of a run's page. */
export const runHref = (id: string, action = '') => `/console/retention/runs/${encodeURIComponent(id)}${action}`

/** Who or what began a run. */
export function triggerText(trigger: string): string {
  return trigger === 'schedule' ? 'By the schedule' : trigger === 'operator' ? 'By hand' : plainWord(trigger)
}

/** The state of a run as a tag. */
export function RunTag({ state }: { state: RunState }) {
  return <Tag text={state === 'waiting' ? 'Waits for a person' : plainWord(state)} tone={RUN_TONES[state]} />
}

/** Starts a preview or a run of one rule, or of every rule when `title` is nothing. */
function RunButtons({ shell, rule, title }: { shell: ConsoleShell; rule: string; title: string | null }) {
  const name = title === null ? <> every rule</> : <span class="govuk-visually-hidden"> {title}</span>
  return (
    <Form action="/console/retention" csrf={shell.csrf} hidden={{ rule }} class="hb-buttons" label={title ?? 'Every rule'}>
      <Button kind="secondary" class="hb-button--small" name="preview" value="true">
        Preview{name}
      </Button>
      <Button kind="secondary" class="hb-button--small" name="preview" value="false">
        Run{name}
      </Button>
    </Form>
  )
}

function DueNow({ rule }: { rule: RuleView }) {
  if (rule.due === null) return <span class="hb-quiet">–</span>
  return (
    <>
      {rule.due.toLocaleString('en-GB')}
      {rule.cutoff !== null && rule.due > 0 && (
        <span class="hb-sub">
          until <Moment at={rule.cutoff} />
        </span>
      )}
    </>
  )
}

function Rules({ shell, rules, may_run }: RetentionPageProps) {
  return (
    <Table
      stack
      caption="Rules"
      captionHidden
      columns={[
        { head: 'Rule' },
        { head: 'Mode' },
        { head: 'Due', numeric: true },
        { head: 'Held', numeric: true },
        { head: 'Last run' },
        { head: 'Next' },
        { head: 'Act', hidden: true },
      ]}
      rows={rules.map((rule) => ({
        key: rule.rule,
        cells: [
          <>
            {rule.title}
            <span class="hb-sub">{rule.promise ?? rule.sentence}</span>
          </>,
          rule.cutoff === null ? (
            <Tag text="Not ours to run" tone="grey" />
          ) : (
            <Tag text={plainWord(rule.mode)} tone={rule.mode === 'enforce' ? 'teal' : 'grey'} />
          ),
          <DueNow rule={rule} />,
          rule.held === null ? <span class="hb-quiet">–</span> : rule.held.toLocaleString('en-GB'),
          rule.last_run === null ? (
            <span class="hb-quiet">Never</span>
          ) : (
            <>
              <a href={runHref(rule.last_run.id)}>
                <Moment at={rule.last_run.at} />
              </a>{' '}
              <RunTag state={rule.last_run.state} />
            </>
          ),
          rule.next_at === null ? '' : <Moment at={rule.next_at} />,
          may_run && rule.cutoff !== null ? <RunButtons shell={shell} rule={rule.rule} title={rule.title} /> : '',
        ],
      }))}
      empty={<p>The policy has no retention rules.</p>}
    />
  )
}

function Waiting({ shell, runs, may_run }: RetentionPageProps) {
  return (
    <>
      {runs
        .filter(({ state }) => state === 'waiting')
        .map((run) => (
          <section class="hb-panel hb-panel--decision" key={run.id} aria-label="A run waits for a person">
            <h2>A run waits to be confirmed</h2>
            <p>
              {run.waiting_for ?? 'It is larger than the policy lets it be without a person.'}{' '}
              {run.trigger === 'operator' && 'Whoever began the run cannot confirm it.'}
            </p>
            <p>
              <a href={runHref(run.id)}>Look at it</a>:{' '}
              {count(
                run.rules.reduce((sum, { due }) => sum + due, 0),
                'row',
              )}{' '}
              in {count(run.rules.length, 'rule')}.
            </p>
            {may_run && (
              <Form action={runHref(run.id, '/confirm')} csrf={shell.csrf}>
                <Button kind="warning">Confirm the run</Button>
              </Form>
            )}
          </section>
        ))}
    </>
  )
}

/** The schedule, what is due under it, and its runs. */
export function RetentionPage(props: RetentionPageProps) {
  const { shell, flash, runs, may_run } = props
  return (
    <ConsoleLayout shell={shell} title="Retention" current="retention" flash={flash}>
      <div class="hb-head">
        <h1>Retention</h1>
        {may_run && <RunButtons shell={shell} rule="" title={null} />}
      </div>
      <Waiting {...props} />
      <Rules {...props} />
      <h2>Runs</h2>
      <Table
        stack
        caption="Runs, the newest first"
        captionHidden
        columns={[
          { head: 'Started' },
          { head: 'State' },
          { head: 'Rules' },
          { head: 'Done', numeric: true },
          { head: 'Held', numeric: true },
        ]}
        rows={runs.map((run) => ({
          key: run.id,
          cells: [
            <a href={runHref(run.id)}>
              <Moment at={run.started_at} />
            </a>,
            <>
              <RunTag state={run.state} /> {run.preview && <Tag text="Preview" tone="grey" />}
              <span class="hb-sub">{triggerText(run.trigger)}</span>
            </>,
            run.rules.length === 1 ? <code>{run.rules[0]?.rule}</code> : count(run.rules.length, 'rule'),
            run.rules.reduce((sum, { done }) => sum + done, 0).toLocaleString('en-GB'),
            run.rules.reduce((sum, { held }) => sum + held, 0).toLocaleString('en-GB'),
          ],
        }))}
        empty={<p>Nothing has run yet. A preview shows what would be done, and changes nothing.</p>}
      />
      <Pager next={props.next_cursor === null ? null : `/console/retention?after=${encodeURIComponent(props.next_cursor)}`} />
    </ConsoleLayout>
  )
}
