import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { STATES } from '../src/requests/state.ts'

const FILE = 'docs/request-lifecycle.md'
const BEGIN = '<!-- drawn from src/requests/state.ts by "npm run lifecycle" -->'
const END = '<!-- end of the drawing -->'

/** The states of a request as a drawing and a table, in Markdown. */
export function drawStates(): string {
  const arrows = Object.entries(STATES).flatMap(([from, { next }]) => next.map((to) => `  ${from} --> ${to}`))
  const rows = Object.entries(STATES).map(
    ([state, { says, next }]) => `| \`${state}\` | ${says} | ${next.map((to) => `\`${to}\``).join(' ') || '–'} |`,
  )
  return [
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> received',
    ...arrows,
    '```',
    '',
    '| state | what is true | leads to |',
    '|---|---|---|',
    ...rows,
  ].join('\n')
}

/** The document with its drawing made anew. */
export function lifecyclePage(text: string): string {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`${FILE} has lost the marks between which the states are drawn`)
  return `${text.slice(0, begin + BEGIN.length)}\n\n${drawStates()}\n\n${text.slice(end)}`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(FILE, lifecyclePage(readFileSync(FILE, 'utf8')))
