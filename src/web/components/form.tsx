import type { ComponentChildren } from 'preact'
import type { FieldError } from '../../errors.ts'
import { classes } from './text.ts'

interface FormProps {
  action: string
  csrf: string
  /** Hidden fields sent along. */
  hidden?: Readonly<Record<string, string>>
  multipart?: boolean
  id?: string
  class?: string
  label?: string
  children: ComponentChildren
}

/** A form that changes something: always POST, always with the token that shows it came from our page. */
export function Form({ action, csrf, hidden = {}, multipart = false, id, class: extra, label, children }: FormProps) {
  return (
    <form
      action={action}
      method="post"
      id={id}
      class={extra}
      novalidate
      aria-label={label}
      enctype={multipart ? 'multipart/form-data' : undefined}
    >
      <input type="hidden" name="_csrf" value={csrf} />
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
    </form>
  )
}

interface ButtonProps {
  children: ComponentChildren
  kind?: 'primary' | 'secondary' | 'warning'
  name?: string
  value?: string
  class?: string
  /** The id of a form elsewhere on the page. */
  form?: string
}

/** A button that sends the form it stands in. */
export function Button({ children, kind = 'primary', name, value, class: extra, form }: ButtonProps) {
  return (
    <button
      type="submit"
      name={name}
      value={value}
      form={form}
      class={classes('govuk-button', kind !== 'primary' && `govuk-button--${kind}`, extra)}
      data-module="govuk-button"
    >
      {children}
    </button>
  )
}

/** A link that looks like a button, for going somewhere. */
export function ButtonLink({
  href,
  children,
  kind = 'primary',
}: {
  href: string
  children: ComponentChildren
  kind?: 'primary' | 'secondary'
}) {
  return (
    <a
      href={href}
      role="button"
      draggable={false}
      class={classes('govuk-button', kind !== 'primary' && `govuk-button--${kind}`)}
      data-module="govuk-button"
    >
      {children}
    </a>
  )
}

/** Everything that must be corrected, at the top of the page, each line leading to its field. Nothing when all is well. */
export function ErrorSummary({ errors, ids = {} }: { errors: readonly FieldError[]; ids?: Readonly<Record<string, string>> }) {
  if (errors.length === 0) return null
  const target = (pointer: string) => ids[pointer] ?? pointer.split('/')[1] ?? ''
  return (
    <div class="govuk-error-summary" data-module="govuk-error-summary">
      <div role="alert">
        <h2 class="govuk-error-summary__title">There is a problem</h2>
        <div class="govuk-error-summary__body">
          <ul class="govuk-list govuk-error-summary__list">
            {errors.map(({ pointer, detail }) => (
              <li key={pointer + detail}>{target(pointer) === '' ? detail : <a href={`#${target(pointer)}`}>{detail}</a>}</li>
            ))}
          </ul>
        </div>
      </div>
    </div>
  )
}
