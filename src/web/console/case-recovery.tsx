import { Details } from '../components/blocks.tsx'
import { Radios, Select } from '../components/choices.tsx'
import { LastDay, Moment } from '../components/dates.tsx'
import { Button, Form } from '../components/form.tsx'
import { Table } from '../components/table.tsx'
import { Tag } from '../components/tags.tsx'
import { count } from '../components/text.ts'
import { TextArea } from '../components/text-field.tsx'
import type { Tone } from '../words.ts'
import type { CasePageProps } from './case.tsx'
import { casePath } from './case-view.ts'

type State = 'kept' | 'found' | 'opened' | 'blocked' | 'put_back' | 'destroyed' | 'expired'

/** The sealed copy of an erasure as the case page shows it; collections by their labels, never a value. */
export interface RecoveryPanel {
  state: State
  until: string
  rows: readonly { collection: string; rows: number }[]
  findings: readonly { kind: string; by: string; at: string }[]
  conflicts: readonly { collection: string; kind: string; constraint: string; rows: number }[]
  failure: string | null
}

const STATES: Readonly<Record<State, { text: string; tone: Tone; sentence: string }>> = {
  kept: { text: 'Sealed', tone: 'blue', sentence: 'It can be opened only when two people find that the erasure hit the wrong person.' },
  found: { text: 'One finding', tone: 'yellow', sentence: 'A second person must find the same before it is opened.' },
  opened: { text: 'Opened', tone: 'teal', sentence: 'What was erased is being put back.' },
  blocked: { text: 'Something is in the way', tone: 'red', sentence: 'Nothing was put back where something is in the way.' },
  put_back: { text: 'Put back', tone: 'green', sentence: 'What was erased is back, and the copy is destroyed.' },
  destroyed: { text: 'Destroyed', tone: 'grey', sentence: 'It was destroyed before its time; nobody can open it.' },
  expired: { text: 'Expired', tone: 'grey', sentence: 'Its time is over; nobody can open it.' },
}

const FINDINGS = [
  { value: 'wrong_person', text: 'The wrong person: data of somebody else was erased' },
  { value: 'impostor', text: 'An impostor: the person whose data it is did not ask' },
]

const CONFLICTS: Readonly<Record<string, string>> = {
  taken: 'a new row has a value that must be unique',
  changed: 'changed since the erasure',
  gone: 'gone since the erasure',
  parent_gone: 'what they point at is gone',
  table_changed: 'the table has changed',
  refused: 'the database refuses them',
}

const ALIVE: readonly State[] = ['kept', 'found', 'opened', 'blocked']

function Findings({ findings }: Pick<RecoveryPanel, 'findings'>) {
  if (findings.length === 0) return null
  return (
    <ul class="hb-list">
      {findings.map(({ kind, by, at }) => (
        <li key={`${kind} ${by}`}>
          {by}: {FINDINGS.find(({ value }) => value === kind)?.text ?? kind}, <Moment at={at} />
        </li>
      ))}
    </ul>
  )
}

function Conflicts({ conflicts }: Pick<RecoveryPanel, 'conflicts'>) {
  if (conflicts.length === 0) return null
  return (
    <Table
      stack
      caption="What is in the way"
      columns={[{ head: 'Collection' }, { head: 'Why' }, { head: 'Constraint or column' }, { head: 'Rows', numeric: true }]}
      rows={conflicts.map(({ collection, kind, constraint, rows }) => ({
        key: `${collection} ${kind} ${constraint}`,
        cells: [collection, CONFLICTS[kind] ?? kind, constraint, rows.toLocaleString('en-GB')],
      }))}
    />
  )
}

function FindForm({ shell, view, recovery }: CasePageProps & { recovery: RecoveryPanel }) {
  const last = recovery.findings.at(-1)
  return (
    <Details summary={recovery.state === 'blocked' ? 'Try again' : 'The wrong person was erased'} open={recovery.state === 'found'}>
      <Form action={casePath(view.reference, 'recovery')} csrf={shell.csrf}>
        <Radios id="recovery-kind" name="kind" label="What was found" choices={FINDINGS} value={last?.kind} small />
        <TextArea
          id="recovery-facts"
          name="facts"
          label="Facts"
          hint="How it was noticed and what shows it. Kept sealed with the case."
          rows={3}
          maxlength={5000}
        />
        <Button kind="warning">{recovery.state === 'found' ? 'Find so too, and put everything back' : 'Record the finding'}</Button>
      </Form>
    </Details>
  )
}

const GROUNDS = [
  { value: 'consent_withdrawn', text: 'Consent was withdrawn: Art. 17(1)(b)' },
  { value: 'objection', text: 'An objection is upheld: Art. 17(1)(c)' },
  { value: 'unlawful', text: 'The processing was unlawful: Art. 17(1)(d)' },
  { value: 'child', text: 'It is the data of a child: Art. 17(1)(f)' },
]

function ExcludeForm({ shell, view }: CasePageProps) {
  return (
    <Details summary="No copy may be kept">
      <Form action={casePath(view.reference, 'no-recovery')} csrf={shell.csrf}>
        <Select name="ground" label="Ground" choices={GROUNDS} />
        <Button kind="warning">Destroy the copy now</Button>
      </Form>
    </Details>
  )
}

/** The sealed copy that can repair the erasure of a wrong person: where it stands, its last day, and what two people can do with it. */
export function RecoverySection(props: CasePageProps) {
  const { recovery, allowed, shell } = props
  if (recovery == null) return null
  const { text, tone, sentence } = STATES[recovery.state]
  const rows = recovery.rows.reduce((sum, one) => sum + one.rows, 0)
  const found = recovery.state === 'found' && recovery.findings.some(({ by }) => by === shell.operator.email)
  return (
    <section class="hb-panel" aria-labelledby="recovery">
      <h2 id="recovery">Sealed copy of what was erased</h2>
      <p>
        <Tag text={text} tone={tone} /> {sentence}
      </p>
      <p>
        {count(rows, 'row')} of {recovery.rows.map(({ collection }) => collection).join(', ')}.
        {ALIVE.includes(recovery.state) && (
          <>
            {' '}
            Last day: <LastDay until={recovery.until} />.
          </>
        )}
      </p>
      <Findings findings={recovery.findings} />
      <Conflicts conflicts={recovery.conflicts} />
      {recovery.failure !== null && <p class="hb-sub">{recovery.failure}</p>}
      {found && <p class="hb-quiet">You have recorded a finding. The other must come from somebody else.</p>}
      {allowed.includes('recover') && !found && <FindForm {...props} recovery={recovery} />}
      {allowed.includes('exclude') && <ExcludeForm {...props} />}
    </section>
  )
}
