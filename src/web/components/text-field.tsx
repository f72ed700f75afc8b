import { describedBy, type FieldProps, LabelledField } from './field.tsx'
import { classes } from './text.ts'

/** A line of text, an email address, a date or a file. */
export interface TextFieldProps extends FieldProps {
  type?: 'text' | 'email' | 'date' | 'datetime-local' | 'password' | 'search'
  value?: string | undefined
  autocomplete?: string
  inputmode?: 'text' | 'numeric' | 'email'
  width?: '2' | '4' | '5' | '10' | '20' | '30'
  spellcheck?: boolean
  required?: boolean
  maxlength?: number
  inputClass?: string
}

/** One line of text with label, help and error. */
export function TextField(field: TextFieldProps) {
  const id = field.id ?? field.name
  const failed = field.error !== undefined && 'govuk-input--error'
  const width = field.width !== undefined && `govuk-input--width-${field.width}`
  // oxlint-disable-next-line no-unsafe-type-assertion -- Preact types each input type apart, because roles differ; we set no role.
  const type = (field.type ?? 'text') as 'text'
  return (
    <LabelledField id={id} field={field}>
      <input
        class={classes('govuk-input', failed, width, field.inputClass)}
        id={id}
        name={field.name}
        type={type}
        value={field.value}
        aria-describedby={describedBy(id, field.hint, field.error)}
        autocomplete={field.autocomplete}
        inputmode={field.inputmode}
        spellcheck={field.spellcheck}
        required={field.required}
        maxlength={field.maxlength}
      />
    </LabelledField>
  )
}

/** Several lines of text. */
export function TextArea(field: FieldProps & { value?: string | undefined; rows?: number; required?: boolean; maxlength?: number }) {
  const id = field.id ?? field.name
  return (
    <LabelledField id={id} field={field}>
      <textarea
        class={classes('govuk-textarea', field.error !== undefined && 'govuk-textarea--error')}
        id={id}
        name={field.name}
        rows={field.rows ?? 5}
        aria-describedby={describedBy(id, field.hint, field.error)}
        required={field.required}
        maxlength={field.maxlength}
      >
        {field.value}
      </textarea>
    </LabelledField>
  )
}

/** A file to hand in; its form must be `multipart`. */
export function FileField(field: FieldProps) {
  const id = field.id ?? field.name
  const failed = field.error !== undefined && 'govuk-file-upload--error'
  return (
    <LabelledField id={id} field={field}>
      <input
        class={classes('govuk-file-upload', failed)}
        id={id}
        name={field.name}
        type="file"
        aria-describedby={describedBy(id, field.hint, field.error)}
      />
    </LabelledField>
  )
}

/** The code that was mailed: big, spaced, no corrections by the keyboard. */
export function CodeEntry({ error, id = 'code' }: { error?: string | undefined; id?: string }) {
  return (
    <TextField
      id={id}
      name="code"
      label="Code from the email"
      hint="Eight letters, such as BCDF-GHJK. It works once, for ten minutes."
      error={error}
      autocomplete="one-time-code"
      spellcheck={false}
      maxlength={20}
      width="10"
      inputClass="hb-code-input"
    />
  )
}
