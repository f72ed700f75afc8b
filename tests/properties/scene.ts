import { Builder, type Thing } from './build.ts'
import { cellsOf, MAKERS, ownerOf, type Linked } from './links.ts'
import type { Shape, TableShape } from './shape.ts'
import { swapCase } from './people.ts'
import { tuple, type Mapped, type ModelTable, type PolicyText, type SourceId, type World } from './world.ts'

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

function onErasure(world: Builder, table: ModelTable, { erasure, link }: TableShape, { points }: Linked): Partial<Mapped> {
  if (link === 'pair' && world.gentle) return { on_erasure: 'delete' }
  const freed = Object.fromEntries(
    points.filter((name) => table.columns.some((one) => one.name === name && !one.not_null)).map((name) => [name, null]),
  )
  if (erasure === 'detach' && link === 'array') return { on_erasure: 'detach', set: { members: { remove: 'email' } } }
  if (erasure === 'detach' && link === 'json') return { on_erasure: 'detach', set: { about: { drop: ['people'] } } }
  const set = { ...changes(world, table), ...freed, note: world.dice.percent(50) ? null : { value: '[removed]' } }
  switch (erasure) {
    case 'delete':
      return { on_erasure: 'delete' }
    case 'leave':
      return { on_erasure: 'leave', leave_reason: 'it is a test' }
    case 'detach':
      return { on_erasure: 'detach', set }
    case 'keep':
      return {
        on_erasure: 'keep',
        set: { ...set, ...(world.dice.percent(50) && { created_on: { truncate: world.dice.pick(['month', 'year']) } }) },
        keep: { basis: 'legal_claims', statute: 'Test Act 1', country: 'NL', rule: `${table.name}_rule` },
      }
  }
}

/** Strategies for single columns, as their types allow. */
function changes(world: Builder, table: ModelTable): NonNullable<Mapped['set']> {
  const linked = table.columns.filter(({ name }) => /^(slug|f\d+)$/.test(name) && world.dice.percent(50))
  return Object.fromEntries(
    linked.flatMap(({ name, kind }): [string, NonNullable<Mapped['set']>[string]][] => {
      const nameless = world.dice.percent(50) ? { replace: true as const } : { pseudonym: true as const }
      switch (kind) {
        case 'text':
        case 'varchar':
        case 'domain':
        case 'uuid':
          return [[name, nameless]]
        case 'inet':
          return [[name, { truncate: 'ip' }]]
        case 'date':
          return [[name, { truncate: 'month' }]]
        case 'jsonb':
          return [[name, { drop: ['who'] }]]
        case 'list':
        case 'int':
        case 'numeric':
        case 'boolean':
          return [[name, { replace: true }]]
        case 'bigint':
        case 'instant':
        case 'mood':
        case 'bytea':
          return []
      }
    }),
  )
}

/** People in the sense of another list: one row a person, keyed by an address. */
function addSubscribers(world: Builder, table: ModelTable): void {
  table.columns.push({ name: 'mail', kind: 'text', not_null: false })
  for (const person of world.people) {
    if (person.email === null || world.dice.percent(30)) continue
    const owner = ownerOf(world, person, 'email')
    const mail = world.dice.percent(30) ? swapCase(person.email) : person.email
    world.addRow(table, world.newKey(keyKindOf(table), table), { mail }, owner, owner === undefined ? 'twin' : `p${owner}`)
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

function policyText(world: Builder): PolicyText {
  const side = [...world.tables.values()].some(({ source }) => source === 'side')
  const kept = Object.entries(world.collections).filter(([, { on_erasure }]) => on_erasure === 'keep')
  return {
    habeas: 1,
    controllers: { example: CONTROLLER },
    identifiers: world.identifiers,
    sources: {
      main: { kind: 'postgres', label: 'Main', mode: 'enforce', schema: 'SCHEMA_main' },
      ...(side && { side: { kind: 'postgres', label: 'Side', mode: 'enforce', schema: 'SCHEMA_side' } }),
    },
    categories: { data: { label: 'Data', purpose: 'testing', basis: 'contract', kept: 'for a test' } },
    collections: world.collections,
    // A refused erasure is all or nothing only where it is one transaction.
    ...(world.gentle && world.shape.in_batches && { decisions: { limits: { rows_per_transaction: 2 } } }),
    retention: Object.fromEntries([
      ['seen_to', { category: 'data', promise: 'as long as a test', starts_label: 'the test', period: 'P1D', action: 'attest' as const }],
      ...kept.map(
        ([name]) =>
          [
            `${name}_rule`,
            { category: 'data', promise: 'seven years', collection: name, starts: 'created_on', period: 'P7Y', action: 'delete' as const },
          ] as const,
      ),
    ]),
  }
}

const CONTROLLER = {
  name: 'Example B.V.',
  address: 'Dam 1, Amsterdam',
  country: 'NL',
  zone: 'Europe/Amsterdam',
  calendar: 'NL' as const,
  authority: { name: 'Autoriteit Persoonsgegevens', address: 'Den Haag', url: 'https://autoriteitpersoonsgegevens.nl' },
  dpo: { name: 'Dirk', email: 'dpo@example.com' },
  sender: { name: 'Example', email: 'privacy@example.com' },
}
