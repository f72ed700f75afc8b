import { Day, Moment } from '../components/dates.tsx'
import { Button, Form } from '../components/form.tsx'
import { Table } from '../components/table.tsx'
import { byteSize } from '../components/text.ts'
import { TextField } from '../components/text-field.tsx'
import type { CasePageProps } from './case.tsx'
import { casePath, type BuiltArchive } from './case-view.ts'

function Archive({ archive, only }: { archive: BuiltArchive; only: boolean }) {
  return (
    <div class="hb-archive">
      <p>
        <a class="govuk-link" href={archive.href}>
          {only ? 'Open the archive' : `Open part ${archive.part}`}
        </a>{' '}
        (ZIP, {byteSize(archive.bytes)}, built <Moment at={archive.built_at} />
        {archive.expires_at !== null && (
          <>
            , until <Day at={archive.expires_at} />
          </>
        )}
        )
      </p>
      {archive.files.length > 0 && <Files archive={archive} />}
      <p>
        <code class="hb-hash">SHA-256 {archive.sha256}</code>
      </p>
    </div>
  )
}

function Files({ archive }: { archive: BuiltArchive }) {
  return (
    <Table
      caption={`Files in part ${archive.part}`}
      captionHidden
      columns={[{ head: 'File' }, { head: 'Rows', numeric: true }, { head: 'Size', numeric: true }]}
      rows={archive.files.map(({ name, rows, bytes }) => ({
        key: name,
        cells: [name, rows === null ? '' : rows.toLocaleString('en-GB'), byteSize(bytes)],
      }))}
    />
  )
}

/** The built copy: somebody looks at it, then releases exactly what was looked at. */
export function ArchiveSection({ shell, view, archives, allowed, texts }: CasePageProps) {
  const [first] = archives
  if (first === undefined) return null
  const release = allowed.includes('release')
  return (
    <section class={release ? 'hb-panel hb-panel--decision' : 'hb-panel'} aria-labelledby="archive">
      <h2 id="archive">{release ? 'Look at the archive, then release it' : 'The archive'}</h2>
      {archives.map((archive) => (
        <Archive key={archive.part} archive={archive} only={archives.length === 1} />
      ))}
      {release && texts !== null && (
        <p>
          <a class="govuk-link" href={casePath(view.reference, 'review')}>
            Read the texts in which other people may appear
          </a>{' '}
          {texts === 'read' ? '(read for this copy)' : '(before you release)'}
        </p>
      )}
      {release && texts !== 'to_read' && (
        <Form action={casePath(view.reference, 'release')} csrf={shell.csrf} hidden={{ archive_sha256: first.sha256 }}>
          <TextField
            id="release-reason"
            name="reason"
            label="What is missing, if anything (optional)"
            hint="Only when a system could not answer in time. The letter names it."
            maxlength={1000}
          />
          <Button>I have looked at it: release</Button>
        </Form>
      )}
    </section>
  )
}
