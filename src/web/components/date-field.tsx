import { describedBy, type FieldProps, FormGroup, HintAndError } from './field.tsx'
import { classes } from './text.ts'

const PARTS = [
  ['day', 'Day', '2'],
  ['month', 'Month', '2'],
  ['year', 'Year', '4'],
] as const

/** A date as three numbers, sent as `name-day`, `name-month`, `name-year`: no calendar to open, no format to guess. */
export function DateField(field: FieldProps & { values?: Readonly<Record<string, string>> | undefined }) {
  const id = field.id ?? field.name
  return (
    <FormGroup error={field.error}>
      <fieldset class="govuk-fieldset" role="group" aria-describedby={describedBy(id, field.hint, field.error)}>
        <legend class={classes('govuk-fieldset__legend', field.labelClass)}>{field.label}</legend>
        <HintAndError id={id} hint={field.hint} error={field.error} />
        <div class="govuk-date-input" id={id}>
          {PARTS.map(([part, label, width]) => (
            <div class="govuk-date-input__item" key={part}>
              <div class="govuk-form-group">
                <label class="govuk-label govuk-date-input__label" for={`${id}-${part}`}>
                  {label}
                </label>
                <input
                  class={classes(
                    'govuk-input govuk-date-input__input',
                    field.error !== undefined && 'govuk-input--error',
                    `govuk-input--width-${width}`,
                  )}
                  id={`${id}-${part}`}
                  name={`${field.name}-${part}`}
                  type="text"
                  inputmode="numeric"
                  value={field.values?.[`${field.name}-${part}`]}
                />
              </div>
            </div>
          ))}
        </div>
      </fieldset>
    </FormGroup>
  )
}
