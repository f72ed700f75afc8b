import type { LiveSchema, LiveTable } from '../postgres/introspect/live-schema.ts'
import type { Evidence } from './evidence.ts'
import { holdsRows, linksOf, type Link } from './links.ts'
import type { Role, Vocabulary } from './names.ts'
import type { ColumnConcept } from './words.ts'

/** How the rows of a table stand to people. */
export type Standing =
  /** one row is one person */
  | 'person'
  /** one row is a body, and names a person to talk to */
  | 'contact'
  /** each row is about the person it points at, or about the row of one */
  | 'owned'
  /** rows that persons point at and that hold how to reach them */
  | 'reached'
  /** each row holds an address of somebody and points at nobody */
  | 'addressed'
  /** rows are about something else; single columns name people */
  | 'touched'
  | 'nobody'

/** A table with everything that was found out about it before its columns are judged one by one. */
export interface StandingTable {
  readonly table: LiveTable
  readonly role: Role
  readonly standing: Standing
  /** The way to the person, nearest first: `order_lines.order_id`, `orders.customer_id`. */
  readonly path: readonly string[]
  /** Links that lead to people, the one of the path first. */
  readonly links: readonly Link[]
  /** Everything its rows point at. */
  readonly refs: readonly Link[]
  /** The usual kind of data, among the purposes and kinds of people of words.ts; undefined for rows about nobody. */
  readonly category: string | undefined
}

export interface Known {
  readonly schema: LiveSchema
  readonly vocabulary: Vocabulary
  readonly evidence: ReadonlyMap<string, ReadonlyMap<string, Evidence>>
}

/** Says of every table that has rows how these stand to people: first who is a person, then what points at them, then what they point at. */
export function judgeTables(known: Known): readonly StandingTable[] {
  const links = linksOf(known.schema, known.vocabulary)
  const judged = new Map<string, StandingTable>()
  const tables = known.schema.tables.filter(holdsRows)
  for (const table of tables) {
    const standing = ownStanding(known, table, links)
    if (standing !== undefined) judged.set(table.name, standingTable(known, table, standing, [], []))
  }
  for (let grown = true; grown;) {
    grown = false
    for (const table of tables.filter(({ name }) => !judged.has(name))) {
      const owner = ownerOf(known, table, links, judged)
      if (owner === undefined) continue
      judged.set(table.name, following(known, table, 'owned', owner, judged))
      grown = true
    }
  }
  for (const table of tables.filter(({ name }) => !judged.has(name))) judged.set(table.name, rest(known, table, links, judged))
  for (let grown = true; grown;) {
    grown = false
    for (const { table } of [...judged.values()].filter(({ standing }) => standing === 'nobody')) {
      const link = links.find((one) => one.table === table.name && !one.inferred && judged.get(one.to)?.standing === 'touched')
      if (link === undefined) continue
      // What points at a row that points at people is on the way to them, whatever it holds.
      judged.set(table.name, following(known, table, 'touched', link, judged))
      grown = true
    }
  }
  return tables.map((table) => withLinks(judged.get(table.name) ?? standingTable(known, table, 'nobody', [], []), links, judged))
}

/** Whether a column is written as text, so that its name can speak of a name or an address. */
export function isWritten({ category, type }: LiveTable['columns'][number]): boolean {
  return category === 'S' || /^(_text|_varchar|citext|json|jsonb)$/.test(type)
}

/** What a table is by itself: its name, the names of its columns, and what their values look like. */
function ownStanding({ vocabulary, evidence }: Known, table: LiveTable, links: readonly Link[]): Standing | undefined {
  const has = (...concepts: ColumnConcept[]) =>
    table.columns.some((column) => isWritten(column) && concepts.some((concept) => vocabulary.concepts(column.name)[0] === concept))
  const role = vocabulary.role(table.name)
  const named = has('given_name', 'family_name') || (has('national_id') && has('name', 'full_name'))
  // Who belongs to another person by the key itself, such as a child of a member, is found through that person.
  const dependent = links.some(
    (link) => link.table === table.name && link.tight && vocabulary.role(link.to) === 'person' && link.to !== table.name,
  )
  if (role !== 'thing' && role !== 'organisation' && named && !dependent) return 'person'
  if (role === 'person' && !dependent && has('name', 'full_name', 'email', 'login', 'phone', 'contact_person')) return 'person'
  if (role !== 'thing' && has('contact_person')) return 'contact'
  if (role === 'thing' || role === 'organisation') return undefined
  if (links.some((link) => link.table === table.name && (vocabulary.role(link.to) === 'person' || vocabulary.role(link.to) === 'purpose')))
    return undefined
  const seen = [...(evidence.get(table.name)?.values() ?? [])].some(
    ({ kind, leaves }) => kind === 'email' || leaves.some((leaf) => leaf.kind === 'email'),
  )
  return has('email') || seen ? 'addressed' : undefined
}

/** The link by which a row of the table is about somebody: a customer's before a clerk's, a declared one before a guess. */
function ownerOf(known: Known, table: LiveTable, links: readonly Link[], judged: ReadonlyMap<string, StandingTable>): Link | undefined {
  const { vocabulary } = known
  const role = vocabulary.role(table.name)
  const holdsAddress = table.columns.some((column) => isWritten(column) && vocabulary.concepts(column.name)[0] === 'email')
  const candidates = links.filter((link) => {
    const to = judged.get(link.to)
    if (link.table !== table.name || to === undefined || !['person', 'owned', 'addressed'].includes(to.standing)) return false
    if (link.tight) return true
    if (role === 'thing' || role === 'organisation') return false
    return role === 'purpose' || !link.loose || holdsAddress
  })
  const rank = (link: Link): number => {
    const kind = vocabulary.person(link.to)
    const direct = judged.get(link.to)?.standing === 'person'
    return (direct ? 0 : 4) + (kind === 'employment' && direct ? 2 : 0) + (link.inferred ? 1 : 0)
  }
  return candidates.toSorted((a, b) => rank(a) - rank(b))[0]
}

/** What persons point at is how to reach them, when it holds addresses or numbers; the rest is about nobody, but may name people. */
function rest(known: Known, table: LiveTable, links: readonly Link[], judged: ReadonlyMap<string, StandingTable>): StandingTable {
  const { vocabulary } = known
  const role = vocabulary.role(table.name)
  const holds = table.columns.some(
    (column) => isWritten(column) && ['address', 'phone', 'email', 'bank'].includes(vocabulary.concepts(column.name)[0] ?? ''),
  )
  const pointing = links.filter((link) => link.to === table.name && judged.get(link.table)?.standing === 'person')
  const [first] = pointing
  if (holds && first !== undefined && (role === 'purpose' || role === 'unknown'))
    return standingTable(known, table, 'reached', [`${first.table}.${first.columns.join('+')}`], pointing)
  const leading = links.filter((link) => link.table === table.name && isAbout(judged.get(link.to)))
  const out = leading.find((link) => judged.get(link.to)?.standing === 'person') ?? leading[0]
  if (out === undefined) return standingTable(known, table, 'nobody', [], [])
  return following(known, table, 'touched', out, judged)
}

function following(
  known: Known,
  table: LiveTable,
  standing: Standing,
  link: Link,
  judged: ReadonlyMap<string, StandingTable>,
): StandingTable {
  const to = judged.get(link.to)
  return standingTable(known, table, standing, [`${table.name}.${link.columns.join('+')}`, ...(to?.path ?? [])], [link], to)
}

/** Adds the other links that lead to people, and the category: of the row itself by its name, else of whom it is about. */
function withLinks(table: StandingTable, links: readonly Link[], judged: ReadonlyMap<string, StandingTable>): StandingTable {
  const all = links.filter((link) => link.table === table.table.name && isAbout(judged.get(link.to)) && !table.links.includes(link))
  return { ...table, links: [...table.links, ...all], refs: links.filter((link) => link.table === table.table.name) }
}

function isAbout(to: StandingTable | undefined): boolean {
  return to !== undefined && ['person', 'contact', 'owned', 'reached', 'addressed'].includes(to.standing)
}

function standingTable(
  known: Known,
  table: LiveTable,
  standing: Standing,
  path: readonly string[],
  links: readonly Link[],
  owner?: StandingTable,
): StandingTable {
  const { vocabulary } = known
  return {
    table,
    role: vocabulary.role(table.name),
    standing,
    path,
    links,
    refs: [],
    category: categoryOf(known, table.name, standing, owner),
  }
}

function categoryOf({ vocabulary }: Known, name: string, standing: Standing, owner: StandingTable | undefined): string | undefined {
  const purpose = vocabulary.purpose(name)
  const by: Readonly<Record<Standing, string | undefined>> = {
    person: purpose === 'marketing' ? purpose : (vocabulary.person(name) ?? 'account'),
    contact: 'contact',
    reached: 'contact',
    owned: purpose ?? owner?.category ?? 'account',
    addressed: purpose ?? 'account',
    touched: owner?.category ?? 'account',
    nobody: undefined,
  }
  return by[standing]
}
