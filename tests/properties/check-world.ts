import { expect } from 'vitest'
import type { Client } from 'pg'

import { compilePolicy } from '../../src/policy/compile.ts'
import type { Policy } from '../../src/policy/schema.ts'
import { openPostgresSource } from '../../src/sources/postgres/open.ts'
import { SourceError, type DataSource } from '../../src/sources/source.ts'
import { countDangling, create, drop, dump, shuffle, type Dump } from './database.ts'
import { decidedRows, expectComplaints, expectCopy, expectErased, expectFound, type Expected, type RowAfter } from './oracle.ts'
import { expectSame, linesOf } from './same.ts'
import { carryOut, countsOf, draft, putBack, readCopy, type CarriedOut, type Drafted, type Opened } from './product.ts'
import type { ModelTable, Row, World } from './world.ts'

/** Where worlds are made: a connection of the owner, and the address under which sources are opened. */
export interface Ground {
  readonly admin: Client
  readonly url: string
}

let made = 0

/** Makes a world, has the product copy and erase one person, and holds every row of it against the oracle. Tells how the erasure ended. */
export async function checkWorld(ground: Ground, world: World): Promise<'erased' | 'refused'> {
  const prefix = `w${++made}`
  const policy = compilePolicy([{ name: 'world.yaml', text: JSON.stringify(world.policy).replaceAll('SCHEMA_', `${prefix}_`) }])
  try {
    await create(ground.admin, world, prefix)
    const sources = await openSources(policy, ground.url)
    try {
      return await compare({ ground, world, policy, sources, prefix })
    } finally {
      await Promise.all([...sources.values()].map((source) => source.close()))
    }
  } finally {
    await drop(ground.admin, prefix)
  }
}

interface Scene {
  readonly ground: Ground
  readonly world: World
  readonly policy: Policy
  readonly sources: Opened
  readonly prefix: string
}

async function openSources(policy: Policy, url: string): Promise<Opened> {
  const opened = new Map<string, DataSource>()
  for (const declaration of policy.sources.values()) opened.set(declaration.id, await openPostgresSource(declaration, policy, url))
  return opened
}

async function compare(scene: Scene): Promise<'erased' | 'refused'> {
  const { world, prefix, ground } = scene
  const before = await dump(ground.admin, world, prefix)
  settle(world, before)
  if (world.features.has('a way round')) return compareSpared(scene, before)
  let expected = expectFound(world, world.start)
  let { start } = world
  if (expected.ambiguous.size > 0) {
    const { survey } = await draft(scene.policy, scene.sources, start, 'access')
    expect(survey.ambiguous.length, 'an address of several people is put aside').toBeGreaterThan(0)
    // Somebody says whose request it is.
    start = { person_no: [world.subject.key] }
    expected = expectFound(world, start)
  }
  if (world.turn === 0) await compareCheck(scene)
  await compareCopy(scene, expected, start)
  expectSame('a copy changes nothing', linesOf(await dump(ground.admin, world, prefix)), linesOf(before))
  return compareErasure(scene, expected, start, before)
}

/** From here on the model holds the values in the form that the database gives them. */
function settle(world: World, before: Dump): void {
  for (const table of world.tables.values()) {
    for (const row of table.rows) {
      const cells = before.get(table.name)?.get(JSON.stringify(table.key.map((name) => row.cells[name])))
      if (cells === undefined) throw new Error(`the row ${JSON.stringify(row.cells)} of ${table.name} is not there`)
      table.columns.forEach(({ name }, index) => (row.cells[name] = cells[index] ?? null))
    }
  }
}

async function compareCopy({ policy, sources, world, ground, prefix }: Scene, expected: Expected, start: World['start']): Promise<void> {
  const drafted = await draft(policy, sources, start, 'access')
  const counts = countsOf(policy, drafted)
  const summary = [...expected.found].map(([name, rows]) =>
    countLine(name, {
      rows: decidedRows(world, expected, name).length,
      shared: rows.shared.length,
      organisation: rows.organisation.length,
    }),
  )
  const got = [...expected.found.keys()].map((name) => countLine(name, counts.get(name) ?? { rows: 0, shared: 0, organisation: 0 }))
  expectSame('rows found', got, summary)
  const copy = await readCopy(sources, drafted, 'json')
  const wanted = expectCopy(world, expected)
  expectSame('collections in the copy', [...copy.keys()], [...wanted.keys()])
  for (const [name, text] of copy) expectSame(`the copy of ${name}`, lines(JSON.parse(text) as unknown[]), lines(wanted.get(name) ?? []))
  const csv = world.turn % 2 === 0 ? await readCopy(sources, drafted, 'csv') : copy
  const all = [...copy.values(), ...csv.values()].join('\n')
  expectMarks(world, all, start)
  if (world.turn % 2 === 0) return
  await shuffle(ground.admin, world, prefix)
  expect((await draft(policy, sources, start, 'access')).plan.hash, 'the hash does not depend on where rows lie').toBe(drafted.plan.hash)
}

function countLine(name: string, { rows, shared, organisation }: { rows: number; shared: number; organisation: number }): string {
  return `${name}: ${rows} own, ${shared} shared, ${organisation} of organisations`
}

function lines(rows: readonly unknown[]): string[] {
  return rows.map((row) => JSON.stringify(Object.entries(row as object).toSorted(([a], [b]) => (a < b ? -1 : 1)))).toSorted()
}

/** What the generator meant, whatever oracle and product agree on: all of this person, nothing that is only another's. */
function expectMarks(world: World, copy: string, start: World['start']): void {
  const { index } = world.subject
  expectSame('marks of other people in the copy', othersMarks(world, copy), [])
  if (world.subject.has_twin || (start['email'] === undefined && world.subject.email === null)) return
  const missing = [...world.tables.values()].flatMap((table) =>
    table.rows
      .filter((row) => row.owner === index && world.collections[table.name]?.category !== undefined)
      .flatMap((row) => marksOf(row))
      .filter((mark) => !copy.includes(mark)),
  )
  expectSame('marks of the person that the copy lacks', missing, [])
}

/** Marks of texts that are not this person's, nor shared. */
function othersMarks({ subject }: World, text: string): string[] {
  const marks = [...text.matchAll(/«(p\d+|secret|org|nobody|twin):[^»]*»/g)]
  return marks.filter(([, whose]) => whose !== `p${subject.index}` && !(whose === 'twin' && subject.has_twin)).map(([mark]) => mark)
}

function marksOf(row: Row): string[] {
  return Object.values(row.cells).flatMap((cell) => [...(cell ?? '').matchAll(/«p\d+:[^»]*»/g)].map(([mark]) => mark))
}

async function compareErasure(scene: Scene, expected: Expected, start: World['start'], before: Dump): Promise<'erased' | 'refused'> {
  const { policy, sources, world, ground, prefix } = scene
  const holds = world.hold === undefined ? [] : [{ matter: 'a claim', collection: world.hold, review_on: '2030-01-01' }]
  const drafted = await draft(policy, sources, start, 'erasure', holds)
  const carried = new Map<string, CarriedOut>()
  let after = before
  for (const source of sources.keys()) {
    const wanted = expectErased(world, expected, source)
    const step = `${prefix} ${source}`
    if ('refused' in wanted) {
      await expectRefused(scene, drafted, source, wanted.refused)
      continue
    }
    const work = await carryOut(sources, drafted, source, step)
    const now = await dump(ground.admin, world, prefix)
    expectRows(world, now, wanted.tables, after, source)
    for (const { left } of work.outcomes)
      expect(new Set([0, ...Object.values(left)]), 'a look afterwards finds nothing left').toEqual(new Set([0]))
    for (const effect of work.effects) {
      const again = await sources.get(source)?.apply(effect)
      expect(again?.confirmed_by, 'what has a marker is not done again').toBe('marker')
    }
    if (world.turn % 2 === 0) {
      await carryOut(sources, drafted, source, `${step} again`)
      expectSame('a second erasure changes nothing', linesOf(await dump(ground.admin, world, prefix)), linesOf(now))
    }
    carried.set(source, work)
    after = now
  }
  expect(await countDangling(ground.admin, world, prefix), 'rows that point nowhere').toBe(0)
  if (world.turn % 3 > 0) await comparePutBack(scene, carried, before)
  return carried.size < sources.size ? 'refused' : 'erased'
}

async function expectRefused(
  { sources, world, ground, prefix }: Scene,
  drafted: Drafted,
  source: string,
  reasons: readonly string[],
): Promise<void> {
  const before = await dump(ground.admin, world, prefix)
  const refusal = await carryOut(sources, drafted, source, `${prefix} ${source}`).catch((error: unknown) => error)
  expect(refusal, `the source must refuse: ${reasons.join(', ')}`).toBeInstanceOf(SourceError)
  // What a cascade takes may be held by a constraint further on.
  const kinds = reasons.includes('unexpected_rows') ? ['unexpected_rows', 'constraint'] : ['constraint']
  expect(kinds, (refusal as SourceError).message).toContain((refusal as SourceError).cause_kind)
  expectSame('a refused erasure changes nothing', linesOf(await dump(ground.admin, world, prefix)), linesOf(before))
}

/** What the erasure took comes back, once, cell by cell. */
async function comparePutBack(
  { sources, world, ground, prefix }: Scene,
  carried: ReadonlyMap<string, CarriedOut>,
  before: Dump,
): Promise<void> {
  for (const [source, { taken }] of carried) {
    const step = `${prefix} ${source} back`
    const { conflicts } = await putBack(sources, source, taken, step)
    expectSame(
      'what stands in the way of putting back',
      conflicts.map((conflict) => JSON.stringify(conflict)),
      [],
    )
    if (world.turn % 3 === 1) expect((await putBack(sources, source, taken, step)).confirmed_by, 'it is put back once').toBe('marker')
    if (world.turn % 3 !== 2) continue
    expect((await putBack(sources, source, taken, `${step} again`)).conflicts, 'what is there already is as it was').toEqual([])
  }
  expectSame('the recovery copy gives back the original', linesOf(await dump(ground.admin, world, prefix)), linesOf(before))
}

/**
 * Somebody has given the address of another as a second one of their own, so that one way or another the map leads from person to person.
 * What is then found of the first is the product's to say; of nobody else is anything copied or changed.
 */
async function compareSpared({ policy, sources, world, ground, prefix }: Scene, before: Dump): Promise<'erased' | 'refused'> {
  for (const start of [world.start, { person_no: [world.subject.key] }]) {
    const drafted = await draft(policy, sources, start, 'access')
    const copy = [...(await readCopy(sources, drafted, 'json')).values()].join('\n')
    expectSame('marks of other people in the copy', othersMarks(world, copy), [])
  }
  const drafted = await draft(policy, sources, { person_no: [world.subject.key] }, 'erasure')
  let result: 'erased' | 'refused' = 'erased'
  for (const source of sources.keys()) {
    await carryOut(sources, drafted, source, `${prefix} ${source}`).catch((error: unknown) => {
      if (!(error instanceof SourceError)) throw error
      result = 'refused'
    })
  }
  const theirs = (rows: Dump): string[] =>
    [...world.tables.values()].flatMap(({ name, key, rows: all }) =>
      all
        .filter(({ mark }) => /^p\d+$/.test(mark) && mark !== `p${world.subject.index}`)
        .map(({ cells }) => `${name} ${JSON.stringify(rows.get(name)?.get(JSON.stringify(key.map((part) => cells[part]))))}`),
    )
  expectSame('rows of other people after the erasure', theirs(await dump(ground.admin, world, prefix)), theirs(before))
  return result
}

/** Tables of this source as the oracle says, all others as they were: cell by cell. */
function expectRows(world: World, now: Dump, wanted: ReadonlyMap<string, readonly RowAfter[]>, before: Dump, source: string): void {
  for (const table of world.tables.values()) {
    const rows = (wanted.get(table.name) ?? []).map((row) => lineAfter(table, row, now))
    const { on_erasure = 'delete' } = world.collections[table.name] ?? {}
    expectSame(
      `${table.name} (${on_erasure}) after the erasure`,
      linesOf(now, [table.name]),
      table.source === source ? rows : linesOf(before, [table.name]),
    )
  }
}

/** The wanted row as a line of the dump; where anything that passes will do, with what is there. */
function lineAfter(table: ModelTable, { cells, loose = {} }: RowAfter, now: Dump): string {
  const there = now.get(table.name)?.get(JSON.stringify(table.key.map((name) => cells[name])))
  const wanted = table.columns.map(({ name }, index) => {
    const cell = there?.[index] ?? null
    return loose[name]?.(cell) === true ? cell : (cells[name] ?? null)
  })
  return `${table.name} ${JSON.stringify(wanted)}`
}

/** The check of a live schema finds nothing but what the database would do by itself, and all of that. */
async function compareCheck({ world, sources }: Scene): Promise<void> {
  for (const [id, source] of sources) {
    const said = (await source.check()).map(({ sentence }) => sentence)
    if (world.gentle)
      expectSame(
        'problems found',
        said.filter((sentence) => !sentence.includes('ON DELETE')),
        [],
      )
    const unsaid = expectComplaints(world, id).filter((table) => !said.some((sentence) => sentence.startsWith(`table ${table},`)))
    expectSame('tables that the check says nothing of', unsaid, [])
  }
}
