import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { canonicalJson, sha256Hex } from '../canonical.ts'
import { checkPolicy } from './check-policy.ts'
import { freezeDeep, freezeMap } from './freeze.ts'
import { type Entry, mergeFiles, type Merged } from './merge.ts'
import { readDocument } from './positions.ts'
import { PolicyError, type PolicyProblem } from './problems.ts'
import { decisions, type Named, ownRecords, type Policy } from './schema.ts'

/** One file of the policy folder; `name` is what problems call it. */
export interface PolicyFile {
  readonly name: string
  readonly text: string
}

/** A file beside the policy that is not part of it says so in its first line. */
const NOT_POLICY = /^# habeas: not a policy file\b/

/** The frozen policy that these files make together. Throws a PolicyError with every problem at once. */
export function compilePolicy(files: readonly PolicyFile[]): Policy {
  const problems: PolicyProblem[] = []
  const report = (problem: PolicyProblem) => void problems.push(problem)
  const read = files.map((file) => readDocument(file.name, file.text))
  for (const file of read) problems.push(...file.problems)
  const documents = read.filter((file) => file.problems.length === 0).map((file) => file.document)
  const merged = mergeFiles(documents, report)
  // What an unreadable file declares is unknown, so nothing can be said of names that seem to be missing.
  if (documents.length === files.length && merged.complete) checkPolicy(merged, documents, report)
  if (files.length === 0) report({ file: '.', line: 1, column: 1, expected: 'at least one .yaml file', got: 'none', where: '' })
  if (problems.length > 0) throw new PolicyError(problems)
  return assemble(merged)
}

/** The policy of a folder: all its .yaml files by name, without those that say in the first line that they are not policy. */
export async function loadPolicy(folder: string): Promise<Policy> {
  const names = await readdir(folder).catch(() => {
    throw new PolicyError([
      { file: folder, line: 1, column: 1, expected: 'a folder of .yaml files', got: 'a path that cannot be read', where: '' },
    ])
  })
  const yaml = names.filter((name) => /\.ya?ml$/.test(name)).toSorted()
  const files = await Promise.all(
    yaml.map(async (name) => ({ name: join(folder, name), text: await readFile(join(folder, name), 'utf8') })),
  )
  return compilePolicy(files.filter((file) => !NOT_POLICY.test(file.text)))
}

function assemble(merged: Merged): Policy {
  const { entries, singles, lists } = merged
  const controllers = named(entries.controllers)
  const [main] = controllers.values()
  if (main === undefined) throw new Error('a policy without controller passed the checks')
  const parts = {
    controllers,
    identifiers: named(entries.identifiers),
    sources: named(entries.sources),
    categories: named(entries.categories),
    collections: named(entries.collections),
    recipients: named(entries.recipients),
    rules: named(entries.retention),
  }
  const rest = {
    decisions: singles.decisions ?? decisions.parse({}),
    own_records: singles.own_records ?? ownRecords.parse({}),
    statements: lists.statements,
    profiling: singles.profiling ?? { automated_decisions: false, text: 'No decision is made by automated means alone.' },
    to_be_settled: lists.to_be_settled,
  }
  const sections = Object.fromEntries(Object.entries(parts).map(([name, map]) => [name, Object.fromEntries<unknown>(map)]))
  const document = freezeDeep({ habeas: 1, main: main.id, ...sections, ...rest })
  return Object.freeze({ hash: sha256Hex(canonicalJson(document)), main, ...parts, ...rest, document })
}

function named<T extends object>(entries: ReadonlyMap<string, Entry<T>>): ReadonlyMap<string, Named<T>> {
  const all = new Map<string, Named<T>>()
  for (const [id, { value }] of entries) if (value !== undefined) all.set(id, { ...value, id })
  return freezeMap(all)
}
