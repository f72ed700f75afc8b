import { Day } from '../components/dates.tsx'
import { Layout, type PublicShell } from '../components/layout.tsx'
import { Table } from '../components/table.tsx'

/** One line of the public retention table. */
export interface RetentionLine {
  category: string
  /** The promise in a sentence. */
  promise?: string
  purpose: string
  basis: string
  /** How long, in words: "7 years". */
  kept: string
  /** From when, in words: "end of the financial year of the invoice". */
  starts: string
  /** What happens then, in words: "erased". */
  then: string
  last_success_at: string | null
}

/** `/privacy/retention`: what is kept, why, how long, and when the promise was last kept. */
export interface PublicRetentionProps {
  shell: PublicShell
  rules: readonly RetentionLine[]
  /** When this table was last compared with what the service does. */
  checked_on: string | null
}

/** The public retention table. */
export function PublicRetentionPage({ shell, rules, checked_on }: PublicRetentionProps) {
  const columns = [{ head: 'Data' }, { head: 'What for' }, { head: 'Kept' }, { head: 'Then' }, { head: 'Last done' }]
  return (
    <Layout shell={shell} title="How long we keep data" back={{ href: '/' }} wide>
      <h1 class="govuk-heading-xl">How long we keep data</h1>
      <p class="govuk-body-l hb-measure">
        Every night we remove what has reached its end. This table is written by the same rules that do the work, so it cannot say one thing
        and do another.
      </p>
      <Table
        stack
        caption="What we keep, why, and how long"
        captionHidden
        columns={columns}
        rows={rules.map((rule) => ({
          key: rule.category + rule.kept + rule.starts,
          cells: [
            <>
              {rule.category}
              {rule.promise !== undefined && <span class="hb-sub">{rule.promise}</span>}
            </>,
            <>
              {rule.purpose}
              <span class="hb-sub">{rule.basis}</span>
            </>,
            <>
              <strong>{rule.kept}</strong>
              {rule.starts !== '' && <span class="hb-sub">from {rule.starts}</span>}
            </>,
            rule.then,
            rule.last_success_at === null ? <span class="hb-quiet">Not yet</span> : <Day at={rule.last_success_at} />,
          ],
        }))}
        empty={<p class="govuk-body">No rules are published yet.</p>}
      />
      {checked_on !== null && (
        <p class="govuk-body hb-quiet">
          Checked on <Day at={checked_on} />.
        </p>
      )}
    </Layout>
  )
}
