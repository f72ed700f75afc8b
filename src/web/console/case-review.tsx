import { Select } from '../components/choices.tsx'
import { ConsoleLayout, type ConsoleShell, type Flash } from '../components/console-layout.tsx'
import { Button, Form } from '../components/form.tsx'
import { count } from '../components/text.ts'
import { casePath } from './case-view.ts'

/** A row of the copy with its texts; `id` names the row in the form. */
export interface ReviewRow {
  id: string
  cells: readonly { field: string; label: string; text: string; hidden: boolean; value: string }[]
}

/** `/console/cases/{reference}/review?collection=&from=`: texts in which other people may appear, before they leave. */
export interface ReviewPageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  reference: string
  archive_sha256: string
  collections: readonly { value: string; text: string }[]
  collection: string | null
  rows: readonly ReviewRow[]
  from: number
  next: number | null
  reviewed: boolean
}

function Row({ row }: { row: ReviewRow }) {
  return (
    <li class="hb-review__row">
      <p class="hb-quiet">{row.id}</p>
      {row.cells.map((cell) => (
        <div key={cell.field} class="hb-review__cell">
          <p class="hb-review__label">{cell.label}</p>
          <blockquote class="hb-prose hb-quote">{cell.text === '' ? 'Empty' : cell.text}</blockquote>
          {cell.hidden ? (
            <>
              <p class="hb-sub">Left out of the copy.</p>
              <label class="hb-review__mark">
                <input type="checkbox" name="cells" value={cell.value} /> Not about other people: give it again
              </label>
            </>
          ) : (
            cell.text !== '' && (
              <label class="hb-review__mark">
                <input type="checkbox" name="cells" value={cell.value} /> About other people: leave it out
              </label>
            )
          )}
        </div>
      ))}
    </li>
  )
}

function Texts({ shell, reference, collection, rows, from, next }: ReviewPageProps) {
  if (collection === null || rows.length === 0) return <p>There are no such texts here.</p>
  const more = `${casePath(reference, 'review')}?collection=${encodeURIComponent(collection)}&from=${String(next)}`
  return (
    <Form action={casePath(reference, 'review')} csrf={shell.csrf} hidden={{ collection }}>
      <p class="hb-quiet">
        {count(rows.length, 'row')} from number {from + 1}
      </p>
      <ul class="hb-review">
        {rows.map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </ul>
      <Button kind="secondary">Leave the marked texts out, or give them again, and build the copy</Button>
      {next !== null && (
        <p>
          <a class="govuk-link" href={more}>
            Next texts
          </a>
        </p>
      )}
    </Form>
  )
}

/** Somebody reads what others may be named in, marks what must not leave, or says that all of it may. */
export function ReviewPage(props: ReviewPageProps) {
  const { shell, flash, reference, collections, collection, reviewed, archive_sha256 } = props
  return (
    <ConsoleLayout shell={shell} title={`${reference} Texts to read`} current="queue" flash={flash}>
      <p class="hb-case-head__reference">
        <a href="/console">Queue</a> <span aria-hidden="true">/</span>{' '}
        <a href={`/console/cases/${encodeURIComponent(reference)}`} class="hb-reference">
          {reference}
        </a>
      </p>
      <h1>Texts in which other people may appear</h1>
      <p>
        Read them as the copy gives them. What is about others and not about this person can be left out (Art. 15(4) GDPR); the answer then
        says so.
      </p>
      {collections.length > 1 && (
        <form method="get" action={casePath(reference, 'review')} class="hb-filter">
          <Select name="collection" label="Part of the copy" choices={collections} value={collection ?? undefined} />
          <Button kind="secondary">Show</Button>
        </form>
      )}
      <section class="hb-panel">
        <Texts {...props} />
      </section>
      <section class="hb-panel hb-panel--decision">
        {reviewed ? (
          <p>These texts were read for exactly this copy. It can be released.</p>
        ) : (
          <Form action={casePath(reference, 'reviewed')} csrf={shell.csrf} hidden={{ archive_sha256 }}>
            <Button>I have read them all: they may leave as they are</Button>
          </Form>
        )}
      </section>
    </ConsoleLayout>
  )
}
