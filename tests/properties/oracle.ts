import { jsonOf, readArray } from './columns.ts'
import { tuple, type Mapped, type ModelTable, type Row, type World } from './world.ts'

/**
 * What must come of a request, worked out from the rows in memory by nested loops and nothing else: no SQL, and nothing of the product. The
 * rules are those of design.md §2: own rows, rows that are somebody else's too, rows of an organisation, what is only passed through.
 */
export interface Expected {
  /** Addresses that lead to several people. */
  readonly ambiguous: ReadonlySet<string>
  /** By collection: whose rows they are. Only collections that were opened. */
  readonly found: ReadonlyMap<string, { readonly own: Row[]; readonly shared: Row[]; readonly organisation: Row[] }>
  /** Addresses that are the person's, in small letters. */
  readonly addresses: ReadonlySet<string>
}

/** What is known of each kind: the person's own values, and those that only rows shared with others hold. */
interface Known {
  readonly own: Map<string, Set<string>>
  readonly lent: Map<string, Set<string>>
}
type Openings = { identifier: string; columns: string[]; meaning: 'own' | 'shared' | 'bridge'; when: Record<string, unknown> }[]

/** Which rows the walk must find. An address that leads to two people opens nothing, and all begins again without it. */
export function expectFound(world: World, start: World['start']): Expected {
  const ambiguous = new Set<string>()
  for (;;) {
    const known: Known = { own: new Map(), lent: new Map() }
    for (const [kind, values] of Object.entries(start)) for (const value of values) learn(known.own, ambiguous, kind, JSON.stringify(value))
    const before = ambiguous.size
    let size = -1
    while (size !== total(known) && ambiguous.size === before) {
      size = total(known)
      for (const name of Object.keys(world.collections)) {
        lookForAmbiguity(world, known, ambiguous, name)
        for (const row of tableOf(world, name).rows) learnFrom(world, known, ambiguous, name, row)
      }
    }
    if (ambiguous.size > before) continue
    const addresses = new Set([...(known.own.get('email') ?? [])].flatMap((value) => JSON.parse(value) as string[]))
    return { ambiguous, addresses, found: new Map(Object.keys(world.collections).map((name) => [name, sorted(world, known, name)])) }
  }
}

function total({ own, lent }: Known): number {
  return [...own.values(), ...lent.values()].reduce((sum, values) => sum + values.size, 0)
}

function learn(known: Known['own'], ambiguous: ReadonlySet<string>, kind: string, value: string): void {
  const folded = kind === 'email' ? fold(value) : value
  if (ambiguous.has(`${kind} ${folded}`) || !(JSON.parse(value) as string[]).every((part) => part.trim() !== '')) return
  const values = known.get(kind) ?? new Set()
  known.set(kind, values.add(folded))
}

/** Own rows and bridges lead on to what is the person's own; rows shared with others only to more of what is shared, never to a person. */
function learnFrom(world: World, known: Known, ambiguous: ReadonlySet<string>, name: string, row: Row): void {
  if (isOrganisations(world, name, row)) return
  const by = meanings(world, known, name, row)
  const own = by.has('bridge') || (by.has('own') && !isAnothers(world, known, name, row))
  const lends = by.has('lent bridge') || (by.has('shared') && !by.has('own'))
  for (const [kind, columns] of Object.entries(mappedOf(world, name).provides ?? {})) {
    const value = tuple(row, [columns].flat())
    if (value === undefined) continue
    if (own) learn(known.own, ambiguous, kind, value)
    else if (lends && !['email', 'person_no'].includes(kind)) learn(known.lent, ambiguous, kind, value)
  }
}

export function fold(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function lookForAmbiguity(world: World, known: Known, ambiguous: Set<string>, name: string): void {
  if (mappedOf(world, name).is_person !== true) return
  for (const opening of openingsOf(world, name)) {
    for (const value of known.own.get(opening.identifier) ?? []) {
      const alone = new Map([[opening.identifier, new Set([value])]])
      if (tableOf(world, name).rows.filter((row) => opens(alone, opening, row)).length > 1) ambiguous.add(`${opening.identifier} ${value}`)
    }
  }
}

function sorted(world: World, known: Known, name: string): { own: Row[]; shared: Row[]; organisation: Row[] } {
  const found = { own: [] as Row[], shared: [] as Row[], organisation: [] as Row[] }
  for (const row of tableOf(world, name).rows) {
    const by = meanings(world, known, name, row)
    if (!by.has('own') && !by.has('shared')) continue
    if (isOrganisations(world, name, row)) found.organisation.push(row)
    else if (by.has('own') && !isAnothers(world, known, name, row)) found.own.push(row)
    else found.shared.push(row)
  }
  return found
}

/** In what senses a row is reached; one that an own link reaches over something lent is shared. */
function meanings(world: World, known: Known, name: string, row: Row): Set<string> {
  return new Set(
    openingsOf(world, name).flatMap((opening) => {
      if (opens(known.own, opening, row)) return [opening.meaning]
      if (!opens(known.lent, opening, row)) return []
      return [opening.meaning === 'bridge' ? 'lent bridge' : 'shared']
    }),
  )
}

function opens(known: Known['own'], { identifier, columns, when }: Openings[number], row: Row): boolean {
  const fits = Object.entries(when).every(([name, wanted]) => [wanted].flat().some((one) => String(one) === row.cells[name]))
  if (!fits) return false
  const values = known.get(identifier) ?? new Set()
  return standing(row, columns).some((value) => values.has(identifier === 'email' ? fold(value) : value))
}

/** The values that a row holds at the place of a link: one, or any number where the place is an array or jsonb. */
function standing(row: Row, columns: readonly string[]): string[] {
  const [first = ''] = columns
  if (first.endsWith('[]')) return readArray(row.cells[first.slice(0, -2)] ?? '{}').map((part) => JSON.stringify([part]))
  if (first.includes('->')) {
    const about = JSON.parse(row.cells['about'] ?? 'null') as { people?: { mail: string }[] } | null
    return (about?.people ?? []).map(({ mail }) => JSON.stringify([mail]))
  }
  const value = tuple(row, columns)
  return value === undefined ? [] : [value]
}

/** A row that an own link leads to is somebody else's too when the key of another person stands in it. */
function isAnothers(world: World, known: Known, name: string, row: Row): boolean {
  const { is_person, refs = {} } = mappedOf(world, name)
  if (is_person === true) return false
  const openings = openingsOf(world, name)
  const own = openings.filter(({ meaning, identifier }) => meaning === 'own' && identifier === 'person_no')
  // Sender and recipient: each of the two is enough.
  const places = own.length === 1 ? own.filter(({ when }) => Object.keys(when).length === 0).map(({ columns }) => columns) : []
  for (const ref of Object.values(refs)) {
    const columns = [ref.columns].flat()
    if (ref.collection === 'people' && !openings.some((opening) => opening.columns.join() === columns.join())) places.push(columns)
  }
  return places.some((columns) => {
    const value = tuple(row, columns)
    return value !== undefined && !theirKeys(world, known).has(value)
  })
}

/** Keys of the person: those known, and those of the rows that are the person, whoever decides about them. */
function theirKeys(world: World, known: Known): Set<string | undefined> {
  const { rows, key } = tableOf(world, 'people')
  const theirs = rows.filter((row) => openingsOf(world, 'people').some((opening) => opens(known.own, opening, row)))
  return new Set([...(known.own.get('person_no') ?? []), ...theirs.map((row) => tuple(row, key))])
}

function isOrganisations(world: World, name: string, row: Row): boolean {
  if (mappedOf(world, name).organisation_controls === undefined) return false
  const organisation = tableOf(world, 'organisations').rows.find(({ cells }) => cells['k'] === row.cells['organisation'])
  return organisation?.cells['kind'] === 'team'
}

export function isSharedOnly(world: World, name: string): boolean {
  const openings = openingsOf(world, name)
  return openings.some(({ meaning }) => meaning === 'shared') && !openings.some(({ meaning }) => meaning === 'own')
}

/** The rows a collection's part of a plan is about: where nothing is anybody's own, the shared ones. */
export function decidedRows(world: World, { found }: Expected, name: string): readonly Row[] {
  const rows = found.get(name)
  return (isSharedOnly(world, name) ? rows?.shared : rows?.own) ?? []
}

/** What a copy must say, by collection: the rows as objects, secrets left out, and other people's words in what is only shared. */
export function expectCopy(world: World, expected: Expected): Map<string, Record<string, unknown>[]> {
  const copy = new Map<string, Record<string, unknown>[]>()
  for (const [name, { category, fields = {} }] of Object.entries(world.collections)) {
    const rows = decidedRows(world, expected, name)
    if (category === undefined || rows.length === 0) continue
    const left = isSharedOnly(world, name)
    const shown = tableOf(world, name).columns.filter(
      (column) => fields[column.name]?.never_disclose === undefined && !(left && fields[column.name]?.others_may_appear === true),
    )
    copy.set(
      name,
      rows.map((row) => Object.fromEntries(shown.map((column) => [column.name, jsonOf(column.kind, row.cells[column.name] ?? null)]))),
    )
  }
  return copy
}

export function openingsOf(world: World, name: string): Openings {
  return (mappedOf(world, name).opened_by ?? []).map(({ identifier, columns, meaning = 'own', when = {} }) => ({
    identifier,
    columns: [columns].flat(),
    meaning,
    when,
  }))
}

export function mappedOf(world: World, name: string): Mapped {
  const mapped = world.collections[name]
  if (mapped === undefined) throw new RangeError(`no collection ${name}`)
  return mapped
}

export function tableOf(world: World, name: string): ModelTable {
  const table = world.tables.get(name)
  if (table === undefined) throw new RangeError(`no table ${name}`)
  return table
}
