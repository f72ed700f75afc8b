import { type Checking, say } from './columns.ts'
import type { Collection } from './schema.ts'

type Link = Collection['opened_by'][number]

/** Reports collections of one table of which an erasure would let the same row both stay and go. */
export function checkTables(checking: Checking): void {
  const found = [...checking.entries.collections].flatMap(([name, { value }]) => (value === undefined ? [] : [{ name, value }]))
  for (const { name, value } of found) {
    if (value.table === '' || staysOnErasure(value)) continue
    const links = linksOf(value)
    const staying = found.find(
      (other) =>
        staysOnErasure(other.value) &&
        other.value.source === value.source &&
        other.value.table === value.table &&
        linksOf(other.value).some((one) => links.some((link) => !areApart(one, link))),
    )
    if (staying === undefined) continue
    const expected = `on_erasure ${staying.value.on_erasure}, as ${staying.name} of the same table has, or \`when\` in both that tells their rows apart`
    say(checking, { section: 'collections', name, path: ['on_erasure'], of: 'value' }, expected, `on_erasure ${value.on_erasure}`)
  }
}

function staysOnErasure({ on_erasure }: Collection): boolean {
  return on_erasure === 'keep' || on_erasure === 'leave'
}

/** What is only passed through is not erased either. */
function linksOf({ opened_by }: Collection): readonly Link[] {
  return opened_by.filter(({ meaning }) => meaning !== 'bridge')
}

/** One column of the row would have to hold two values at once. */
function areApart(a: Link, b: Link): boolean {
  return Object.keys(a.when).some((column) => column in b.when && !valuesOf(a, column).some((value) => valuesOf(b, column).includes(value)))
}

function valuesOf({ when }: Link, column: string): string[] {
  return [when[column] ?? []].flat().map(String)
}
