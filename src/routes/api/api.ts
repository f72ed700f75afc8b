import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import { z } from 'zod'
import { KINDS } from '../fault.ts'

/** What a handler may return where the schema says T: literals as any text, lists and records also when they are read-only. */
type Loose<T> = T extends string
  ? string
  : T extends readonly (infer U)[]
    ? readonly Loose<U>[]
    : T extends object
      ? { readonly [K in keyof T]: Loose<T[K]> }
      : T

/** The types of a route by its schemas: what comes in as zod reads it, answers as zod writes them. */
export interface ZodTypes extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown
  serializer: this['schema'] extends z.ZodType ? Loose<z.output<this['schema']>> : unknown
}

/** A scope of the app in which schemas are zod's. */
export type Api = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, ZodTypes>

/** Problem details (RFC 9457). */
export const problem = z
  .object({
    type: z.string().describe('where the code is explained'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('stable; programs decide by it'),
    instance: z.string().describe('the id under which the log knows this request'),
    errors: z.array(z.object({ pointer: z.string().describe('JSON pointer (RFC 6901) to the field'), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457).' })

const SAYS: Readonly<Record<number, string>> = {
  ...Object.fromEntries(Object.values(KINDS).map(([status, title]) => [status, title])),
  409: 'In conflict with what is, or too late',
  413: 'Too large',
  415: 'Unsupported media type',
  416: 'Range not satisfiable',
}

type Problems = Readonly<Record<number, { description: string; content: { 'application/problem+json': { schema: typeof problem } } }>>

/** Declares the problems of a route by their statuses. */
export function problems(...statuses: readonly number[]): Problems {
  const declared = statuses.map(
    (status) => [status, { description: SAYS[status] ?? 'Problem', content: { 'application/problem+json': { schema: problem } } }] as const,
  )
  return Object.fromEntries(declared)
}

/** Declares a JSON answer. */
export function json<T extends z.ZodType>(description: string, schema: T) {
  return { description, content: { 'application/json': { schema } } }
}

/** Declares an answer without a body. */
export function nothing(description: string) {
  return z.undefined().describe(description)
}

/** Declares bytes of a ZIP. */
export function zip(description: string) {
  return { description, content: { 'application/zip': { schema: z.string().meta({ format: 'binary' }) } } }
}

/** A page of a list: every list of the API has this shape. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    data: z.array(item),
    next_cursor: z.string().nullable().describe('give it as `after` for the next page; null on the last'),
  })
}

/** Limit and cursor of a list. */
export const paging = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().max(200).optional().describe('the next_cursor of the page before'),
}

/** An instant, RFC 3339, UTC. */
export const instant = z.string().meta({ format: 'date-time' })
/** A day of the calendar, YYYY-MM-DD. */
export const day = z.string().meta({ format: 'date' })
/** The reference of a case. */
export const byReference = z.object({ reference: z.string().max(40).describe('such as HAB-7K3M-9QX2') })
/** The id of a thing. */
export const byId = z.object({ id: z.uuid() })

const SUBJECT = [{ subjectToken: [] }]
const OPERATOR = [{ operatorToken: [] }]

/** The fixed part of a route that anybody may call. */
export function anybody(operationId: string, summary: string) {
  return { operationId, summary, tags: ['Requests'], security: [] }
}

/** The fixed part of a route for the holder of a subject's token. */
export function subject(operationId: string, summary: string) {
  return { operationId, summary, tags: ['Requests'], security: SUBJECT }
}

/** The fixed part of a route for operators. */
export function operator(tag: string, operationId: string, summary: string) {
  return { operationId, summary, tags: [tag], security: OPERATOR }
}
