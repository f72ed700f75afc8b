import { Layout, type PublicShell } from '../components/layout.tsx'

/** Any refusal or fault on a public page: a title, a sentence, and the id that support can look up. */
export interface ErrorPageProps {
  shell: PublicShell
  title: string
  sentence: string
  instance: string | null
}

/** Says what went wrong and where to go from here; never how it went wrong inside. */
export function ErrorPage({ shell, title, sentence, instance }: ErrorPageProps) {
  return (
    <Layout shell={shell} title={title}>
      <h1 class="govuk-heading-l">{title}</h1>
      <p class="govuk-body">{sentence}</p>
      <p class="govuk-body">
        <a class="govuk-link" href="/">
          Go to the first page
        </a>{' '}
        or write to{' '}
        <a class="govuk-link" href={`mailto:${shell.dpo.email}`}>
          {shell.dpo.email}
        </a>
        .
      </p>
      {instance !== null && (
        <p class="govuk-body-s hb-quiet">
          If you write to us, name this number: <code class="hb-hash">{instance}</code>
        </p>
      )}
    </Layout>
  )
}

/** The page for an address that leads nowhere. */
export function NotFoundPage({ shell }: { shell: PublicShell }) {
  return (
    <ErrorPage
      shell={shell}
      title="There is nothing here"
      sentence="If you typed the address, check that it is right. If you came from a link in a mail, it may be out of date."
      instance={null}
    />
  )
}
