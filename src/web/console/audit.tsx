import { ConsoleLayout, type ConsoleShell, type Flash } from '../components/console-layout.tsx'
import { Moment } from '../components/dates.tsx'
import { Button, Form } from '../components/form.tsx'
import { Pager, Table } from '../components/table.tsx'
import { TextField } from '../components/text-field.tsx'

/** One entry of the audit log; `number` is nothing until the sequencer has counted it. */
export interface AuditEntryView {
  number: number | null
  at: string
  actor: string
  action: string
  subject: string | null
  sha256: string
}

/** The answer of a verification: what was checked, and the first entry that does not fit. */
export interface VerifyView {
  ok: boolean
  entries: number
  root: string
  at: string
  problem: string | null
}

/** `/console/audit`: GET `?q=&after=`; POST `/console/audit` verifies. */
export interface AuditPageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  entries: readonly AuditEntryView[]
  q: string
  next_cursor: string | null
  verified: VerifyView | null
}

function Verified({ verified }: { verified: VerifyView }) {
  return (
    <div class={`hb-flash ${verified.ok ? 'hb-flash--saved' : 'hb-flash--refused'}`} role="status">
      <div>
        <p>
          {verified.ok
            ? verified.entries === 0
              ? 'No entry is numbered yet. The log is in order and unchanged.'
              : `All ${verified.entries.toLocaleString('en-GB')} entries are there, in order and unchanged.`
            : `The log does not verify. ${verified.problem ?? ''}`}
        </p>
        <p class="hb-sub">
          Root <code class="hb-hash">{verified.root}</code>, <Moment at={verified.at} />
        </p>
      </div>
    </div>
  )
}

/** Everything that was done and seen, by whom; and whether the log is whole. */
export function AuditPage({ shell, flash, entries, q, next_cursor, verified }: AuditPageProps) {
  const query = q === '' ? '' : `q=${encodeURIComponent(q)}&`
  return (
    <ConsoleLayout shell={shell} title="Audit" current="audit" flash={flash}>
      <div class="hb-head">
        <h1>Audit</h1>
        <Form action="/console/audit" csrf={shell.csrf}>
          <Button kind="secondary">Verify the log</Button>
        </Form>
      </div>
      {verified !== null && <Verified verified={verified} />}
      <form class="hb-filter" action="/console/audit" method="get" role="search" aria-label="Search the log">
        <TextField name="q" type="search" label="Reference, person or action" value={q} spellcheck={false} autocomplete="off" />
        <button class="govuk-button govuk-button--secondary" type="submit">
          Show
        </button>
      </form>
      <Table
        class="hb-table--audit"
        stack
        caption="Entries, the newest first"
        captionHidden
        columns={[{ head: 'Number' }, { head: 'When' }, { head: 'Who' }, { head: 'What' }, { head: 'About' }, { head: 'SHA-256' }]}
        rows={entries.map((entry) => ({
          key: entry.sha256,
          cells: [
            entry.number === null ? 'Not yet' : String(entry.number),
            <Moment at={entry.at} />,
            entry.actor,
            <code>{entry.action}</code>,
            entry.subject ?? '',
            <code class="hb-hash" title={entry.sha256}>
              {entry.sha256.slice(0, 12)}…
            </code>,
          ],
        }))}
        empty={<p>No entry matches.</p>}
      />
      <Pager next={next_cursor === null ? null : `/console/audit?${query}after=${encodeURIComponent(next_cursor)}`} />
    </ConsoleLayout>
  )
}
