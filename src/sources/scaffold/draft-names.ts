import type { Link } from './links.ts'
import type { JudgedTable } from './scaffold.ts'
import { idOf, isNameable } from './yaml-lines.ts'

/** Names that the draft gives: to collections, and to the identifiers by which one row leads to the next. */
export class DraftNames {
  readonly #collections = new Map<string, string>()
  readonly #identifiers = new Map<string, string>()
  readonly #mapped: readonly JudgedTable[]

  constructor(tables: readonly JudgedTable[]) {
    this.#mapped = tables.filter(isMapped)
    for (const { table } of this.#mapped) this.#collections.set(table.name, free(this.#collections, idOf(table.name)))
    for (const { table, standing } of this.#mapped) {
      const led =
        ['person', 'contact', 'reached'].includes(standing) ||
        this.#mapped.some((other) => this.openings(other).some(({ to }) => to === table.name))
      if (led && table.key.length > 0)
        this.#identifiers.set(table.name, free(this.#identifiers, idOf(table.name) === 'email' ? 'email_row' : idOf(table.name)))
    }
  }

  get mapped(): readonly JudgedTable[] {
    return this.#mapped
  }

  collection(table: string): string | undefined {
    return this.#collections.get(table)
  }

  /** What rows of a table are called when others point at them. */
  identifier(table: string): string | undefined {
    return this.#identifiers.get(table)
  }

  /** Tables with an identifier, in order. */
  get identified(): readonly (readonly [string, string])[] {
    return [...this.#identifiers]
  }

  /**
   * Links by which rows of the table are found, the one that says whose they are first. A person's own row is found by itself, and a thing only
   * by the people it names, or by what it hangs on.
   */
  openings({ standing, links, table, columns }: JudgedTable): readonly Link[] {
    if (standing === 'person' || standing === 'contact' || standing === 'reached') return []
    const out = links.filter((link) => link.table === table.name && link.to !== table.name && this.isReferable(link))
    if (standing !== 'touched') return out
    return isPassedThrough({ standing, columns }) ? out.slice(0, 1) : out.filter(({ to }) => this.#standing(to) === 'person')
  }

  /** The policy can name both ends of the link: columns here, and the key there. */
  isReferable({ columns, to, referenced }: Link): boolean {
    const target = this.#mapped.find((other) => other.table.name === to)
    return columns.every(isNameable) && target?.table.key.join() === referenced.join()
  }

  #standing(table: string): JudgedTable['standing'] | undefined {
    return this.#mapped.find((other) => other.table.name === table)?.standing
  }
}

/** Such rows name nobody, and only hang on some that do. */
export function isPassedThrough({ standing, columns }: Pick<JudgedTable, 'standing' | 'columns'>): boolean {
  return standing === 'touched' && !columns.some(({ personal }) => personal)
}

/** A table that goes into the map: people are in it, and the policy can name it. */
export function isMapped({ table, standing, columns }: JudgedTable): boolean {
  return isNameable(table.name) && table.key.every(isNameable) && (standing !== 'nobody' || columns.some(({ personal }) => personal))
}

function free(taken: ReadonlyMap<string, string>, id: string): string {
  const names = new Set(taken.values())
  if (!names.has(id)) return id
  let n = 2
  while (names.has(`${id}_${n}`)) n++
  return `${id}_${n}`
}
