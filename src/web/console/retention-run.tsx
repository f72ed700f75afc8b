import { ConsoleLayout, type ConsoleShell, type Flash } from '../components/console-layout.tsx'
import { Moment } from '../components/dates.tsx'
import { Button, Form } from '../components/form.tsx'
import { Table } from '../components/table.tsx'
import { Tag } from '../components/tags.tsx'
import { runHref, RunTag, triggerText, type RunView } from './retention.tsx'

/** One batch of a run: what it did, in one transaction at the source. */
export interface BatchView {
  rule: string
  batch: number
  at: string
  rows: number
  held: number
  first: string | null
  last: string | null
}

/** `/console/retention/runs/{id}`: POST `…/confirm` and `…/stop`. */
export interface RetentionRunPageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  run: RunView
  batches: readonly BatchView[]
  may_run: boolean
}

function Acts({ shell, run, may_run }: RetentionRunPageProps) {
  if (!may_run) return null
  return (
    <div class="hb-buttons">
      {run.state === 'waiting' && (
        <Form action={runHref(run.id, '/confirm')} csrf={shell.csrf}>
          <Button kind="warning">Confirm the run</Button>
        </Form>
      )}
      {(run.state === 'running' || run.state === 'waiting') && (
        <Form action={runHref(run.id, '/stop')} csrf={shell.csrf}>
          <Button kind="secondary">Stop it</Button>
        </Form>
      )}
    </div>
  )
}

/** The start of a period that ended, or a key where rows have none. */
function Bound({ at }: { at: string }) {
  return /^\d{4}-\d{2}-\d{2}T/.test(at) ? <Moment at={at} /> : <>{at}</>
}

/** One run with its rules and batches. */
export function RetentionRunPage(props: RetentionRunPageProps) {
  const { shell, flash, run, batches } = props
  const number = (value: number) => value.toLocaleString('en-GB')
  return (
    <ConsoleLayout shell={shell} title="Retention run" current="retention" flash={flash}>
      <p class="hb-case-head__reference">
        <a href="/console/retention">Retention</a> <span aria-hidden="true">/</span> run
      </p>
      <div class="hb-head">
        <h1>
          Run of <Moment at={run.started_at} />
        </h1>
        <Acts {...props} />
      </div>
      <p>
        <RunTag state={run.state} /> {run.preview && <Tag text="Preview: nothing is changed" tone="grey" />}{' '}
        <span class="hb-quiet">
          {triggerText(run.trigger)}
          {run.finished_at !== null && (
            <>
              , finished <Moment at={run.finished_at} />
            </>
          )}
        </span>
      </p>
      {run.waiting_for !== null && (
        <p class="hb-flash">
          {run.waiting_for} {run.trigger === 'operator' && 'Whoever began the run cannot confirm it.'}
        </p>
      )}
      <Table
        stack
        caption="Rules of this run"
        columns={[
          { head: 'Rule' },
          { head: 'State' },
          { head: 'Up to' },
          { head: 'Due', numeric: true },
          { head: run.preview ? 'Would be done' : 'Done', numeric: true },
          { head: 'Held', numeric: true },
          { head: 'Oldest left' },
        ]}
        rows={run.rules.map((rule) => ({
          key: rule.rule,
          cells: [
            <code>{rule.rule}</code>,
            <RunTag state={rule.state} />,
            <Moment at={rule.cutoff} />,
            number(rule.due),
            number(rule.done),
            number(rule.held),
            rule.oldest_left === null ? '' : <Moment at={rule.oldest_left} />,
          ],
        }))}
      />
      <Table
        stack
        caption="Batches"
        columns={[{ head: 'Batch' }, { head: 'At' }, { head: 'Rows', numeric: true }, { head: 'Held', numeric: true }, { head: 'Range' }]}
        rows={batches.map((batch) => ({
          key: `${batch.rule} ${batch.batch}`,
          cells: [
            `${batch.rule} ${batch.batch}`,
            <Moment at={batch.at} />,
            number(batch.rows),
            number(batch.held),
            batch.first === null || batch.last === null ? (
              ''
            ) : (
              <>
                <Bound at={batch.first} /> to <Bound at={batch.last} />
              </>
            ),
          ],
        }))}
        empty={<p>No batch yet.</p>}
      />
    </ConsoleLayout>
  )
}
