import { Button, Form } from '../components/form.tsx'
import { CodeEntry } from '../components/text-field.tsx'

interface ProofFormProps {
  reference: string
  csrf: string
  error?: string | undefined
  button?: string
}

/** Types the mailed code for one request: POST `/status/{reference}/proof` with `code`. */
export function ProofForm({ reference, csrf, error, button = 'Continue' }: ProofFormProps) {
  return (
    <Form action={`/status/${encodeURIComponent(reference)}/proof`} csrf={csrf}>
      <CodeEntry error={error} />
      <Button>{button}</Button>
    </Form>
  )
}

/** Asks for a new code: POST `/status/{reference}/code`. The answer is the same whether or not the reference exists. */
export function NewCodeForm({ reference, csrf }: { reference: string; csrf: string }) {
  return (
    <Form action={`/status/${encodeURIComponent(reference)}/code`} csrf={csrf} class="hb-inline-form">
      <Button kind="secondary">Send me a new code</Button>
    </Form>
  )
}
