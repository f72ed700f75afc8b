import type { IdentifierValue, Identifiers } from './source.ts'

/** Identifiers known so far, each value once, with the way that led to the first of its kind. */
export class Known {
  readonly #values = new Map<string, Map<string, IdentifierValue>>()
  readonly #lent = new Map<string, Map<string, IdentifierValue>>()
  readonly #paths = new Map<string, readonly string[]>()
  readonly #persons = new Map<string, Map<string, IdentifierValue>>()
  readonly #aside: ReadonlyMap<string, unknown>

  /** Begins with what is proven; what is put `aside` is never known. */
  constructor(proven: Identifiers, aside: ReadonlyMap<string, unknown>) {
    this.#aside = aside
    for (const [kind, values] of Object.entries(proven)) this.add(kind, values, [])
  }

  /** Values that the person's own rows give, or bridges between them. */
  add(kind: string, values: readonly IdentifierValue[], path: readonly string[]): void {
    this.#addTo(this.#values, kind, values, path)
  }

  /** Values that only rows shared with others give. */
  lend(kind: string, values: readonly IdentifierValue[], path: readonly string[]): void {
    this.#addTo(this.#lent, kind, values, path)
  }

  of(kind: string): readonly IdentifierValue[] {
    return [...(this.#values.get(kind)?.values() ?? [])]
  }

  /** Values of the kind that are lent, and not known otherwise. */
  lentOf(kind: string): readonly IdentifierValue[] {
    const own = this.#values.get(kind)
    return [...(this.#lent.get(kind) ?? [])].flatMap(([text, value]) => (own?.has(text) === true ? [] : [value]))
  }

  addPersons(collection: string, keys: readonly IdentifierValue[]): void {
    const known = this.#persons.get(collection) ?? new Map<string, IdentifierValue>()
    for (const key of keys) known.set(JSON.stringify(key), key)
    this.#persons.set(collection, known)
  }

  /** Keys of the persons reached in a collection, and those known under the identifier that is its key. */
  personsOf(collection: string, identifier: string | undefined): readonly IdentifierValue[] {
    const named = identifier === undefined ? undefined : this.#values.get(identifier)
    return [...new Map([...(this.#persons.get(collection) ?? []), ...(named ?? [])]).values()]
  }

  pathTo(kind: string): readonly string[] {
    return this.#paths.get(kind) ?? [kind]
  }

  /** What is the person's own to be found by; what is lent is not. */
  all(): Identifiers {
    return Object.fromEntries([...this.#values].map(([kind, values]) => [kind, [...values.values()]]))
  }

  #addTo(to: Map<string, Map<string, IdentifierValue>>, kind: string, values: readonly IdentifierValue[], path: readonly string[]): void {
    const known = to.get(kind) ?? new Map<string, IdentifierValue>()
    for (const value of values) if (!this.#aside.has(keyOf(kind, value))) known.set(JSON.stringify(value), value)
    if (known.size === 0) return
    to.set(kind, known)
    if (!this.#paths.has(kind)) this.#paths.set(kind, [...path, kind])
  }
}

/** One identifier as text, to be looked up by. */
export function keyOf(kind: string, value: IdentifierValue): string {
  return JSON.stringify([kind, ...value])
}
