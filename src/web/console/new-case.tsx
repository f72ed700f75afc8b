import { ConsoleLayout, type ConsoleShell, type Flash } from '../components/console-layout.tsx'
import type { FieldError } from '../../errors.ts'
import { Radios, Select } from '../components/choices.tsx'
import { errorAt } from '../components/field.tsx'
import { Button, ErrorSummary, Form } from '../components/form.tsx'
import { TextArea, TextField } from '../components/text-field.tsx'
import { residenceChoices } from '../residences.ts'
import { RIGHT_CHOICES } from '../right-choices.ts'
import { CHANNELS, rightName } from '../words.ts'

/**
 * `/console/cases/new`: a letter, a call or a mail becomes a case. POST `/console/cases/new` with `right` (a value of `RIGHT_CHOICES`),
 * `received_at` (local, `YYYY-MM-DDTHH:MM` in the shell's zone), `channel`, `residence`, `email`, `name`, `address`, `delivery`, `details`.
 */
export interface NewCasePageProps {
  shell: ConsoleShell
  flash?: Flash | undefined
  values: Readonly<Record<string, string>>
  errors: readonly FieldError[]
}

const OFFLINE = ['letter', 'call', 'mail', 'support', 'in_person'].map((value) => ({ value, text: CHANNELS[value] ?? value }))

const DELIVERY = [
  { value: 'link', text: 'By a link to their email address' },
  { value: 'post', text: 'By post' },
]

/** The form for what did not come by the web form; the clock starts when it really arrived. */
export function NewCasePage({ shell, flash, values, errors }: NewCasePageProps) {
  const field = (name: string) => ({ name, value: values[name], error: errorAt(errors, name) })
  const rights = RIGHT_CHOICES.map(({ value, right, scope, sentence }) => ({ value, text: `${rightName(right, scope)}: ${sentence}` }))
  return (
    <ConsoleLayout shell={shell} title="New case" current="new-case" flash={flash}>
      <h1>New case</h1>
      <p class="hb-lead">
        For letters, calls and mails. The clock started when the request reached anybody in the company, not now that you type it in.
      </p>
      <ErrorSummary errors={errors} />
      <Form action="/console/cases/new" csrf={shell.csrf} class="hb-panel hb-form">
        <Select {...field('right')} label="What they ask" choices={rights} />
        <div class="hb-pair">
          <TextField {...field('received_at')} type="datetime-local" label="Arrived" hint={`Local time, ${shell.zone}`} />
          <Select {...field('channel')} label="Came by" choices={OFFLINE} />
        </div>
        <Select
          {...field('residence')}
          label="Residence (optional)"
          hint="Left open, the strictest rules apply."
          choices={residenceChoices()}
        />
        <fieldset class="govuk-fieldset">
          <legend class="govuk-fieldset__legend govuk-fieldset__legend--m">Who</legend>
          <TextField
            {...field('email')}
            type="email"
            label="Email address"
            hint="Or name and postal address, when there is none"
            spellcheck={false}
            autocomplete="off"
          />
          <div class="hb-pair">
            <TextField {...field('name')} label="Name" autocomplete="off" />
            <TextField {...field('address')} label="Postal address" autocomplete="off" />
          </div>
        </fieldset>
        <Radios {...field('delivery')} label="The answer goes" choices={DELIVERY} value={values['delivery'] ?? 'link'} inline small />
        <TextArea {...field('details')} label="What they wrote or said (optional)" rows={4} maxlength={5000} />
        <Button>Open the case</Button>
      </Form>
    </ConsoleLayout>
  )
}
