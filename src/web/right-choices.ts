import type { FieldError } from '../errors.ts'
import type { Right } from './words.ts'

/** One plain sentence a person can tick, and the right (with scope) it stands for. */
export interface RightChoice {
  /** What the form sends in `rights`: `right` or `right:scope`. */
  value: string
  right: Right
  scope: string | null
  /** Shown as the heading of its entry on the first page. */
  title: string
  sentence: string
  hint: string
  group: 'main' | 'more' | 'california'
}

/** Everything the form can offer, in the order in which it is shown; nobody has to know the name of an article. */
export const RIGHT_CHOICES: readonly RightChoice[] = [
  {
    value: 'access',
    right: 'access',
    scope: null,
    title: 'Get a copy',
    sentence: 'Send me a copy of the data you hold about me',
    hint: 'A file you can open and read, with where each thing came from and who received it.',
    group: 'main',
  },
  {
    value: 'erasure',
    right: 'erasure',
    scope: null,
    title: 'Delete',
    sentence: 'Delete the data you hold about me',
    hint: 'Some records must be kept by law, such as invoices. We tell you which, why and until when.',
    group: 'main',
  },
  {
    value: 'rectification',
    right: 'rectification',
    scope: null,
    title: 'Correct',
    sentence: 'Correct data about me that is wrong or out of date',
    hint: 'Tell us what is wrong and what it should say.',
    group: 'main',
  },
  {
    value: 'portability',
    right: 'portability',
    scope: null,
    title: 'Take it with you',
    sentence: 'Give me my data in a form another service can read',
    hint: 'What you gave us and what your use of the service produced, as CSV and JSON.',
    group: 'main',
  },
  {
    value: 'objection:marketing',
    right: 'objection',
    scope: 'marketing',
    title: 'Stop marketing',
    sentence: 'Stop sending me marketing',
    hint: 'Done at once. You need to prove nothing.',
    group: 'main',
  },
  {
    value: 'objection:other',
    right: 'objection',
    scope: 'other',
    title: 'Object',
    sentence: 'Stop using my data for a purpose I disagree with',
    hint: 'Say which use you mean, and what is particular about your situation.',
    group: 'more',
  },
  {
    value: 'restriction',
    right: 'restriction',
    scope: null,
    title: 'Pause',
    sentence: 'Keep my data but do not use it for now',
    hint: 'For example while we check whether it is right, or because you need it for a legal claim.',
    group: 'more',
  },
  {
    value: 'consent_withdrawal',
    right: 'consent_withdrawal',
    scope: null,
    title: 'Take back a permission',
    sentence: 'Take back a permission I gave you',
    hint: 'It is as easy as giving it was. You need to prove nothing.',
    group: 'more',
  },
  {
    value: 'automated_decision',
    right: 'automated_decision',
    scope: null,
    title: 'Ask for a person',
    sentence: 'Have a person look at a decision a computer made about me',
    hint: 'Tell us which decision.',
    group: 'more',
  },
  {
    value: 'know:specific',
    right: 'know',
    scope: 'specific',
    title: 'Know: your data',
    sentence: 'Send me the specific pieces of personal information you have collected about me',
    hint: 'Everything since 1 January 2022.',
    group: 'california',
  },
  {
    value: 'know:categories',
    right: 'know',
    scope: 'categories',
    title: 'Know: categories',
    sentence: 'Tell me the categories of personal information you collect, use and disclose',
    hint: 'Categories, sources, purposes and recipients.',
    group: 'california',
  },
  {
    value: 'delete',
    right: 'delete',
    scope: null,
    title: 'Delete (California)',
    sentence: 'Delete the personal information you have collected from me',
    hint: 'You keep the same service and price.',
    group: 'california',
  },
  {
    value: 'correct',
    right: 'correct',
    scope: null,
    title: 'Correct (California)',
    sentence: 'Correct inaccurate personal information about me',
    hint: 'Tell us what is wrong and what it should say.',
    group: 'california',
  },
  {
    value: 'opt_out',
    right: 'opt_out',
    scope: null,
    title: 'Do not sell or share',
    sentence: 'Do not sell or share my personal information',
    hint: 'You need to prove nothing.',
    group: 'california',
  },
  {
    value: 'limit',
    right: 'limit',
    scope: null,
    title: 'Limit sensitive data',
    sentence: 'Limit the use of my sensitive personal information',
    hint: 'You need to prove nothing.',
    group: 'california',
  },
]

/** The sentence of a right (with its scope, when one fits), or nothing for a right nobody is offered. */
export function findChoice(right: string, scope: string | null): RightChoice | undefined {
  const same = RIGHT_CHOICES.filter((choice) => choice.right === right)
  return same.find((choice) => choice.scope === scope) ?? same[0]
}

/** What ticked sentences mean to `POST /v1/requests`. */
export interface ChosenRights {
  rights: Right[]
  scope: { know?: 'categories' | 'specific'; objection?: 'marketing' | 'other' }
  errors: FieldError[]
}

/** Turns the values of `rights` into rights and scope; two scopes of one right are two requests, and an error here. */
export function readChoices(values: readonly string[]): ChosenRights {
  const chosen: ChosenRights = { rights: [], scope: {}, errors: [] }
  for (const { right, scope } of RIGHT_CHOICES.filter(({ value }) => values.includes(value))) {
    if (chosen.rights.includes(right)) {
      chosen.errors.push({ pointer: '/rights', detail: 'Two of these ask for the same thing in two ways. Send them one after the other.' })
      continue
    }
    chosen.rights.push(right)
    if (scope === 'categories' || scope === 'specific') chosen.scope.know = scope
    if (scope === 'marketing' || scope === 'other') chosen.scope.objection = scope
  }
  if (chosen.rights.length === 0) chosen.errors.push({ pointer: '/rights', detail: 'Tick at least one thing you want us to do' })
  if (chosen.rights.length > 5) chosen.errors.push({ pointer: '/rights', detail: 'Tick at most five' })
  return chosen
}
