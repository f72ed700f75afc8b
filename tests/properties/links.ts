import type { Builder, Thing } from './build.ts'
import { swapCase } from './people.ts'
import type { TableShape } from './shape.ts'
import type { ModelTable, Mapped, Person } from './world.ts'

/** What a row says of whom it belongs to. */
interface Belonging {
  readonly cells: Record<string, string | null>
  readonly owner: number | undefined
  readonly mark: string
}

export interface Linked {
  readonly opened_by: NonNullable<Mapped['opened_by']>
  readonly refs?: NonNullable<Mapped['refs']>
  readonly provides?: NonNullable<Mapped['provides']>
  readonly rows: readonly Belonging[]
  /** Columns that must be emptied before what they point at may go. */
  readonly points: readonly string[]
}

type Maker = (world: Builder, table: ModelTable, shape: TableShape) => Linked

export function cellsOf(columns: readonly string[], values: readonly (string | null)[] | undefined): Record<string, string | null> {
  return Object.fromEntries(columns.map((name, index) => [name, values?.[index] ?? null]))
}

/** Whose a row of this person is: nobody's that a plan could touch, where an organisation decides about the person's own row. */
export function ownerOf(world: Builder, person: Person, by: 'email' | 'key' = 'key'): number | undefined {
  if (world.organised.has(person.index) || (by === 'email' && person.has_twin)) return undefined
  return person.index
}

function times(world: Builder, shape: TableShape): number {
  return world.dice.below(shape.rows + 1)
}

/** Whether a foreign key may stand here: in a gentle world only where an erasure takes or empties what points. */
function mayPoint(world: Builder, table: ModelTable, shape: TableShape): boolean {
  if (table.source !== 'main' || !shape.has_foreign_key) return false
  if (!world.gentle) return true
  return !shape.organisations && (shape.erasure === 'delete' || (shape.erasure !== 'leave' && shape.nullable))
}

const person: Maker = (world, table, shape) => {
  const columns = world.addLink(table, 'holder', world.shape.person_key, !shape.nullable)
  const points = mayPoint(world, table, shape)
  const people: Thing = { table: world.persons, key: world.shape.person_key, identifier: 'person_no', shape: { erasure: 'delete' } }
  if (points) pointAt(world, table, columns, people, shape)
  const rows = world.people.flatMap((one) =>
    Array.from({ length: times(world, shape) }, () => ({
      cells: cellsOf(columns, one.key),
      owner: ownerOf(world, one),
      mark: `p${one.index}`,
    })),
  )
  return {
    opened_by: [{ identifier: 'person_no', columns }],
    ...(table.source === 'main' && world.dice.percent(60) && { refs: { holder: { collection: 'people', columns } } }),
    rows: [...rows, ...orphans(world, shape, columns)],
    points: points ? columns : [],
  }
}

function orphans(world: Builder, shape: TableShape, columns: readonly string[]): Belonging[] {
  if (!shape.nullable) return []
  world.features.add('a NULL link')
  return [{ cells: cellsOf(columns, undefined), owner: undefined, mark: 'nobody' }]
}

function addressOf(world: Builder, one: Person): string {
  const email = one.email ?? ''
  return world.dice.percent(30) ? swapCase(email) : email
}

const email: Maker = (world, table, shape) => {
  table.columns.push({ name: 'mail', kind: 'text', not_null: !shape.nullable })
  const rows = world.people
    .filter((one) => one.email !== null)
    .flatMap((one) =>
      Array.from({ length: times(world, shape) }, () => ({
        cells: { mail: addressOf(world, one) },
        owner: ownerOf(world, one, 'email'),
        mark: one.has_twin ? 'twin' : `p${one.index}`,
      })),
    )
  const second = world.people.map(({ index }) => ({ cells: { mail: `p${index}@second.example` }, owner: undefined, mark: `p${index}` }))
  const odd = ['', ' ', '\u00a0', '%', '_', '@example.com'].map((mail) => ({ cells: { mail }, owner: undefined, mark: 'nobody' }))
  return {
    opened_by: [{ identifier: 'email', columns: 'mail' }],
    rows: [...rows, ...second, ...odd, ...orphans(world, shape, ['mail'])],
    points: [],
  }
}

const thing: Maker = (world, table, shape) => {
  const target = world.things.length === 0 ? undefined : world.things[shape.target % world.things.length]
  if (target === undefined) return person(world, table, shape)
  const columns = world.addLink(table, 'part_of', target.key, !shape.nullable)
  world.provide(target)
  const points = mayPoint(world, table, shape) && target.table.source === table.source
  if (points) pointAt(world, table, columns, target, shape)
  const rows = target.table.rows.flatMap((row) =>
    Array.from({ length: times(world, shape) }, () => ({
      cells: cellsOf(
        columns,
        target.table.key.map((name) => row.cells[name] ?? null),
      ),
      owner: row.owner,
      mark: row.mark,
    })),
  )
  return {
    opened_by: [{ identifier: target.identifier, columns }],
    ...(target.table.source === table.source &&
      world.dice.percent(60) && { refs: { part_of: { collection: target.table.name, columns } } }),
    rows: [...rows, ...orphans(world, shape, columns)],
    points: points ? columns : [],
  }
}

/** A foreign key, and where two tables are to point at each other, the one back; then at least one of them waits for the end. */
function pointAt(world: Builder, table: ModelTable, columns: readonly string[], target: Thing, shape: TableShape): void {
  const circle = closeCircle(world, table, columns, target, shape)
  world.addForeignKey(table, columns, target.table, shape.on_delete, circle === 'deferred' ? 'deferrable initially deferred' : '')
}

/** Lets the table that rows hang on point back at one of them; filled when the rows are there. */
function closeCircle(world: Builder, table: ModelTable, by: readonly string[], target: Thing, shape: TableShape): TableShape['circle'] {
  const taken = target.table.columns.some(({ name }) => name.startsWith('favourite'))
  const bothGo = shape.erasure === 'delete' && target.shape.erasure === 'delete'
  if (shape.circle === undefined || taken || (world.gentle && !bothGo)) return undefined
  const columns = world.addLink(target.table, 'favourite', shape.key, false)
  for (const row of target.table.rows) for (const name of columns) row.cells[name] = null
  const mapped = world.collections[target.table.name]
  if (mapped?.fields !== undefined) for (const name of columns) mapped.fields[name] = {}
  const { circle } = shape
  world.addForeignKey(target.table, columns, table, 'no action', circle === 'immediate' ? '' : 'deferrable initially deferred')
  world.features.add('a cycle')
  world.favourites.push({ from: target.table, to: table, columns, by })
  return circle
}

const editor: Maker = (world, table, shape) => {
  const columns = world.addLink(table, 'editor', world.shape.person_key, false)
  const points = table.source === 'main' && shape.has_foreign_key && (!world.gentle || !shape.organisations)
  if (points) world.addForeignKey(table, columns, world.persons, shape.on_delete === 'cascade' ? 'no action' : shape.on_delete)
  table.columns.push({ name: 'body', kind: 'text', not_null: false })
  world.features.add('a shared row')
  const rows = world.people.map((one) => ({ cells: cellsOf(columns, one.key), owner: undefined, mark: 'shared' }))
  return {
    opened_by: [{ identifier: 'person_no', columns, meaning: 'shared' }],
    rows: [...rows, ...orphans(world, { ...shape, nullable: true }, columns)],
    points: columns,
  }
}

/** Sender and recipient: each of the two ways is enough. */
const pair: Maker = (world, table, shape) => {
  const from = world.addLink(table, 'sender', world.shape.person_key, false)
  const to = world.addLink(table, 'recipient', world.shape.person_key, false)
  if (table.source === 'main' && shape.has_foreign_key && (!world.gentle || (shape.erasure === 'delete' && !shape.organisations))) {
    world.addForeignKey(table, from, world.persons, shape.on_delete)
    world.addForeignKey(table, to, world.persons, shape.on_delete)
  }
  const rows = world.people.map((one) => {
    const other = world.dice.pick(world.people)
    return { cells: { ...cellsOf(from, one.key), ...cellsOf(to, other.key) }, owner: undefined, mark: 'pair' }
  })
  return {
    opened_by: [
      { identifier: 'person_no', columns: from },
      { identifier: 'person_no', columns: to },
    ],
    rows,
    points: [...from, ...to],
  }
}

/** Found by an address, and a ref says who wrote it: another author makes the row somebody else's too. */
const author: Maker = (world, table, shape) => {
  const found = email(world, table, shape)
  const columns = world.addLink(table, 'author', world.shape.person_key, false)
  if (table.source !== 'main')
    return { ...found, rows: found.rows.map((row) => ({ ...row, cells: { ...cellsOf(columns, undefined), ...row.cells } })) }
  if (!world.gentle && shape.has_foreign_key) world.addForeignKey(table, columns, world.persons, shape.on_delete)
  world.features.add('a shared row')
  const rows = found.rows.map((row) => {
    const other = world.dice.pick(world.people)
    const by = row.owner === undefined ? undefined : world.dice.percent(40) ? world.people[row.owner] : other
    const shared = by !== undefined && by.index !== row.owner
    return {
      cells: { ...row.cells, ...cellsOf(columns, by?.key) },
      owner: shared ? undefined : row.owner,
      mark: shared ? 'shared' : row.mark,
    }
  })
  return { ...found, refs: { author: { collection: 'people', columns } }, rows, points: columns }
}

/** The person's own by one link; by the other only shared with its holder. */
const witness: Maker = (world, table, shape) => {
  const own = person(world, table, shape)
  const columns = world.addLink(table, 'witness', world.shape.person_key, false)
  if (!world.gentle && table.source === 'main' && shape.has_foreign_key) world.addForeignKey(table, columns, world.persons, 'no action')
  world.features.add('a shared row')
  const rows = own.rows.map((row) => {
    const seen = world.dice.percent(60) ? world.dice.pick(world.people).key : undefined
    return { ...row, cells: { ...row.cells, ...cellsOf(columns, seen) } }
  })
  return { ...own, opened_by: [...own.opened_by, { identifier: 'person_no', columns, meaning: 'shared' as const }], rows }
}

/** A second address that somebody gives: their own, or, in some worlds, one that is somebody else's. */
const contact: Maker = (world, table, shape) => {
  const found = person(world, table, shape)
  table.columns.push({ name: 'also', kind: 'text', not_null: false })
  const foreign = world.dice.percent(50)
  const rows = found.rows.map((row) => {
    const somebody = foreign && world.dice.percent(50) ? world.dice.pick(world.people) : undefined
    const other = somebody !== undefined && `p${somebody.index}` !== row.mark
    if (other && somebody.email !== null) world.features.add('a way round')
    return { ...row, cells: { ...row.cells, also: other ? somebody.email : world.dice.pick([null, `${row.mark}@second.example`]) } }
  })
  return { ...found, provides: { email: 'also' }, rows }
}

/** `owner_type` says what `owner_id` is the key of: the same number is a person's in one row and a thing's in the next. */
const typed: Maker = (world, table, shape) => {
  const target = world.things.find(({ key }) => key !== 'composite')
  if (target === undefined || world.shape.person_key === 'composite') return person(world, table, shape)
  world.provide(target)
  world.features.add('a polymorphic link')
  table.columns.push({ name: 'owner_type', kind: 'text', not_null: false }, { name: 'owner_id', kind: 'text', not_null: false })
  const people = world.people.flatMap((one) => [
    { cells: { owner_type: 'person', owner_id: one.key[0] ?? null }, owner: ownerOf(world, one), mark: `p${one.index}` },
    { cells: { owner_type: world.dice.pick(['thing?', null]), owner_id: one.key[0] ?? null }, owner: undefined, mark: 'nobody' },
  ])
  const things = target.table.rows.map((row) => ({
    cells: { owner_type: 'thing', owner_id: row.cells[target.table.key[0] ?? ''] ?? null },
    owner: row.owner,
    mark: row.mark,
  }))
  return {
    opened_by: [
      { identifier: 'person_no', columns: 'owner_id', when: { owner_type: 'person' } },
      { identifier: target.identifier, columns: 'owner_id', when: { owner_type: ['thing', 'thing of old'] } },
    ],
    rows: [...people, ...things],
    points: [],
  }
}

/** Several people in one cell: the row is shared, its other fields are the team's. */
function several(name: string, kind: 'list' | 'jsonb', path: string, write: (addresses: readonly string[]) => string): Maker {
  return (world, table, shape) => {
    table.columns.push({ name, kind, not_null: false }, { name: 'body', kind: 'text', not_null: false })
    world.features.add('a shared row')
    const rows = Array.from({ length: shape.rows + 1 }, () => {
      const members = world.people.filter((one) => one.email !== null && world.dice.percent(40)).map((one) => addressOf(world, one))
      return { cells: { [name]: write(members) }, owner: undefined, mark: 'shared' }
    })
    const opened_by = [{ identifier: 'email', columns: path, meaning: 'shared' as const }]
    return { opened_by, rows: [...rows, { cells: { [name]: null }, owner: undefined, mark: 'nobody' }], points: [] }
  }
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`

/** The kinds of links that are one table each; groups and subscribers are built in scene.ts. */
export const MAKERS: Readonly<Record<Exclude<TableShape['link'], 'group' | 'subscriber'>, Maker>> = {
  person,
  email,
  thing,
  editor,
  pair,
  author,
  witness,
  contact,
  typed,
  array: several('members', 'list', 'members[]', (addresses) => `{${addresses.map(quoted).join(',')}}`),
  json: several('about', 'jsonb', 'about->people[]->mail', (addresses) => JSON.stringify({ people: addresses.map((mail) => ({ mail })) })),
}
