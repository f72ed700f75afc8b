import { readFileSync } from 'node:fs'
import type { VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { expect, test } from 'vitest'
import { BackLink, Details, Notice, Panel, SummaryList, Warning } from '../../src/web/components/blocks.tsx'
import { Checkboxes, Radios, Select } from '../../src/web/components/choices.tsx'
import { DateField } from '../../src/web/components/date-field.tsx'
import { Button, ButtonLink, ErrorSummary } from '../../src/web/components/form.tsx'
import { Tag } from '../../src/web/components/tags.tsx'
import { TextArea, TextField } from '../../src/web/components/text-field.tsx'
import { parse } from './html.ts'

const components = new URL('../../node_modules/govuk-frontend/dist/govuk/components/', import.meta.url)

/** The official markup of one example. */
function official(component: string, name: string): string {
  const file: { fixtures: { name: string; html: string }[] } = JSON.parse(
    readFileSync(new URL(`${component}/fixtures.json`, components), 'utf8'),
  )
  const fixture = file.fixtures.find((one) => one.name === name)
  if (fixture === undefined) throw new Error(`${component} has no fixture "${name}"`)
  return fixture.html
}

const yesNo = [
  { value: 'yes', text: 'Yes' },
  { value: 'no', text: 'No' },
]
const nationalities = [
  { value: 'british', text: 'British' },
  { value: 'irish', text: 'Irish' },
]
const insurance = { name: 'test-name-2', id: 'input-with-hint-text', label: 'National insurance number' }
const whereItIs = 'It’s on your National Insurance card, benefit letter, payslip or P60. For example, ‘QQ 12 34 56 C’.'
const renamed = { label: 'Have you changed your name?', hint: 'This includes changing your last name or spelling your name differently.' }
const personRows = [
  { key: 'Name', value: 'Firstname Lastname' },
  { key: 'Date of birth', value: '13/08/1980' },
]

const cases: [component: string, fixture: string, ours: VNode][] = [
  ['button', 'default', <Button>Save and continue</Button>],
  [
    'button',
    'secondary',
    <Button kind="secondary" name="secondary">
      Secondary button
    </Button>,
  ],
  [
    'button',
    'warning',
    <Button kind="warning" name="Warning">
      Warning button
    </Button>,
  ],
  ['button', 'link', <ButtonLink href="/">Link button</ButtonLink>],
  ['input', 'default', <TextField name="test-name" label="National Insurance number" />],
  ['input', 'with hint text', <TextField {...insurance} hint={whereItIs} />],
  ['input', 'with width-2 class', <TextField {...insurance} id="input-width-2" name="test-width-2" hint={whereItIs} width="2" />],
  [
    'input',
    'with error message',
    <TextField
      id="input-with-error-message"
      name="test-name-3"
      label="National Insurance number"
      error="Enter a National Insurance number in the correct format"
    />,
  ],
  ['textarea', 'default', <TextArea name="more-detail" label="Can you provide more detail?" />],
  [
    'textarea',
    'with hint and error message',
    <TextArea name="with-hint-error" label="With hint and error" hint="Hint" error="Error message" />,
  ],
  ['radios', 'default', <Radios name="example-default" label="Have you changed your name?" choices={yesNo} />],
  ['radios', 'with hint', <Radios name="example-with-hint" {...renamed} choices={yesNo} />],
  ['radios', 'inline', <Radios name="example" {...renamed} choices={yesNo} value="no" inline />],
  [
    'checkboxes',
    'default',
    <Checkboxes
      name="nationality"
      label="What is your nationality?"
      choices={[...nationalities, { value: 'other', text: 'Citizen of another country' }]}
    />,
  ],
  [
    'checkboxes',
    'with error message and hint',
    <Checkboxes
      name="example"
      label="What is your nationality?"
      hint="If you have dual nationality, select all options that are relevant to you."
      error="Please select an option"
      choices={nationalities}
    />,
  ],
  [
    'select',
    'with hint text and error message',
    <Select
      name="select-2"
      label="Label text goes here"
      hint="Hint text goes here"
      error="Error message goes here"
      choices={['1', '2', '3'].map((value) => ({ value, text: `GOV.UK frontend option ${value}` }))}
    />,
  ],
  [
    'date-input',
    'with values and name prefix',
    <DateField
      id="with-values-name-prefix"
      name="dob"
      label="What is your date of birth?"
      hint="For example, 31 3 1980"
      values={{ 'dob-day': '31', 'dob-month': '3', 'dob-year': '1980' }}
    />,
  ],
  [
    'error-summary',
    'default',
    <ErrorSummary
      errors={[
        { pointer: '/issued', detail: 'The date your passport was issued must be in the past' },
        { pointer: '/postcode', detail: 'Enter a postcode, like AA1 1AA' },
      ]}
      ids={{ '/issued': 'example-error-1', '/postcode': 'example-error-2' }}
    />,
  ],
  [
    'panel',
    'default',
    <Panel title="Application complete">
      Your reference number
      <br />
      <strong>HDJ2123F</strong>
    </Panel>,
  ],
  ['panel', 'title with no body text', <Panel title="Application complete" />],
  [
    'summary-list',
    'default',
    <SummaryList
      rows={[
        ...personRows,
        {
          key: 'Contact information',
          value: (
            <>
              <p class="govuk-body">email@email.com</p>
              <p class="govuk-body">
                Address line 1<br />
                Address line 2<br />
                Address line 3<br />
                Address line 4<br />
                Address line 5
              </p>
            </>
          ),
        },
      ]}
    />,
  ],
  ['tag', 'default', <Tag text="Alpha" />],
  ['tag', 'green', <Tag text="Green" tone="green" />],
  ['tag', 'grey', <Tag text="Grey" tone="grey" />],
  [
    'notification-banner',
    'with type as success',
    <Notice kind="success" title="Success">
      <p class="govuk-notification-banner__heading">Email sent to example@email.com</p>
    </Notice>,
  ],
  ['warning-text', 'default', <Warning>You can be fined up to £5,000 if you don’t register.</Warning>],
  ['back-link', 'default', <BackLink href="#" />],
  [
    'details',
    'default',
    <Details summary="Help with nationality">
      We need to know your nationality so we can work out which elections you’re entitled to vote in. If you can’t provide your nationality,
      you’ll have to send copies of identity documents through the post.
    </Details>,
  ],
]

test.each(cases)('our %s agrees with the official example "%s"', (component, fixture, ours) => {
  expect(parse(renderToString(ours))).toEqual(parse(official(component, fixture)))
})

test('a summary row with actions has the official markup of its actions', () => {
  const edit = { href: '#', text: 'Edit', hidden: 'name' }
  const remove = { href: '#remove', text: 'Delete', hidden: 'name' }
  const markup = renderToString(<SummaryList rows={[{ key: 'Name', value: 'Firstname Lastname', actions: [edit, remove] }]} />)
  const [row] = parse(official('summary-list', 'with actions').replace('href="#">Delete', 'href="#remove">Delete')).children.flatMap(
    (list) => (typeof list === 'string' ? [] : list.children),
  )
  expect(parse(markup).children.flatMap((list) => (typeof list === 'string' ? [] : list.children))).toEqual([row])
})
