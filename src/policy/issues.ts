import { z } from 'zod'

import { count, describeValue, oneOf } from './problems.ts'
import type { Path } from './positions.ts'

/** A mistake in one value: where it is below the checked value, and its two halves of a sentence. */
export interface Mistake {
  readonly path: Path
  readonly of: 'key' | 'value'
  readonly expected: string
  readonly got: string
}

type Issue = z.core.$ZodIssue

/** Everything that is wrong with `value`, in words that need no knowledge of the checker. */
export function mistakesIn(schema: z.ZodType, value: unknown, error: z.ZodError): Mistake[] {
  return error.issues.flatMap((issue) => explain(schema, value, issue, []))
}

function explain(schema: z.ZodType, value: unknown, issue: Issue, above: Path): Mistake[] {
  const path = [...above, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))]
  const found = valueAt(value, path)
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt([schema], path)
    return issue.keys.map((key) => ({ path: [...path, key], of: 'key', expected: oneOf(known, key), got: describeValue(key) }))
  }
  if (issue.code === 'invalid_key') {
    return [{ path, of: 'key', expected: issue.issues[0]?.message ?? 'a name', got: describeValue(String(path.at(-1))) }]
  }
  if (issue.code === 'invalid_union') {
    const branch = meantBranch(issue.errors)
    if (branch !== undefined) return branch.flatMap((inner) => explain(schema, value, inner, path))
  }
  if (found === undefined) return [missing(path, expectation(issue))]
  return [{ path, of: 'value', expected: expectation(issue), got: describeValue(found) }]
}

/** A key that is not there stands nowhere, so its mapping is shown. */
function missing(path: Path, expected: string): Mistake {
  return { path: path.slice(0, -1), of: 'key', expected: `${String(path.at(-1))} (${expected})`, got: 'nothing' }
}

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_type') return TYPES[issue.expected] ?? issue.expected
  if (issue.code === 'invalid_value') return oneOf(issue.values.map(String))
  if (issue.code === 'too_small') return size(issue.origin, 'at least', Number(issue.minimum), issue.exact === true)
  if (issue.code === 'too_big') return size(issue.origin, 'at most', Number(issue.maximum), issue.exact === true)
  if (issue.code === 'invalid_format' && issue.format === 'email') return 'an e-mail address'
  if (issue.code === 'invalid_format' && issue.format === 'url') return 'a web address such as https://example.com'
  return issue.message
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'null',
}

function size(origin: string, bound: string, limit: number, exact: boolean): string {
  const amount = (one: string, many?: string) => `${exact ? 'exactly' : bound} ${count(limit, one, many)}`
  if (origin === 'string') return `a text of ${amount('letter')}`
  return origin === 'array' ? `a list of ${amount('entry', 'entries')}` : `a number of ${exact ? 'exactly' : bound} ${limit}`
}

/** The one alternative that fits the shape of what was written: none of its issues is about the shape as a whole, and it has the fewest. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = branches.filter((issues) => !issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type'))
  const fewest = Math.min(...fitting.map((issues) => issues.length))
  const [meant, ...others] = fitting.filter((issues) => issues.length === fewest)
  return others.length === 0 ? meant : undefined
}

/** The value at a path, undefined where there is none. */
function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, step)) return undefined
    return Reflect.get(inner, step)
  }, value)
}

/** The keys that a mapping at `path` may have. */
function keysAt(schemas: readonly z.ZodType[], path: Path): string[] {
  const bare = schemas.flatMap(unwrap)
  const [step, ...rest] = path
  if (step === undefined)
    return bare.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : keysOfRecord(schema)))
  return keysAt(
    bare.flatMap((schema) => below(schema, String(step))),
    rest,
  )
}

function keysOfRecord(schema: z.ZodType): string[] {
  return schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum ? schema.keyType.options.map(String) : []
}

function below(schema: z.ZodType, step: string): z.ZodType[] {
  if (schema instanceof z.ZodObject) return [schema.shape[step]].filter(isSchema)
  if (schema instanceof z.ZodRecord) return [schema.valueType].filter(isSchema)
  return schema instanceof z.ZodArray ? [schema.element].filter(isSchema) : []
}

function unwrap(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return [schema.unwrap()].filter(isSchema).flatMap(unwrap)
  }
  if (schema instanceof z.ZodPipe) return [schema.in].filter(isSchema).flatMap(unwrap)
  return schema instanceof z.ZodUnion ? schema.options.filter(isSchema).flatMap(unwrap) : [schema]
}

function isSchema(value: unknown): value is z.ZodType {
  return value instanceof z.ZodType
}
