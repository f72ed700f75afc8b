import { expect, test } from 'vitest'
import { NewCasePage } from '../../src/web/console/new-case.tsx'
import { MailboxPage } from '../../src/web/mailbox.tsx'
import { RequestFormPage } from '../../src/web/privacy-centre/request-form.tsx'
import { StatusEntryPage } from '../../src/web/privacy-centre/status-entry.tsx'
import { renderPage } from '../../src/web/render.ts'
import { elementsOf, parse } from './html.ts'
import { consoleShell, publicShell } from './people.ts'

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(2)>'</textarea></style>`

function attackedPages() {
  const errors = [{ pointer: '/email', detail: HOSTILE }]
  return [
    <RequestFormPage
      shell={{ ...publicShell, company: HOSTILE, demo: { text: HOSTILE, mailbox_url: null } }}
      offered={['access', 'rectification']}
      values={{ email: HOSTILE, name: HOSTILE, details: HOSTILE, residence: HOSTILE }}
      chosen={[HOSTILE]}
      corrections={[{ field: HOSTILE, from: HOSTILE, to: HOSTILE }]}
      errors={errors}
      answer_by={HOSTILE}
    />,
    <StatusEntryPage shell={publicShell} reference={HOSTILE} errors={errors} code_sent />,
    <NewCasePage shell={consoleShell} values={{ email: HOSTILE, details: HOSTILE }} errors={errors} />,
    <MailboxPage zone="UTC" mails={[{ to: HOSTILE, subject: HOSTILE, text: HOSTILE, sent_at: HOSTILE }]} />,
  ]
}

test('what a stranger types stays text, in elements and in attributes', () => {
  for (const page of attackedPages()) {
    const markup = renderPage(page)
    const all = elementsOf(parse(markup))
    expect(all.filter(({ tag }) => tag === 'script' || tag === 'img')).toEqual([])
    expect(all.flatMap(({ attributes }) => Object.keys(attributes)).filter((name) => name.startsWith('on'))).toEqual([])
    expect(markup).toContain('&lt;script>alert(1)')
  }
})

test('a reference with a slash cannot send its form elsewhere', () => {
  const markup = renderPage(<StatusEntryPage shell={publicShell} reference="../console?x=" errors={[]} code_sent={false} />)
  const actions = elementsOf(parse(markup)).flatMap(({ attributes }) => attributes['action'] ?? [])
  expect(actions).toEqual(['/status/..%2Fconsole%3Fx%3D/proof', '/status/..%2Fconsole%3Fx%3D/code'])
})
