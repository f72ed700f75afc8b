import { describedBy, type FieldProps, FormGroup, HintAndError } from './field.tsx'
import { classes } from './text.ts'

/** One thing that can be chosen. */
export interface Choice {
  value: string
  text: string
  hint?: string | undefined
  id?: string
}

type Kind = 'radios' | 'checkboxes'

interface ChoicesProps extends FieldProps {
  choices: readonly Choice[]
  chosen?: readonly string[] | undefined
  inline?: boolean
  small?: boolean
}

interface ItemProps {
  kind: Kind
  name: string
  id: string
  choice: Choice
  chosen: boolean
}

function Item({ kind, name, id, choice, chosen }: ItemProps) {
  const hintId = choice.hint === undefined ? undefined : `${id}-item-hint`
  return (
    <div class={`govuk-${kind}__item`}>
      <input
        class={`govuk-${kind}__input`}
        id={id}
        name={name}
        type={kind === 'radios' ? 'radio' : 'checkbox'}
        value={choice.value}
        checked={chosen}
        aria-describedby={hintId}
      />
      <label class={`govuk-label govuk-${kind}__label`} for={id}>
        {choice.text}
      </label>
      {hintId !== undefined && (
        <div id={hintId} class={`govuk-hint govuk-${kind}__hint`}>
          {choice.hint}
        </div>
      )}
    </div>
  )
}

function Choices({ kind, ...field }: ChoicesProps & { kind: Kind }) {
  const id = field.id ?? field.name
  const shape = classes(`govuk-${kind}`, field.inline && `govuk-${kind}--inline`, field.small && `govuk-${kind}--small`)
  return (
    <FormGroup error={field.error}>
      <fieldset class="govuk-fieldset" aria-describedby={describedBy(id, field.hint, field.error)}>
        <legend class={classes('govuk-fieldset__legend', field.labelClass)}>{field.label}</legend>
        <HintAndError id={id} hint={field.hint} error={field.error} />
        <div class={shape} data-module={`govuk-${kind}`}>
          {field.choices.map((choice, index) => (
            <Item
              key={choice.value}
              kind={kind}
              name={field.name}
              id={choice.id ?? (index === 0 ? id : `${id}-${index + 1}`)}
              choice={choice}
              chosen={field.chosen?.includes(choice.value) ?? false}
            />
          ))}
        </div>
      </fieldset>
    </FormGroup>
  )
}

/** One of several. */
export function Radios({ value, ...field }: Omit<ChoicesProps, 'chosen'> & { value?: string | undefined }) {
  return <Choices kind="radios" chosen={value === undefined ? [] : [value]} {...field} />
}

/** Any of several; every chosen value is sent under the same name. */
export function Checkboxes(field: ChoicesProps) {
  return <Choices kind="checkboxes" {...field} />
}

/** One of many, in a list that opens. */
export function Select(field: FieldProps & { choices: readonly Choice[]; value?: string | undefined; autocomplete?: string }) {
  const id = field.id ?? field.name
  return (
    <FormGroup error={field.error}>
      <label class={classes('govuk-label', field.labelClass)} for={id}>
        {field.label}
      </label>
      <HintAndError id={id} hint={field.hint} error={field.error} />
      <select
        class={classes('govuk-select', field.error !== undefined && 'govuk-select--error')}
        id={id}
        name={field.name}
        aria-describedby={describedBy(id, field.hint, field.error)}
        autocomplete={field.autocomplete}
      >
        {field.choices.map(({ value, text }) => (
          <option key={value} value={value} selected={value === field.value}>
            {text}
          </option>
        ))}
      </select>
    </FormGroup>
  )
}
