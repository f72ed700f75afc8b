import type { Strategy } from '../../src/policy/schema.ts'
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

function fold(text: string): string {
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

/** A row after an erasure; `loose` columns may hold anything that passes. */
export interface RowAfter {
  readonly cells: Row['cells']
  readonly loose?: Readonly<Record<string, (now: string | null) => boolean>>
}

/** The database after an erasure, or the reason why the source must refuse it. */
export type After =
  | { readonly tables: ReadonlyMap<string, readonly RowAfter[]> }
  | { readonly refused: readonly ('constraint' | 'unexpected_rows')[] }

/** What an erasure must leave at one source. */
export function expectErased(world: World, expected: Expected, source: string): After {
  const tables = new Map<string, readonly RowAfter[]>()
  const held = heldCollections(world, expected)
  for (const [name, table] of world.tables) {
    const mapped = world.collections[name]
    const decided = new Set(mapped === undefined || table.source !== source ? [] : decidedRows(world, expected, name))
    tables.set(
      name,
      table.rows.flatMap((row): RowAfter[] => {
        if (mapped === undefined || held.has(name) || !decided.has(row)) return [row]
        if ((mapped.on_erasure ?? 'delete') === 'delete') return isSharedOnly(world, name) ? [row] : []
        return mapped.on_erasure === 'leave' ? [row] : [changedRow(row, mapped.set ?? {}, expected)]
      }),
    )
  }
  const refused = refusals(world, tables)
  return refused.length > 0 ? { refused } : { tables }
}

/** What is under hold stays, and with it all that its rows refer to, however far. */
function heldCollections(world: World, expected: Expected): Set<string> {
  const held = new Set<string>()
  const add = (name: string): void => {
    if (held.has(name)) return
    held.add(name)
    for (const { collection } of Object.values(mappedOf(world, name).refs ?? {})) add(collection)
  }
  if (world.hold !== undefined && decidedRows(world, expected, world.hold).length > 0) add(world.hold)
  return held
}

function changedRow(row: Row, set: NonNullable<Mapped['set']>, expected: Expected): RowAfter {
  const cells = { ...row.cells }
  const loose: Record<string, (now: string | null) => boolean> = {}
  for (const [column, strategy] of Object.entries(set)) {
    const cell = row.cells[column] ?? null
    const to = changedCell(cell, strategy, expected)
    if (typeof to === 'function') loose[column] = to
    else cells[column] = to
  }
  return { cells, loose }
}

function changedCell(cell: string | null, strategy: Strategy, { addresses }: Expected): string | null | ((now: string | null) => boolean) {
  if (strategy === null) return null
  if ('value' in strategy) return String(strategy.value)
  if (cell === null) return null
  if ('drop' in strategy) return dropped(cell, strategy.drop)
  if ('remove' in strategy) {
    const others = readArray(cell).filter((part) => !addresses.has(fold(part)))
    return (now) => now !== null && JSON.stringify(readArray(now)) === JSON.stringify(others)
  }
  if ('truncate' in strategy) {
    if (strategy.truncate === 'year') return `${cell.slice(0, 4)}-01-01`
    if (strategy.truncate === 'month') return `${cell.slice(0, 7)}-01`
    return (now) => now === cell.replace(/\.\d+(\/32)?$/, '.0/24')
  }
  // A replacement or a pseudonym: it says nothing of the person any more.
  return (now) => now !== null && !now.includes('«') && (now !== cell || !/[^01falsetrue{}.-]/.test(cell))
}

/** What stands in jsonb without these keys, as PostgreSQL writes it. */
function dropped(cell: string, keys: readonly string[]): string {
  const rest = Object.entries(JSON.parse(cell) as Record<string, unknown>).filter(([key]) => !keys.includes(key))
  return `{${rest.map(([key, value]) => `"${key}": ${JSON.stringify(value).replaceAll(',', ', ')}`).join(', ')}}`
}

/** Rows that stay and point at rows that go: the database would refuse, or change what nobody has decided about. */
function refusals(world: World, after: ReadonlyMap<string, readonly RowAfter[]>): ('constraint' | 'unexpected_rows')[] {
  return world.foreign_keys.flatMap(({ table, columns, target, on_delete }) => {
    const key = tableOf(world, target).key
    const there = new Set((after.get(target) ?? []).map((row) => tuple(row, key)))
    const dangling = (after.get(table) ?? []).filter((row) => {
      const value = JSON.stringify(columns.map((name) => row.cells[name] ?? null))
      return columns.every((name) => (row.cells[name] ?? null) !== null) && !there.has(value)
    })
    return dangling.length === 0 ? [] : [on_delete === 'no action' ? ('constraint' as const) : ('unexpected_rows' as const)]
  })
}

/** Tables whose rows the database would take or empty by itself, though no erasure of a person takes or empties them: a check must say so. */
export function expectComplaints(world: World, source: string): string[] {
  return world.foreign_keys.flatMap(({ table, columns, target, on_delete }) => {
    const [child, parent] = [world.collections[table], world.collections[target]]
    if (tableOf(world, table).source !== source || on_delete === 'no action' || parent === undefined || child === undefined) return []
    const goes = (name: string): boolean =>
      (mappedOf(world, name).on_erasure ?? 'delete') === 'delete' && openingsOf(world, name).some(({ meaning }) => meaning === 'own')
    const emptied = columns.some((name) => child.set?.[name] === null)
    return goes(target) && !goes(table) && !emptied ? [table] : []
  })
}

function openingsOf(world: World, name: string): Openings {
  return (mappedOf(world, name).opened_by ?? []).map(({ identifier, columns, meaning = 'own', when = {} }) => ({
    identifier,
    columns: [columns].flat(),
    meaning,
    when,
  }))
}

function mappedOf(world: World, name: string): Mapped {
  const mapped = world.collections[name]
  if (mapped === undefined) throw new RangeError(`no collection ${name}`)
  return mapped
}

function tableOf(world: World, name: string): ModelTable {
  const table = world.tables.get(name)
  if (table === undefined) throw new RangeError(`no table ${name}`)
  return table
}
