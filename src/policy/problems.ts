import { StartupError } from '../errors.ts'

/** One mistake in the policy: where it stands (1-based), what would be right there, and what stands there instead. */
export interface PolicyProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly expected: string
  readonly got: string
  /** The place in the policy's own terms, such as `retention.account.action`; empty for a mistake of the file itself. */
  readonly where: string
}

/** `file:line:column: expected …, got … (in …)`: one problem as a line for terminal and log. */
function formatProblem(problem: PolicyProblem): string {
  const where = problem.where === '' ? '' : ` (in ${problem.where})`
  return `${problem.file}:${problem.line}:${problem.column}: expected ${problem.expected}, got ${problem.got}${where}`
}

/** Every problem of a policy at once, in reading order; the message has one line for each. Exit code 78. */
export class PolicyError extends StartupError {
  readonly problems: readonly PolicyProblem[]

  constructor(problems: readonly PolicyProblem[]) {
    const sorted = problems.toSorted((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column)
    super(sorted.map(formatProblem).join('\n'))
    this.name = 'PolicyError'
    this.problems = sorted
  }
}

/** What stands in the file, in words: `'remove'`, `a list`, `nothing`. Long texts are cut. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return value === null ? 'null' : 'nothing'
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 57)}…` : value}'`
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') {
    const keys = Object.keys(value)
    return keys.length === 0 ? 'an empty mapping' : `a mapping with ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', …' : ''}`
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'something else'
}

/** Names to choose from, as part of an expectation: `one of a, b, c`; the nearest come first when there are many. */
export function oneOf(names: Iterable<string>, wanted = ''): string {
  const all = [...names]
  if (all.length === 0) return 'a name that is declared (there is none)'
  if (all.length === 1) return all[0] ?? ''
  const nearest = all.length > 12 ? all.toSorted((a, b) => distance(a, wanted) - distance(b, wanted)).slice(0, 12) : all
  return `one of ${nearest.join(', ')}${nearest.length < all.length ? ', …' : ''}`
}

/** A number with its noun: `1 column`, `2 columns`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`
}

/** Letters to insert, drop or replace to get from one name to the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1]
    for (const [j, other] of b.split('').entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
