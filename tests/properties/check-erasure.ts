import { expect } from 'vitest'

import { SourceError } from '../../src/sources/source.ts'
import { othersMarks } from './check-copy.ts'
import type { Scene } from './check-world.ts'
import { countDangling, dump, type Dump } from './database.ts'
import type { Expected } from './oracle.ts'
import { expectErased, type RowAfter } from './oracle-erasure.ts'
import { carryOut, draft, putBack, readCopy, type CarriedOut, type Drafted } from './product.ts'
import { expectSame, linesOf } from './same.ts'
import type { ModelTable, World } from './world.ts'

/** An erasure leaves what the oracle leaves, or is refused as it must be; what it took can be put back. */
export async function compareErasure(scene: Scene, expected: Expected, start: World['start'], before: Dump): Promise<'erased' | 'refused'> {
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
export async function compareSpared({ policy, sources, world, ground, prefix }: Scene, before: Dump): Promise<'erased' | 'refused'> {
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
