import { z } from 'zod'
import { RIGHTS } from '../../policy/schema.ts'

const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => !hasControlCharacters(text), 'must be one line without control characters')

/** Text of several lines: anything but control characters that no keyboard types. */
const lines = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => !hasControlCharacters(text.replaceAll(/[\r\n\t]/g, ' ')), 'must not have control characters')

function hasControlCharacters(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- the very characters that are refused
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)
}

const scope = z.strictObject({
  know: z.enum(['categories', 'specific']).optional(),
  objection: z.enum(['marketing', 'other']).optional(),
  erasure: z
    .enum(['consent_withdrawn', 'objection', 'unlawful', 'child'])
    .optional()
    .describe('on which ground of Art. 17(1) GDPR: (b), (c), (d), (f); no recovery copy is kept then'),
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
})

const residence = z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'expected an ISO 3166 code such as NL or US-CA')

/** What anybody may send to `POST /v1/requests` (design.md §5). */
export const requestInput = z
  .strictObject({
    right: z.enum(RIGHTS).optional(),
    rights: z.array(z.enum(RIGHTS)).min(1).max(5).optional(),
    scope: scope.optional(),
    email: z.string().max(320),
    residence: residence.optional(),
    name: line(200).optional(),
    identifiers: z
      .array(z.strictObject({ kind: line(63), value: line(500) }))
      .max(10)
      .optional(),
    details: lines(5_000).optional(),
    corrections: z
      .array(z.strictObject({ field: line(100), from: line(1_000).optional(), to: line(1_000) }))
      .min(1)
      .max(20)
      .optional(),
    requester: z
      .strictObject({
        role: z.enum(['subject', 'agent', 'guardian', 'estate', 'other']),
        name: line(200),
        email: z.string().max(320),
        organisation: line(200).optional(),
      })
      .optional(),
    locale: z
      .string()
      .regex(/^[a-z]{2}(-[A-Z]{2})?$/)
      .optional(),
  })
  .superRefine((input, check) => {
    if ((input.right === undefined) === (input.rights === undefined)) {
      check.addIssue({ code: 'custom', path: ['right'], message: 'send either right or rights' })
    }
    const rights = rightsOf(input)
    if (new Set(rights).size !== rights.length) check.addIssue({ code: 'custom', path: ['rights'], message: 'a right is named twice' })
    const corrects = rights.some((right) => right === 'rectification' || right === 'correct')
    if (corrects && input.corrections === undefined) {
      check.addIssue({ code: 'custom', path: ['corrections'], message: 'say which field is wrong and what is right' })
    }
  })

/** What an operator or a trusted back end may send to `POST /v1/cases`. */
export const caseInput = z.strictObject({
  right: z.enum(RIGHTS),
  scope: scope.optional(),
  received_at: z.iso.datetime({ offset: true, error: 'Enter the day and time at which it arrived' }),
  channel: z.enum(['letter', 'call', 'mail', 'support', 'in_person', 'api']),
  residence: residence.optional(),
  subject: z.union([
    z
      .strictObject({ email: z.string().max(320).optional(), name: line(200).optional(), address: lines(1_000).optional() })
      .refine(({ email, name, address }) => email !== undefined || (name !== undefined && address !== undefined), {
        path: ['email'],
        error: 'Enter an email address, or a name and a postal address',
      }),
    z.strictObject({
      kind: line(63),
      value: line(500),
      authenticated_at: z.iso.datetime({ offset: true }),
      method: line(100),
      email: z.string().max(320).optional(),
    }),
  ]),
  corrections: requestInput.shape.corrections,
  delivery: z.enum(['link', 'post']).default('link'),
  details: lines(5_000).optional(),
})

export type RequestInput = z.output<typeof requestInput>
export type CaseInput = z.output<typeof caseInput>

/** The rights of a message: one, or up to five that become a case each. */
export function rightsOf(input: Pick<RequestInput, 'right' | 'rights'>): readonly (typeof RIGHTS)[number][] {
  return input.rights ?? (input.right === undefined ? [] : [input.right])
}
