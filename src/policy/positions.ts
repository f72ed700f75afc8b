import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'

import type { PolicyProblem } from './problems.ts'

export type Path = readonly (string | number)[]

/** One file of the policy: its plain value, and where in the text each part of it stands. */
export interface PolicyDocument {
  readonly name: string
  /** Undefined when the text is not YAML. */
  readonly value: unknown
  /** Line and column (1-based) of the value at `path`, or of its key; of the nearest part above when there is no such part. */
  place(path: Path, of?: 'key' | 'value'): { readonly line: number; readonly column: number }
}

/** Reads YAML 1.2 with positions; of several mistakes on one line the first is reported. */
export function readDocument(name: string, text: string): { document: PolicyDocument; problems: PolicyProblem[] } {
  const lines = new LineCounter()
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const problems: PolicyProblem[] = []
  for (const error of parsed.errors) {
    const position = at(error.pos[0])
    if (problems.some((known) => known.line === position.line)) continue
    problems.push({
      file: name,
      ...position,
      expected: expectedBy(error.code),
      got: gotBy(error.code, error.message, text.slice(error.pos[0])),
      where: '',
    })
  }
  for (const offset of danglingAliases(parsed)) {
    problems.push({ file: name, ...at(offset), expected: 'an alias whose anchor stands above', got: 'an unknown one', where: '' })
  }
  const value = problems.length === 0 ? toPlain(parsed, name, problems) : undefined
  const document: PolicyDocument = { name, value, place: (path, of = 'value') => at(offsetOf(parsed, path, of)) }
  return { document, problems }
}

/** Aliases are followed at most a hundred times, so that a few lines cannot grow into gigabytes. */
function toPlain(parsed: Document.Parsed, name: string, problems: PolicyProblem[]): unknown {
  try {
    return parsed.toJS({ maxAliasCount: 100 })
  } catch (error) {
    const got = error instanceof Error ? firstSentence(error.message) : 'something else'
    problems.push({ file: name, line: 1, column: 1, expected: 'anchors and aliases that stay small', got, where: '' })
    return undefined
  }
}

function danglingAliases(parsed: Document.Parsed): number[] {
  const offsets: number[] = []
  visit(parsed, {
    Alias(_, node) {
      if (node.resolve(parsed) === undefined) offsets.push(node.range?.[0] ?? 0)
    },
  })
  return offsets
}

function offsetOf(parsed: Document.Parsed, path: Path, of: 'key' | 'value'): number {
  let node: unknown = parsed.contents
  let offset = startOf(node) ?? 0
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(parsed)
    const last = depth === path.length - 1
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
      if (pair === undefined) return offset
      const key = startOf(pair.key) ?? offset
      offset = last && of === 'value' ? (startOf(pair.value) ?? key) : key
      node = pair.value
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(step)]
      if (item === undefined) return offset
      offset = startOf(item) ?? offset
      node = item
    } else return offset
  }
  return offset
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}

function expectedBy(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'every key only once'
  if (code === 'TAB_AS_INDENT') return 'spaces, not tabs, before a key'
  if (code === 'BAD_INDENT') return 'keys of one mapping in one column'
  if (code === 'MULTIPLE_DOCS') return 'one document in a file'
  return 'well-formed YAML'
}

function gotBy(code: string, message: string, text: string): string {
  return code === 'DUPLICATE_KEY' ? `'${text.split(/[\s:]/)[0] ?? ''}' again` : firstSentence(message)
}

function firstSentence(message: string): string {
  return message.split('\n')[0] ?? message
}
