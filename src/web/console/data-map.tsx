import { Details } from '../components/blocks.tsx'
import { ConsoleLayout, type ConsoleShell, type Flash } from '../components/console-layout.tsx'
import { Table } from '../components/table.tsx'
import { Tag } from '../components/tags.tsx'
import { count, plainWord } from '../components/text.ts'

/** One field of a collection. */
export interface MapField {
  field: string
  type: string
  /** For example "identifier", "never disclosed", "kept by law". */
  marks: readonly string[]
}

/** One collection of a source, as the policy describes it. */
export interface MapCollection {
  source: string
  collection: string
  category: string
  controller: string
  purpose: string
  basis: string
  retention: string
  recipients: readonly string[]
  /** How a person is found in it. */
  path: string
  fields: readonly MapField[]
}

/** `/console/data-map`: where personal data is, as the policy says and the sources confirm. */
export interface DataMapPageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  policy: { hash: string; compiled_at: string | null }
  sources: readonly { source: string; title: string; kind: string; mode: 'observe' | 'enforce'; state: string }[]
  collections: readonly MapCollection[]
  /** Where the live schemas have moved away from the policy; left out when nothing has been compared. */
  drift?: readonly { source: string; severity: 'error' | 'warning'; sentence: string }[]
}

function Drifted({ drift }: { drift: NonNullable<DataMapPageProps['drift']> }) {
  if (drift.length === 0) return null
  return (
    <Details summary={`What the policy does not speak of (${drift.length})`}>
      <Table
        stack
        caption="Where a source has moved away from the policy"
        captionHidden
        columns={[{ head: 'Source' }, { head: 'Weight' }, { head: 'What' }]}
        rows={drift.map(({ source, severity, sentence }) => ({
          key: `${source} ${sentence}`,
          cells: [source, <Tag text={severity} tone={severity === 'error' ? 'red' : 'grey'} />, sentence],
        }))}
      />
    </Details>
  )
}

function Collection({ entry }: { entry: MapCollection }) {
  return (
    <section class="hb-panel" id={`${entry.source}.${entry.collection}`} aria-label={entry.collection}>
      <div class="hb-head">
        <h3>
          {entry.collection} <span class="hb-quiet">{plainWord(entry.category)}</span>
        </h3>
        <span class="hb-quiet">{count(entry.fields.length, 'field')}</span>
      </div>
      <dl class="hb-facts hb-facts--wide">
        <div>
          <dt>Purpose, basis</dt>
          <dd>
            {entry.purpose}
            <span class="hb-sub">{entry.basis}</span>
          </dd>
        </div>
        <div>
          <dt>Kept</dt>
          <dd>{entry.retention}</dd>
        </div>
        <div>
          <dt>Found by</dt>
          <dd>{entry.path}</dd>
        </div>
        <div>
          <dt>Controller</dt>
          <dd>{entry.controller}</dd>
        </div>
        <div>
          <dt>Recipients</dt>
          <dd>{entry.recipients.length === 0 ? 'None' : entry.recipients.join(', ')}</dd>
        </div>
      </dl>
      <Details summary="Fields">
        <Table
          stack
          caption={`Fields of ${entry.collection}`}
          captionHidden
          columns={[{ head: 'Field' }, { head: 'Type' }, { head: 'Marks' }]}
          rows={entry.fields.map(({ field, type, marks }) => ({
            key: field,
            cells: [<code>{field}</code>, type, marks.map((mark) => <Tag key={mark} text={mark} tone="grey" />)],
          }))}
        />
      </Details>
    </section>
  )
}

function Collections({ entries }: { entries: readonly MapCollection[] }) {
  if (entries.length === 0) return <p class="hb-quiet">The policy names no collection here.</p>
  return (
    <>
      {entries.map((entry) => (
        <Collection key={entry.collection} entry={entry} />
      ))}
    </>
  )
}

/** Every system, every collection, every field that holds personal data. */
export function DataMapPage({ shell, flash, policy, sources, collections, drift = [] }: DataMapPageProps) {
  return (
    <ConsoleLayout shell={shell} title="Data map" current="data-map" flash={flash}>
      <h1>Data map</h1>
      <p class="hb-lead">
        Policy <code class="hb-hash">{policy.hash}</code>
      </p>
      <Table
        stack
        caption="Sources"
        columns={[{ head: 'Source' }, { head: 'Kind' }, { head: 'Mode' }, { head: 'State' }, { head: 'Collections', numeric: true }]}
        rows={sources.map(({ source, title, kind, mode, state }) => ({
          key: source,
          cells: [
            <a href={`#source-${source}`}>{title}</a>,
            kind,
            <Tag text={plainWord(mode)} tone={mode === 'enforce' ? 'teal' : 'grey'} />,
            state,
            collections.filter((entry) => entry.source === source).length,
          ],
        }))}
      />
      <Drifted drift={drift} />
      {sources.map(({ source, title }) => (
        <div key={source} id={`source-${source}`}>
          <h2>{title}</h2>
          <Collections entries={collections.filter((entry) => entry.source === source)} />
        </div>
      ))}
    </ConsoleLayout>
  )
}
