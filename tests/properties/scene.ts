import { Builder, type Thing } from './build.ts'
import { onErasure } from './on-erasure.ts'
import { policyText } from './policy-text.ts'
import { cellsOf, MAKERS, ownerOf, type Linked } from './links.ts'
import type { Shape, TableShape } from './shape.ts'
import { swapCase } from './people.ts'
import { tuple, type Mapped, type ModelTable, type SourceId, type World } from './world.ts'

/** The world of a shape: always the same for the same shape. */
export function buildWorld(shape: Shape): World {
  const world = new Builder(shape)
  if (shape.people_of_organisations || shape.tables.some(({ organisations }) => organisations)) addOrganisations(world)
  addPeople(world, shape)
  shape.tables.forEach((table, index) => addCollection(world, table, `t${index + 1}`))
  closeCircles(world)
  const { subject } = world
  const byEmail = shape.start === 'email' && subject.email !== null
  return {
    tables: world.tables,
    foreign_keys: world.foreign_keys,
    collections: world.collections,
    policy: policyText(world),
    people: world.people,
    subject,
    start: byEmail
      ? { email: [[world.dice.percent(50) ? swapCase(subject.email ?? '') : (subject.email ?? '')]] }
      : { person_no: [subject.key] },
    gentle: world.gentle,
    hold: holdOf(world, shape),
    turn: shape.salt % 6,
    features: world.features,
  }
}

/** A collection whose rows must stay, for legal claims; never where a refusal could leave half of the work. */
function holdOf(world: Builder, shape: Shape): string | undefined {
  if (shape.in_batches || shape.salt % 5 !== 0) return undefined
  world.features.add('a hold')
  return world.dice.pick(Object.keys(world.collections))
}

function addOrganisations(world: Builder): void {
  const table = world.addTable('organisations', 'main', 'int', { fillers: [], keep: false })
  table.columns.push({ name: 'kind', kind: 'text', not_null: false })
  for (const [key, kind] of [
    ['1', 'team'],
    ['2', 'solo'],
    ['3', null],
  ] as const) {
    world.addRow(table, [key], { kind }, undefined, 'org')
  }
  world.map(table, { opened_by: [], category: undefined })
}

/** Adds the column that says which organisation decides about a row, if any; gives the choice for each row. */
function addController(
  world: Builder,
  table: ModelTable,
  mapped: Partial<Mapped>,
): () => { cells: Record<string, string | null>; organised: boolean } {
  table.columns.push({ name: 'organisation', kind: 'int', not_null: false })
  mapped.refs = { ...mapped.refs, organisation: { collection: 'organisations', columns: 'organisation' } }
  mapped.organisation_controls = { 'organisation.kind': 'team' }
  world.features.add('an organisation')
  return () => {
    const chosen = world.dice.pick(['1', '2', '3', null, null])
    return { cells: { organisation: chosen }, organised: chosen === '1' }
  }
}

function addPeople(world: Builder, shape: Shape): void {
  const table = world.addTable('people', 'main', shape.person_key, { fillers: [world.dice.below(99), world.dice.below(99)], keep: false })
  table.columns.push({ name: 'email', kind: 'text', not_null: false })
  const rest: Partial<Mapped> = {}
  const control = shape.people_of_organisations ? addController(world, table, rest) : undefined
  for (const person of world.people) {
    const controller = control?.()
    if (controller?.organised === true) world.organised.add(person.index)
    const owner = ownerOf(world, person)
    world.addRow(table, person.key, { email: person.email, ...controller?.cells }, owner, owner === undefined ? 'org' : `p${person.index}`)
  }
  if (shape.people_refer !== undefined) {
    const columns = referToItself(world, table, shape.people_refer, world.shape.person_key)
    // Nobody refers to the subject where an erasure is to succeed.
    for (const row of table.rows) {
      const chosen = world.dice.pick(table.rows)
      const fits = !world.gentle || chosen === row || chosen.cells['email'] !== world.subject.email
      if (fits && world.dice.percent(60)) Object.assign(row.cells, cellsOf(columns, keyOf(table, chosen)))
    }
  }
  world.map(table, {
    is_person: true,
    opened_by: [
      { identifier: 'email', columns: 'email' },
      { identifier: 'person_no', columns: [...table.key] },
    ],
    provides: { person_no: [...table.key], email: 'email' },
    ...rest,
  })
}

function referToItself(
  world: Builder,
  table: ModelTable,
  on_delete: NonNullable<TableShape['refers_to_itself']>,
  key: TableShape['key'],
): string[] {
  const columns = world.addLink(table, 'parent', key, false)
  for (const row of table.rows) Object.assign(row.cells, cellsOf(columns, undefined))
  world.addForeignKey(table, columns, table, on_delete)
  world.features.add('a self-reference')
  return columns
}

function keyOf(table: ModelTable, row: ModelTable['rows'][number]): (string | null)[] {
  return table.key.map((name) => row.cells[name] ?? null)
}

function addCollection(world: Builder, given: TableShape, name: string): void {
  const shape = tamed(world, given)
  const source: SourceId = shape.second_source ? 'side' : 'main'
  if (source === 'side') world.features.add('a second source')
  if (shape.link === 'group') return addGroup(world, shape, name, source)
  const table = world.addTable(name, source, shape.key, { fillers: shape.fillers, keep: shape.erasure === 'keep' })
  if (shape.link === 'subscriber') addSubscribers(world, table)
  else addLinked(world, table, shape, MAKERS[shape.link](world, table, shape))
  if (['person', 'email', 'thing', 'subscriber', 'author', 'editor', 'array'].includes(shape.link)) {
    const target: Thing = {
      table,
      key: shape.key,
      identifier: `${name}_no`,
      shape: shape.link === 'subscriber' ? { erasure: 'delete' } : shape,
    }
    world.things.push(target)
  }
}

/** The same table as the rest of the world can bear. */
function tamed(world: Builder, shape: TableShape): TableShape {
  const organisations = shape.organisations && !shape.second_source
  const { link, erasure } = shape
  if (link === 'editor') {
    return { ...shape, organisations, nullable: true, erasure: world.gentle || erasure === 'keep' ? 'detach' : erasure }
  }
  if (link === 'array' || link === 'json') return { ...shape, organisations: false, erasure: erasure === 'keep' ? 'delete' : erasure }
  return { ...shape, organisations, second_source: shape.second_source && link !== 'author' }
}

function addLinked(world: Builder, table: ModelTable, shape: TableShape, linked: Linked): void {
  const rest: Partial<Mapped> = {
    ...(linked.refs !== undefined && { refs: linked.refs }),
    ...(linked.provides !== undefined && { provides: linked.provides }),
  }
  const control = shape.organisations ? addController(world, table, rest) : undefined
  for (const { cells, owner, mark } of linked.rows) {
    const controller = control?.()
    const ours = controller?.organised !== true
    world.addRow(table, world.newKey(shape.key, table), { ...cells, ...controller?.cells }, ours ? owner : undefined, ours ? mark : 'org')
  }
  const mapped = world.map(table, { opened_by: linked.opened_by, ...rest, ...onErasure(world, table, shape, linked) })
  if (shape.refers_to_itself !== undefined) {
    const columns = referToItself(world, table, shape.refers_to_itself, shape.key)
    for (const name of columns) if (mapped.fields !== undefined) mapped.fields[name] = {}
    for (const row of table.rows) {
      const chosen = world.dice.pick(table.rows)
      const fits = !world.gentle || (row.owner !== undefined && chosen.owner === row.owner)
      if (fits && world.dice.percent(60)) Object.assign(row.cells, cellsOf(columns, keyOf(table, chosen)))
    }
  }
}

/** People in the sense of another list: one row a person, keyed by an address. */
function addSubscribers(world: Builder, table: ModelTable): void {
  table.columns.push({ name: 'mail', kind: 'text', not_null: false })
  for (const person of world.people) {
    if (person.email === null || world.dice.percent(30)) continue
    const owner = ownerOf(world, person, 'email')
    const mail = world.dice.percent(30) ? swapCase(person.email) : person.email
    // Whose own row an organisation controls has subscribed as themselves: only two people of one address are nobody in particular.
    const mark = person.has_twin ? 'twin' : `p${person.index}`
    world.addRow(table, world.newKey(keyKindOf(table), table), { mail }, owner, mark)
  }
  world.map(table, { is_person: true, opened_by: [{ identifier: 'email', columns: 'mail' }] })
}

function keyKindOf(table: ModelTable): TableShape['key'] {
  const [first, second] = table.columns.filter(({ name }) => table.key.includes(name))
  if (second !== undefined) return 'composite'
  return first?.kind === 'int' || first?.kind === 'uuid' ? first.kind : 'text'
}

/** Many to many: a table of members between people and what they share. */
function addGroup(world: Builder, shape: TableShape, name: string, source: SourceId): void {
  const table = world.addTable(name, source, shape.key, { fillers: shape.fillers, keep: false })
  table.columns.push({ name: 'body', kind: 'text', not_null: false })
  const between = world.addTable(`${name}_members`, source, 'int', { fillers: [], keep: false })
  const member = world.addLink(between, 'member', world.shape.person_key, true)
  const group = world.addLink(between, 'group_of', shape.key, true)
  const own = shape.nullable
  if (source === 'main' && shape.has_foreign_key) {
    world.addForeignKey(between, group, table, shape.on_delete)
    if (own || !world.gentle) world.addForeignKey(between, member, world.persons, shape.on_delete)
  }
  world.features.add('a shared row').add('many to many')
  for (let index = 0; index <= shape.rows; index++) {
    const row = world.addRow(table, world.newKey(shape.key, table), {}, undefined, 'shared')
    for (const person of world.people.filter(() => world.dice.percent(40))) {
      const cells = { ...cellsOf(member, person.key), ...cellsOf(group, keyOf(table, row)) }
      const owner = own ? ownerOf(world, person) : undefined
      world.addRow(between, world.newKey('int', between), cells, owner, owner === undefined ? 'bridge' : `p${owner}`)
    }
  }
  world.identifiers[`${name}_no`] = { label: name }
  world.map(between, {
    opened_by: [{ identifier: 'person_no', columns: member, meaning: own ? 'own' : 'bridge' }],
    provides: { [`${name}_no`]: group },
    ...(!own && { category: undefined }),
  })
  const opened_by = [{ identifier: `${name}_no`, columns: [...table.key], meaning: 'shared' as const }]
  world.map(table, { opened_by, ...(shape.erasure === 'leave' && { on_erasure: 'leave', leave_reason: 'it is a test' }) })
  world.things.push({ table, key: shape.key, identifier: `${name}_row`, shape: { erasure: 'leave' } })
}

function closeCircles(world: Builder): void {
  for (const { from, to, columns, by } of world.favourites) {
    for (const row of from.rows) {
      const key = tuple(row, from.key)
      const near = to.rows.filter((one) => tuple(one, by) === key)
      const candidates = world.gentle ? near.filter(({ owner }) => owner !== undefined && owner === row.owner) : to.rows
      if (candidates.length > 0 && world.dice.percent(70))
        Object.assign(row.cells, cellsOf(columns, keyOf(to, world.dice.pick(candidates))))
    }
  }
}
