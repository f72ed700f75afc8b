import { z } from 'zod'
import { httpCollection, httpSource } from './schema-http.ts'
import { id, path, sqlName } from './schema-names.ts'
import { columnPath, condition, fieldChanges, scalar, type strategy } from './schema-strategies.ts'

/**
 * What an operator writes in YAML, one sentence a field. Every file of the policy folder begins with `habeas: 1` and holds any of the
 * sections below; sections of the same name are merged over the files, and a name defined twice is an error.
 */
const period = z
  .string()
  .regex(/^P(?=\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?$/, 'an ISO 8601 duration of days, months or years, such as P90D, P12M, P7Y')
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 2026-11-20')
const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.union([item.transform((value) => [value]), z.array(item).min(1)], 'a name, or a list of names')

export const RIGHTS = [
  'access',
  'portability',
  'rectification',
  'erasure',
  'restriction',
  'objection',
  'automated_decision',
  'know',
  'delete',
  'correct',
  'opt_out',
  'limit',
  'consent_withdrawal',
] as const
export const BASES = ['consent', 'contract', 'legal_obligation', 'vital_interests', 'public_task', 'legitimate_interest'] as const
export const REGIMES = ['gdpr', 'uk_gdpr', 'ccpa', 'other'] as const
const APPROVALS = ['automatic', 'one', 'one_plus_notice', 'two', 'risk_based'] as const

const authority = z.strictObject({
  name: z.string().describe('the supervisory authority named in every refusal'),
  address: z.string(),
  url: z.url(),
})

export const controller = z.strictObject({
  name: z.string().describe('the legal entity'),
  address: z.string(),
  country: z.string().length(2).describe('ISO 3166 country of establishment'),
  zone: z.string().describe('IANA time zone in which this controller counts days'),
  calendar: z.enum(['NL', 'IE', 'DE', 'GB-ENG', 'US-CA']).describe('public holidays that move a due date (Reg. 1182/71 Art. 2)'),
  fiscal_year_ends: z
    .string()
    .regex(/^\d{2}-\d{2}$/, 'a day of the year as MM-DD, such as 12-31')
    .default('12-31')
    .describe('last day of the financial year, MM-DD'),
  authority,
  dpo: z.strictObject({ name: z.string(), email: z.email() }),
  sender: z.strictObject({ name: z.string(), email: z.email() }).describe('who letters come from'),
  languages: z.array(z.string()).min(1).default(['en']),
  website: z.url().optional(),
})

export const identifierKind = z.strictObject({
  label: z.string().describe('what people call it'),
  compare: z.enum(['exact', 'email']).default('exact').describe('email: ASCII case is ignored, nothing else is folded'),
})

export const source = z.strictObject({
  kind: z
    .enum(['postgres', 'http', 'manual'])
    .describe('postgres: a database, reached by the setting SOURCE_<ID>_URL; http: an API; manual: a person looks'),
  label: z.string(),
  mode: z.enum(['observe', 'enforce']).default('observe').describe('observe: everything is computed and shown, nothing is changed'),
  schema: sqlName.default('public').describe('postgres: the schema of the mapped tables'),
  controller: id.optional().describe('the controller whose system it is; the first of the list when left out'),
  instructions: z.string().optional().describe('manual: what the person is asked to do'),
  answer_within: period.default('P7D').describe('manual: time for the answer'),
  category: id.optional().describe('manual: the category of what is found there'),
  assignee: z.email().optional().describe('manual: the operator who is asked first'),
  opened_by: z
    .array(id)
    .default([])
    .describe('manual: identifiers under which people stand there; without one of them nobody is asked about'),
  not_personal: z.record(sqlName, z.string().min(1)).default({}).describe('postgres: tables without personal data, each with the reason'),
  http: httpSource.optional().describe('http: how the API is spoken to'),
})

export const category = z.strictObject({
  label: z.string(),
  purpose: z.string(),
  basis: z.enum(BASES),
  basis_note: z.string().optional().describe('the statute or the interest, in words'),
  controller: id.optional(),
  kept: z.string().describe('how long, in the words of the published table'),
  obtained_from: z.string().default('from you').describe('Art. 15(1)(g)'),
  recipients: z.array(id).default([]),
  objection_possible: z.boolean().optional(),
  recovery: period.optional().describe('how long a sealed copy may be kept to repair the erasure of a wrong person; P14D at most'),
})

const legalKeep = z.strictObject({
  basis: z.enum(['legal_obligation', 'legal_claims', 'public_interest']).describe('Art. 17(3)(b), (e), (c)/(d)'),
  statute: z.string().describe('the statute that obliges, as the reply names it'),
  country: z.string().length(2),
  rule: id.describe('the retention rule at whose end these rows go'),
})

const opening = z.strictObject({
  identifier: id,
  columns: oneOrMore(columnPath),
  when: z
    .record(sqlName, z.union([scalar, z.array(scalar).min(1)], 'a value, or a list'))
    .default({})
    .describe('only rows whose own columns hold these values, such as owner_type: account'),
  meaning: z
    .enum(['own', 'shared', 'bridge'])
    .default('own')
    .describe("own: this is the subject's row; shared: also other people's; bridge: only passed through"),
})

const field = z.strictObject({
  label: z.string().optional(),
  origin: z.enum(['provided', 'observed', 'derived', 'internal']).default('observed').describe('portability gives provided and observed'),
  never_disclose: z.string().optional().describe('the type named instead of the value, such as "password hash"'),
  others_may_appear: z.boolean().default(false).describe('free text in which other people can occur'),
  redact: z
    .array(z.enum(['email', 'phone', 'iban', 'card', 'ip']))
    .default([])
    .describe("what a copy leaves out of a free text, when it is not the person's own"),
  correctable: z.boolean().default(false).describe('may be changed by a rectification'),
  not_personal: z.string().min(1).optional().describe('why this column says nothing about a person: it stays out of copies'),
})

const trigger = z.union(
  [
    z
      .string()
      .min(1)
      .transform((reason) => ({ reason, writes_to: [] as string[] })),
    z.strictObject({
      reason: z.string().min(1).describe('what the trigger does, and why that is right when a row goes'),
      writes_to: z.array(sqlName).default([]).describe('tables of the same schema into which it may insert rows'),
    }),
  ],
  'a sentence that says what the trigger does, or { reason, writes_to: [tables] }',
)

export const collection = z.strictObject({
  source: id,
  table: sqlName.default('').describe('postgres: the table'),
  http: httpCollection.optional().describe('http: how rows are found, revoked, erased and changed'),
  label: z.string(),
  key: oneOrMore(sqlName).describe('primary key'),
  category: id.optional().describe('left out: rows that are only passed through, or about nobody'),
  is_person: z.boolean().default(false).describe('one row is one person: two rows for one proven identifier are an ambiguity'),
  opened_by: z.array(opening).default([]),
  not_personal: z.string().min(1).optional().describe('without a category: why these rows are about nobody'),
  provides: z.record(id, oneOrMore(columnPath)).default({}).describe('identifiers that a found row opens further collections with'),
  refs: z.record(sqlName, z.strictObject({ collection: id, columns: oneOrMore(sqlName) })).default({}),
  organisation_controls: condition.optional().describe('rows of which a customer organisation is controller: forwarded, never disclosed'),
  organisation_contact: path.optional().describe("the address of that organisation's privacy contact, such as organisation.contact"),
  fields: z.record(sqlName, field).default({}),
  on_erasure: z.enum(['delete', 'keep', 'detach', 'leave']).default('delete'),
  set: fieldChanges.default({}).describe('keep, detach: what happens to single fields'),
  keep: legalKeep.optional(),
  leave_reason: z.string().optional().describe('leave: why an erasure does not touch it'),
  triggers: z
    .record(z.string().min(1), trigger)
    .default({})
    .describe('triggers of the table that run when its rows are deleted or changed, each with what it does'),
  after: z.array(id).default([]).describe('collections of other sources that must be done before these rows are erased or changed'),
  restrict_with: z.record(sqlName, scalar).default({}).describe('columns that mark a row as restricted, where the system has them'),
})

const start = z.union(
  [
    path.transform((column) => ({ pick: 'latest' as const, of: [column] })),
    z.strictObject({ latest: z.array(path).min(1) }).transform((value) => ({ pick: 'latest' as const, of: value.latest })),
    z.strictObject({ earliest: z.array(path).min(1) }).transform((value) => ({ pick: 'earliest' as const, of: value.earliest })),
    z.strictObject({ end_of_fiscal_year: path }).transform((value) => ({ pick: 'end_of_fiscal_year' as const, of: Object.values(value) })),
  ],
  'a column, { latest: [columns] }, { earliest: [columns] }, or { end_of_fiscal_year: column }',
)

const aggregate = z.strictObject({
  into: sqlName,
  dimensions: z
    .record(sqlName, z.union([path, z.strictObject({ day_of: path })], 'a column, or { day_of: column }'))
    .describe('column of the aggregate → column of the row'),
  count: sqlName.describe('column of the aggregate that counts rows'),
  distinct: z.strictObject({ of: sqlName, into: sqlName }).optional().describe('counts how many different people stand behind a group'),
  minimum_group: z.int().min(2).default(10).describe('groups of fewer people are merged'),
})

export const rule = z.strictObject({
  category: id,
  promise: z.string().describe('the sentence of the published table'),
  collection: id.optional().describe('left out: nothing here to delete, see action'),
  starts: start.optional(),
  starts_label: z.string().optional().describe('the start event in words'),
  period: z
    .union(
      [
        period,
        z.strictObject({
          days_from: path.describe('a whole number of days that the data holds; null: never due'),
          at_least: z.int().min(0).default(0).describe('a smaller number in the data counts as this one'),
        }),
      ],
      'an ISO 8601 duration such as P90D, or { days_from: column }',
    )
    .optional(),
  when: condition.default({}),
  action: z.enum(['delete', 'strip', 'anonymise', 'attest', 'out_of_reach', 'own_records']),
  set: fieldChanges.default({}),
  aggregate: aggregate.optional(),
  with: z
    .array(z.strictObject({ collection: id, ref: sqlName, action: z.enum(['delete', 'strip']), set: fieldChanges.default({}) }))
    .default([])
    .describe('rows of other collections that point at the due row by this ref, and go in the same transaction'),
  minimum: z
    .strictObject({ country: z.string().length(2), statute: z.string(), period, starts: z.string(), fields: z.array(sqlName).min(1) })
    .optional(),
  mode: z.enum(['observe', 'enforce']).default('enforce'),
  owner: z.string().default('dpo'),
  checked_on: day.optional(),
})

export const recipient = z.strictObject({
  name: z.string(),
  role: z.enum(['processor', 'independent_controller', 'joint_controller', 'chosen_by_you']),
  role_note: z.string().optional().describe('what the role leaves out, such as duties of its own'),
  gets: z.string(),
  country: z.string().length(2),
  safeguard: z.string().optional().describe('Art. 46, such as the Standard Contractual Clauses'),
  on_erasure: z.string(),
  notice: z.enum(['mail', 'manual', 'none']).default('manual').describe('none: cannot identify the person'),
  deletes_within: period.optional(),
})

export const decisions = z.strictObject({
  approvals: z.partialRecord(z.enum(RIGHTS), z.enum(APPROVALS)).default({}),
  cancel_window: z
    .string()
    .regex(/^PT\d+[HMS]$/, 'a time in hours, minutes or seconds, such as PT72H')
    .default('PT72H')
    .describe('time in which an erasure can still be cancelled'),
  archive_expires_after: period.default('P14D'),
  downloads: z.int().min(1).max(5).default(5),
  first_answer_days: z.int().min(1).max(30).default(30).describe('the promise of the published policy'),
  limits: z
    .strictObject({
      factor: z.number().min(1).default(1.2),
      plus: z.int().min(0).default(100),
      rows_per_collection: z.int().min(1).default(100_000),
      rows_per_source: z.int().min(1).default(250_000),
      rows_per_transaction: z.int().min(1).default(10_000).describe('more than this is done in batches by primary key'),
    })
    .prefault({}),
  purge_guard_percent: z.number().min(0).max(100).default(20).describe('a run over this share of a table waits for a person'),
})

export const ownRecords = z.strictObject({
  archive: period.default('P30D'),
  never_proven: period.default('P90D'),
  case_file: period.default('P36M'),
  sign_in: period.default('P12M'),
})

export const policyFile = z.strictObject({
  habeas: z.literal(1),
  controllers: z.record(id, controller).default({}),
  identifiers: z.record(id, identifierKind).default({}),
  sources: z.record(id, source).default({}),
  categories: z.record(id, category).default({}),
  collections: z.record(id, collection).default({}),
  recipients: z.record(id, recipient).default({}),
  retention: z.record(id, rule).default({}),
  decisions: decisions.optional(),
  own_records: ownRecords.optional(),
  statements: z
    .array(z.strictObject({ title: z.string(), text: z.string(), rights: z.array(z.enum(RIGHTS)).default(['access', 'erasure']) }))
    .default([])
    .describe("what every reply says of data that is elsewhere, such as on the person's own computer"),
  profiling: z.strictObject({ automated_decisions: z.boolean(), text: z.string() }).optional().describe('Art. 15(1)(h)'),
  to_be_settled: z.array(z.strictObject({ question: z.string(), owner: z.string(), since: day })).default([]),
})

export type Right = (typeof RIGHTS)[number]
export type Regime = (typeof REGIMES)[number]
export type ApprovalsRule = (typeof APPROVALS)[number]
export type Controller = z.output<typeof controller>
export type SourceDeclaration = z.output<typeof source>
export type Category = z.output<typeof category>
export type Condition = z.output<typeof condition>
export type Strategy = z.output<typeof strategy>
export type Field = z.output<typeof field>
export type Collection = z.output<typeof collection>
export type Start = z.output<typeof start>
export type Rule = z.output<typeof rule>
export type Recipient = z.output<typeof recipient>
type IdentifierKind = z.output<typeof identifierKind>

/** Entries that carry the name they are declared under. */
export type Named<T> = T & { readonly id: string }

/** The compiled policy: every section complete, names resolved, frozen; `hash` is SHA-256 over its canonical JSON. */
export interface Policy {
  readonly hash: string
  readonly controllers: ReadonlyMap<string, Named<Controller>>
  /** The first controller: it answers where nothing names another. */
  readonly main: Named<Controller>
  readonly identifiers: ReadonlyMap<string, Named<IdentifierKind>>
  readonly sources: ReadonlyMap<string, Named<SourceDeclaration>>
  readonly categories: ReadonlyMap<string, Named<Category>>
  readonly collections: ReadonlyMap<string, Named<Collection>>
  readonly recipients: ReadonlyMap<string, Named<Recipient>>
  readonly rules: ReadonlyMap<string, Named<Rule>>
  readonly decisions: z.output<typeof decisions>
  readonly own_records: z.output<typeof ownRecords>
  readonly statements: z.output<typeof policyFile>['statements']
  readonly profiling: { readonly automated_decisions: boolean; readonly text: string }
  readonly to_be_settled: z.output<typeof policyFile>['to_be_settled']
  /** The policy as plain data: what is hashed, stored and shown. */
  readonly document: unknown
}
