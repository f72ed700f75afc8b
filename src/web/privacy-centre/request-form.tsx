import type { FieldError } from '../../errors.ts'
import { Details } from '../components/blocks.tsx'
import { Checkboxes, Radios, Select } from '../components/choices.tsx'
import { LastDay } from '../components/dates.tsx'
import { errorAt } from '../components/field.tsx'
import { Button, ErrorSummary, Form } from '../components/form.tsx'
import { Layout, type PublicShell } from '../components/layout.tsx'
import { TextArea, TextField } from '../components/text-field.tsx'
import { residenceChoices } from '../residences.ts'
import { RIGHT_CHOICES, type RightChoice } from '../right-choices.ts'

/**
 * `GET /request` and, with errors, the answer to its POST. The form sends: `rights` (values of `RIGHT_CHOICES`, repeated), `email`, `residence`,
 * `name`, `details`, `correction_field`/`correction_from`/`correction_to` (repeated, in step), `requester_role`, `requester_name`,
 * `requester_email`, `requester_organisation`.
 */
export interface RequestFormProps {
  shell: PublicShell
  offered: readonly string[]
  /** What was typed before, for filling in again; single fields by name. */
  values: Readonly<Record<string, string>>
  /** The ticked values of `rights`. */
  chosen: readonly string[]
  corrections: readonly { field: string; from: string; to: string }[]
  errors: readonly FieldError[]
  /** When a request made now must be answered, as a date or instant. */
  answer_by: string
}

const ROLES = [
  { value: 'self', text: 'Myself', id: 'requester_role' },
  { value: 'guardian', text: 'A child, or somebody I am the guardian of' },
  {
    value: 'agent',
    text: 'Somebody who has asked me to act for them',
    hint: 'Send us their written permission later, when we ask for it.',
  },
  { value: 'estate', text: 'Somebody who has died' },
  { value: 'other', text: 'Somebody else' },
]

function RightsQuestion({ offered, chosen, errors }: Pick<RequestFormProps, 'offered' | 'chosen' | 'errors'>) {
  const group = (name: RightChoice['group']) =>
    RIGHT_CHOICES.filter((choice) => choice.group === name && offered.includes(choice.value)).map(({ value, sentence, hint }) => ({
      value,
      text: sentence,
      hint,
      id: `rights-${value.replace(':', '-')}`,
    }))
  const [main, more, california] = [group('main'), group('more'), group('california')]
  const opened = (choices: readonly { value: string }[]) => choices.some(({ value }) => chosen.includes(value))
  return (
    <div id="rights">
      <Checkboxes
        id="rights-main"
        name="rights"
        label="What would you like us to do?"
        labelClass="govuk-fieldset__legend--m"
        hint="Tick everything you want, up to five."
        error={errorAt(errors, 'rights')}
        choices={main}
        chosen={chosen}
      />
      {more.length > 0 && (
        <Details summary="Something else" open={opened(more)}>
          <Checkboxes id="rights-more" name="rights" label="More that you can ask" choices={more} chosen={chosen} small />
        </Details>
      )}
      {california.length > 0 && (
        <Details summary="I live in California" open={opened(california)}>
          <Checkboxes
            id="rights-california"
            name="rights"
            label="What the law of California adds"
            choices={california}
            chosen={chosen}
            small
          />
        </Details>
      )}
    </div>
  )
}

function Corrections({ corrections, errors }: Pick<RequestFormProps, 'corrections' | 'errors'>) {
  const lines = corrections.length === 0 ? [{ field: '', from: '', to: '' }] : corrections
  return (
    <div class="hb-when hb-when--correction">
      <fieldset class="govuk-fieldset" id="corrections">
        <legend class="govuk-fieldset__legend govuk-fieldset__legend--m">What is wrong?</legend>
        {[...lines, { field: '', from: '', to: '' }].slice(0, 5).map((line, index) => (
          <div class="hb-correction" key={index}>
            <TextField
              id={`correction_field-${index + 1}`}
              name="correction_field"
              label={index === 0 ? 'Which detail' : 'Another detail (optional)'}
              hint={index === 0 ? 'For example: name, postal address' : undefined}
              value={line.field}
              error={index === 0 ? errorAt(errors, 'corrections') : undefined}
            />
            <TextField id={`correction_from-${index + 1}`} name="correction_from" label="What it says now (optional)" value={line.from} />
            <TextField id={`correction_to-${index + 1}`} name="correction_to" label="What it should say" value={line.to} />
          </div>
        ))}
      </fieldset>
    </div>
  )
}

function Requester({ values, errors }: Pick<RequestFormProps, 'values' | 'errors'>) {
  const field = (name: string) => ({ name, value: values[name], error: errorAt(errors, name) })
  return (
    <>
      <Radios
        {...field('requester_role')}
        label="Whose data is it?"
        labelClass="govuk-fieldset__legend--m"
        choices={ROLES}
        value={values['requester_role'] ?? 'self'}
      />
      <div class="hb-when hb-when--representative">
        <fieldset class="govuk-fieldset">
          <legend class="govuk-fieldset__legend govuk-fieldset__legend--m">About you, who write for them</legend>
          <TextField {...field('requester_name')} label="Your name" />
          <TextField {...field('requester_email')} type="email" label="Your email address" spellcheck={false} />
          <TextField {...field('requester_organisation')} label="Your organisation (optional)" />
        </fieldset>
      </div>
    </>
  )
}

/** One page, a handful of questions, nothing that is not needed to answer. */
export function RequestFormPage(props: RequestFormProps) {
  const { shell, values, errors } = props
  const field = (name: string) => ({ name, value: values[name], error: errorAt(errors, name) })
  return (
    <Layout shell={shell} title="Make a request" back={{ href: '/' }} failed={errors.length > 0}>
      <ErrorSummary errors={errors} ids={{ '/rights': 'rights', '/corrections': 'correction_field-1' }} />
      <h1 class="govuk-heading-xl">Make a request</h1>
      <Form action="/request" csrf={shell.csrf} class="hb-request">
        <RightsQuestion {...props} />
        <Corrections {...props} />
        <Requester {...props} />
        <h2 class="govuk-heading-m">How do we find the data?</h2>
        <TextField
          {...field('email')}
          type="email"
          label="Email address"
          hint="The one that is known to us. We send one mail with a code to it, and look for data under this address."
          autocomplete="email"
          spellcheck={false}
        />
        <Select
          {...field('residence')}
          label="Country or state of residence (optional)"
          hint="It decides which law protects you, and nothing else. Left open, we follow the strictest."
          choices={residenceChoices()}
          autocomplete="country"
        />
        <TextField {...field('name')} label="Name (optional)" hint="Only so that we can address you properly." autocomplete="name" />
        <TextArea
          {...field('details')}
          label="Anything we should know (optional)"
          hint="For example a period, a product, or a conversation with support. No passwords, no identity documents."
          rows={4}
          maxlength={5000}
        />
        <section class="hb-next" aria-labelledby="next">
          <h2 class="govuk-heading-s" id="next">
            What happens next
          </h2>
          <p class="govuk-body">
            We mail you a reference and a code. Type the code on the next page, and we begin. You have our answer by{' '}
            <strong>
              <LastDay until={props.answer_by} />
            </strong>
            . What you write here is used for your request only, and{' '}
            <a class="govuk-link" href="/privacy/retention">
              deleted afterwards
            </a>
            .
          </p>
        </section>
        <Button>Send the request</Button>
      </Form>
    </Layout>
  )
}
