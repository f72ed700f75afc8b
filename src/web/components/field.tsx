import type { ComponentChildren } from 'preact'
import type { FieldError } from '../../errors.ts'
import { classes } from './text.ts'

/** What every form field has: its name, its label, and what may stand beside it. */
export interface FieldProps {
  name: string
  label: string
  id?: string | undefined
  hint?: string | undefined
  error?: string | undefined
  /** Label shown large, for a page with a single question. */
  labelClass?: string | undefined
}

/** The sentence about one field, found by its JSON pointer `/name`. */
export function errorAt(errors: readonly FieldError[], name: string): string | undefined {
  return errors.find(({ pointer }) => pointer === `/${name}` || pointer.startsWith(`/${name}/`))?.detail
}

/** The ids that a field's `aria-describedby` names, or nothing. */
export function describedBy(id: string, hint: string | undefined, error: string | undefined): string | undefined {
  return classes(hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`) || undefined
}

/** The frame around one field; red when there is something to correct. */
export function FormGroup({ error, class: extra, children }: { error?: string | undefined; class?: string; children: ComponentChildren }) {
  return <div class={classes('govuk-form-group', error !== undefined && 'govuk-form-group--error', extra)}>{children}</div>
}

/** Help and error of one field, in the order screen readers expect. */
export function HintAndError({ id, hint, error }: { id: string; hint?: string | undefined; error?: string | undefined }) {
  return (
    <>
      {hint !== undefined && (
        <div id={`${id}-hint`} class="govuk-hint">
          {hint}
        </div>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} class="govuk-error-message">
          <span class="govuk-visually-hidden">Error:</span> {error}
        </p>
      )}
    </>
  )
}

/** A field with one control: frame, label, help, error, control. */
export function LabelledField({ id, field, children }: { id: string; field: FieldProps; children: ComponentChildren }) {
  return (
    <FormGroup error={field.error}>
      <label class={classes('govuk-label', field.labelClass)} for={id}>
        {field.label}
      </label>
      <HintAndError id={id} hint={field.hint} error={field.error} />
      {children}
    </FormGroup>
  )
}
