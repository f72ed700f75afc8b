import type { Collection } from './schema.ts'

/** What the order of changes over several sources goes by. */
export type Ordered = Pick<Collection, 'source' | 'after' | 'opened_by' | 'provides' | 'refs'>

/**
 * Which of the collections at other sources must be done before each one. Said by `after`. Besides, rows that give an identifier go after
 * those elsewhere that are found by it: once they are gone, nobody could find those. Whatever waiting rows of the same source refer to waits
 * with them. Where two collections find each other, neither waits for that reason.
 */
export function waitsOf(collections: ReadonlyMap<string, Ordered>): ReadonlyMap<string, ReadonlySet<string>> {
  const waits = new Map([...collections].map(([name, { after }]) => [name, new Set(after.filter((other) => collections.has(other)))]))
  inherit(collections, waits)
  for (const [name, collection] of collections) {
    for (const other of foundBy(collections, collection)) {
      if (reaches(waits, other, name)) continue
      waits.get(name)?.add(other)
      inherit(collections, waits)
    }
  }
  return waits
}

/** Collections that would have to wait for themselves, as far as `after` says so; empty when the order can be kept. */
export function waitInCircles(collections: ReadonlyMap<string, Ordered>): readonly string[] {
  const said = new Map([...collections].map(([name, { after }]) => [name, new Set(after.filter((other) => collections.has(other)))]))
  inherit(collections, said)
  return [...collections.keys()].filter((name) => reaches(said, name, name))
}

/** Collections of other sources whose rows are found by what these rows give. */
function foundBy(collections: ReadonlyMap<string, Ordered>, { source, provides }: Ordered): string[] {
  return [...collections]
    .filter(([, other]) => other.source !== source && other.opened_by.some(({ identifier }) => Object.hasOwn(provides, identifier)))
    .map(([name]) => name)
}

/** Rows are deleted after those that refer to them, so what waiting rows refer to waits for the same. */
function inherit(collections: ReadonlyMap<string, Ordered>, waits: ReadonlyMap<string, Set<string>>): void {
  for (let changed = true; changed;) {
    changed = false
    for (const [name, { refs }] of collections) {
      for (const { collection: target } of Object.values(refs)) {
        const theirs = waits.get(target)
        for (const one of theirs === undefined || target === name ? [] : (waits.get(name) ?? [])) {
          if (theirs?.has(one) === true) continue
          theirs?.add(one)
          changed = true
        }
      }
    }
  }
}

function reaches(waits: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: string): boolean {
  const seen = new Set<string>()
  const open = [...(waits.get(from) ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === to) return true
    if (seen.has(next)) continue
    seen.add(next)
    open.push(...(waits.get(next) ?? []))
  }
  return false
}
