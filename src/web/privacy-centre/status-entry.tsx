import type { FieldError } from '../../errors.ts'
import { Details, Notice } from '../components/blocks.tsx'
import { errorAt } from '../components/field.tsx'
import { Button, ErrorSummary, Form } from '../components/form.tsx'
import { Layout, type PublicShell } from '../components/layout.tsx'
import { CodeEntry, TextField } from '../components/text-field.tsx'
import { NewCodeForm, ProofForm } from './proof-form.tsx'

/**
 * `/status` (no reference: POST `/status` with `reference` and `code`) and `/status/{reference}` without a token
 * (POST `/status/{reference}/proof` with `code`). Says nothing about whether the reference exists.
 */
export interface StatusEntryProps {
  shell: PublicShell
  reference: string | null
  errors: readonly FieldError[]
  /** A new code was asked for; true whether or not one was sent. */
  code_sent: boolean
}

function WithReference({ shell, reference, errors, code_sent }: StatusEntryProps & { reference: string }) {
  return (
    <>
      {code_sent && (
        <Notice kind="success" title="Code">
          <p class="govuk-notification-banner__heading">If this request exists, a new code is on its way.</p>
        </Notice>
      )}
      <h1 class="govuk-heading-xl">Follow your request</h1>
      <p class="govuk-body">
        Reference <strong class="hb-reference">{reference}</strong>
      </p>
      <ProofForm reference={reference} csrf={shell.csrf} error={errorAt(errors, 'code')} button="Show my request" />
      <Details summary="I have no code, or it does not work">
        <p class="govuk-body">A code works once and for ten minutes. We send at most three a day.</p>
        <NewCodeForm reference={reference} csrf={shell.csrf} />
      </Details>
      <p class="govuk-body">
        <a class="govuk-link" href="/status">
          Use another reference
        </a>
      </p>
    </>
  )
}

function WithoutReference({ shell, errors }: StatusEntryProps) {
  return (
    <>
      <h1 class="govuk-heading-xl">Follow your request</h1>
      <p class="govuk-body">
        You need the reference and the code from our mail. If you have no code any more, leave it empty and we send you a new one.
      </p>
      <Form action="/status" csrf={shell.csrf}>
        <TextField
          name="reference"
          label="Reference"
          hint="It looks like HAB-7K3M-9QX2"
          error={errorAt(errors, 'reference')}
          autocomplete="off"
          spellcheck={false}
          width="20"
          inputClass="hb-code-input"
        />
        <CodeEntry error={errorAt(errors, 'code')} />
        <Button>Show my request</Button>
      </Form>
    </>
  )
}

/** Asks for what opens a request: reference and code. */
export function StatusEntryPage(props: StatusEntryProps) {
  const { shell, reference, errors } = props
  return (
    <Layout shell={shell} title="Follow your request" back={{ href: '/' }} failed={errors.length > 0}>
      <ErrorSummary errors={errors} />
      {reference === null ? <WithoutReference {...props} /> : <WithReference {...props} reference={reference} />}
    </Layout>
  )
}
