import { expect } from 'vitest'

import type { Scene } from './check-world.ts'
import { shuffle } from './database.ts'
import { decidedRows, expectCopy, type Expected } from './oracle.ts'
import { countsOf, draft, readCopy } from './product.ts'
import { expectSame } from './same.ts'
import type { Row, World } from './world.ts'

/** A copy has every cell of the person's rows, and the walk counts what the oracle counts. */
export async function compareCopy(
  { policy, sources, world, ground, prefix }: Scene,
  expected: Expected,
  start: World['start'],
): Promise<void> {
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
export function othersMarks({ subject }: World, text: string): string[] {
  const marks = [...text.matchAll(/«(p\d+|secret|org|nobody|twin):[^»]*»/g)]
  return marks.filter(([, whose]) => whose !== `p${subject.index}` && !(whose === 'twin' && subject.has_twin)).map(([mark]) => mark)
}

function marksOf(row: Row): string[] {
  return Object.values(row.cells).flatMap((cell) => [...(cell ?? '').matchAll(/«p\d+:[^»]*»/g)].map(([mark]) => mark))
}
