import type { FieldError } from '../../errors.ts'
import { Details } from '../components/blocks.tsx'
import { Day } from '../components/dates.tsx'
import { errorAt } from '../components/field.tsx'
import { Button, Form } from '../components/form.tsx'
import { LetterText } from '../components/letter-text.tsx'
import { Table } from '../components/table.tsx'
import { byteSize, listText, plainWord } from '../components/text.ts'
import { CodeEntry } from '../components/text-field.tsx'
import { NewCodeForm } from './proof-form.tsx'
import type { RequestView } from './status.tsx'

/** Data that was kept although deletion was asked, with the law that says so. */
export interface KeptCategory {
  category: string
  basis: string
  statute: string
  until: string | null
}

/** One file of the copy. */
export interface ArchivePart {
  part: number
  bytes: number
  sha256: string
  expires_at: string
}

function DownloadForm({
  reference,
  archive,
  csrf,
  only,
  error,
}: {
  reference: string
  archive: ArchivePart
  csrf: string
  only: boolean
  error?: string | undefined
}) {
  return (
    <Form action={`/status/${encodeURIComponent(reference)}/archive/${archive.part}`} csrf={csrf} label={`Download file ${archive.part}`}>
      <CodeEntry id={`code-${archive.part}`} error={error} />
      <Button>{only ? 'Download the copy' : `Download file ${archive.part}`}</Button>
    </Form>
  )
}

interface ArchivesProps {
  reference: string
  archives: readonly ArchivePart[]
  csrf: string
  errors: readonly FieldError[]
}

/** The files to download: each needs a code typed a moment ago, because it holds everything. */
export function Archives({ reference, archives, csrf, errors }: ArchivesProps) {
  if (archives.length === 0) return null
  return (
    <section class="hb-card" aria-labelledby="copy">
      <h2 class="govuk-heading-m" id="copy">
        Your copy is ready
      </h2>
      <p class="govuk-body">
        It holds everything we found, so each download needs a code that is less than ten minutes old. Have one sent, type it below, and the
        download begins.
      </p>
      <NewCodeForm reference={reference} csrf={csrf} />
      {archives.map((archive) => (
        <div class="hb-archive" key={archive.part}>
          <dl class="hb-facts">
            <div>
              <dt>{archives.length === 1 ? 'File' : `File ${archive.part}`}</dt>
              <dd>ZIP, {byteSize(archive.bytes)}</dd>
            </div>
            <div>
              <dt>Available until</dt>
              <dd>
                <Day at={archive.expires_at} />
              </dd>
            </div>
            <div class="hb-facts__wide">
              <dt>SHA-256, to check that it arrived whole</dt>
              <dd>
                <code class="hb-hash">{archive.sha256}</code>
              </dd>
            </div>
          </dl>
          <DownloadForm
            reference={reference}
            archive={archive}
            csrf={csrf}
            only={archives.length === 1}
            error={errorAt(errors, `code-${archive.part}`)}
          />
        </div>
      ))}
    </section>
  )
}

/** The letter; folded where something else is what the person came for. */
function Letter({ text, folded }: { text: string; folded: boolean }) {
  const letter = (
    <div class="hb-letter">
      <LetterText text={text} />
    </div>
  )
  return folded ? <Details summary="Read the letter">{letter}</Details> : letter
}

function Kept({ kept }: { kept: readonly KeptCategory[] }) {
  if (kept.length === 0) return null
  return (
    <Table
      stack
      caption="What we must keep, and until when"
      columns={[{ head: 'Data' }, { head: 'Why' }, { head: 'Law' }, { head: 'Until' }]}
      rows={kept.map((entry) => ({
        key: entry.category,
        cells: [
          plainWord(entry.category),
          plainWord(entry.basis),
          entry.statute,
          entry.until === null ? 'Not yet known' : <Day at={entry.until} />,
        ],
      }))}
    />
  )
}

/** The answer as sent: letter, what was kept, what can be done against it. */
export function Reply({ request }: { request: RequestView }) {
  const { reply, kept = [], remedies = [] } = request
  if (reply == null && kept.length === 0 && remedies.length === 0) return null
  return (
    <>
      <Kept kept={kept} />
      {reply != null && (
        <section aria-labelledby="letter">
          <h2 class="govuk-heading-m" id="letter">
            Our letter
          </h2>
          <Letter text={reply.text} folded={(request.archives ?? []).length > 0} />
        </section>
      )}
      {remedies.length > 0 && (
        <section aria-labelledby="remedies">
          <h2 class="govuk-heading-m" id="remedies">
            If you do not agree
          </h2>
          {remedies.length === 1 ? (
            <p class="govuk-body">{listText(remedies)}</p>
          ) : (
            <ul class="govuk-list govuk-list--bullet">
              {remedies.map((remedy) => (
                <li key={remedy}>{remedy}</li>
              ))}
            </ul>
          )}
        </section>
      )}
    </>
  )
}
