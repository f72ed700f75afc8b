import type { z } from 'zod'

import { mistakesIn } from './issues.ts'
import type { Path, PolicyDocument } from './positions.ts'
import { describeValue, oneOf, type PolicyProblem } from './problems.ts'
import { id } from './schema-names.ts'
import { category, collection, controller, identifierKind, policyFile, recipient, rule, source } from './schema.ts'

/** Sections of named entries: merged over the files, every name once. */
const NAMED = {
  controllers: controller,
  identifiers: identifierKind,
  sources: source,
  categories: category,
  collections: collection,
  recipients: recipient,
  retention: rule,
} as const
/** Sections that stand in one file only. */
const SINGLE = ['decisions', 'own_records', 'profiling'] as const
/** Sections whose lists are joined. */
const LISTS = ['statements', 'to_be_settled'] as const

export type Section = keyof typeof NAMED

/** A named entry; `value` is undefined when it is declared but has mistakes of its own. */
export interface Entry<T> {
  readonly value: T | undefined
  readonly document: PolicyDocument
}

export type Entries = { readonly [S in Section]: ReadonlyMap<string, Entry<z.output<(typeof NAMED)[S]>>> }
type File = z.output<typeof policyFile>

/** All files as one: each section complete, in the order of files and lines. */
export interface Merged {
  /** False when a whole file or section could not be taken: then names that seem to be missing may stand there. */
  readonly complete: boolean
  readonly entries: Entries
  readonly singles: { readonly [S in (typeof SINGLE)[number]]: File[S] }
  readonly lists: { readonly [S in (typeof LISTS)[number]]: File[S] }
}

/** Checks every file on its own and joins them; each mistake goes to `report`, and what is sound is kept for the checks that follow. */
export function mergeFiles(documents: readonly PolicyDocument[], report: (problem: PolicyProblem) => void): Merged {
  let complete = true
  const refuse = (problem: PolicyProblem): void => {
    complete = false
    report(problem)
  }
  const sections = documents.flatMap((document) => sectionsOf(document, report, refuse))
  const isMapping = ({ name, value, document }: WrittenSection): boolean => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return true
    refuse(problemAt(document, [name], 'value', 'a mapping of names', describeValue(value)))
    return false
  }
  const named = sections.filter((section) => section.name in NAMED && isMapping(section))
  return {
    complete,
    entries: {
      controllers: mergeNamed('controllers', NAMED.controllers, named, report),
      identifiers: mergeNamed('identifiers', NAMED.identifiers, named, report),
      sources: mergeNamed('sources', NAMED.sources, named, report),
      categories: mergeNamed('categories', NAMED.categories, named, report),
      collections: mergeNamed('collections', NAMED.collections, named, report),
      recipients: mergeNamed('recipients', NAMED.recipients, named, report),
      retention: mergeNamed('retention', NAMED.retention, named, report),
    },
    singles: {
      decisions: single('decisions', policyFile.shape.decisions, sections, report),
      own_records: single('own_records', policyFile.shape.own_records, sections, report),
      profiling: single('profiling', policyFile.shape.profiling, sections, report),
    },
    lists: {
      statements: joined('statements', policyFile.shape.statements, sections, report),
      to_be_settled: joined('to_be_settled', policyFile.shape.to_be_settled, sections, report),
    },
  }
}

interface WrittenSection {
  readonly name: string
  readonly value: unknown
  readonly document: PolicyDocument
}

/** A problem at a place of a file. */
export function problemAt(document: PolicyDocument, path: Path, of: 'key' | 'value', expected: string, got: string): PolicyProblem {
  return { file: document.name, ...document.place(path, of), expected, got, where: path.join('.') }
}

function sectionsOf(
  document: PolicyDocument,
  report: (problem: PolicyProblem) => void,
  refuse: (problem: PolicyProblem) => void,
): WrittenSection[] {
  const { value } = document
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(problemAt(document, [], 'value', 'a mapping that begins with habeas: 1', describeValue(value)))
    return []
  }
  const version: unknown = Reflect.get(value, 'habeas')
  if (version !== 1) {
    const path = version === undefined ? [] : ['habeas']
    refuse(problemAt(document, path, 'value', 'habeas: 1, the version of this format', describeValue(version)))
    return []
  }
  const written = Object.entries(value).filter(([name]) => name !== 'habeas')
  const known = Object.keys(policyFile.shape).filter((name) => name !== 'habeas')
  for (const [name] of written) {
    if (!known.includes(name)) report(problemAt(document, [name], 'key', oneOf(known, name), describeValue(name)))
  }
  return written.map(([name, section]) => ({ name, value: section, document }))
}

function mergeNamed<T extends z.ZodType>(
  name: Section,
  schema: T,
  sections: readonly WrittenSection[],
  report: (problem: PolicyProblem) => void,
): Map<string, Entry<z.output<T>>> {
  const merged = new Map<string, Entry<z.output<T>>>()
  for (const { value, document } of sections.filter((section) => section.name === name)) {
    for (const [key, raw] of Object.entries(value ?? {})) {
      const path = [name, key]
      const first = merged.get(key)
      if (first !== undefined) {
        const place = first.document.place(path, 'key')
        report(problemAt(document, path, 'key', 'another name', `'${key}', which ${first.document.name}:${place.line} declares already`))
        continue
      }
      const badName = id.safeParse(key).error
      if (badName !== undefined) report(problemAt(document, path, 'key', badName.issues[0]?.message ?? 'a name', describeValue(key)))
      merged.set(key, { value: parsed(schema, raw, document, path, report), document })
    }
  }
  return merged
}

function single<T extends z.ZodType>(
  name: (typeof SINGLE)[number],
  schema: T,
  sections: readonly WrittenSection[],
  report: (problem: PolicyProblem) => void,
): z.output<T> | undefined {
  const [first, ...others] = sections.filter((section) => section.name === name)
  for (const { document } of others) {
    report(problemAt(document, [name], 'key', `${name} in one file only`, `it again after ${first?.document.name ?? ''}`))
  }
  return first === undefined ? undefined : parsed(schema, first.value, first.document, [name], report)
}

function joined<T extends z.ZodType<unknown[]>>(
  name: (typeof LISTS)[number],
  schema: T,
  sections: readonly WrittenSection[],
  report: (problem: PolicyProblem) => void,
): z.output<T> {
  const lists = sections.filter((section) => section.name === name)
  const joint = lists.flatMap(({ value, document }) => parsed(schema, value, document, [name], report) ?? [])
  // Every part has been checked with the same schema, so the whole passes it.
  return schema.parse([...joint])
}

function parsed<T extends z.ZodType>(
  schema: T,
  value: unknown,
  document: PolicyDocument,
  path: Path,
  report: (problem: PolicyProblem) => void,
): z.output<T> | undefined {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  for (const mistake of mistakesIn(schema, value, result.error)) {
    report(problemAt(document, [...path, ...mistake.path], mistake.of, mistake.expected, mistake.got))
  }
  return undefined
}
