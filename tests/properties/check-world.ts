import { expect } from 'vitest'
import type { Client } from 'pg'

import { compilePolicy } from '../../src/policy/compile.ts'
import type { Policy } from '../../src/policy/schema.ts'
import { openPostgresSource } from '../../src/sources/postgres/open.ts'
import type { DataSource } from '../../src/sources/source.ts'
import { compareCopy } from './check-copy.ts'
import { compareErasure, compareSpared } from './check-erasure.ts'
import { create, drop, dump, type Dump } from './database.ts'
import { expectFound } from './oracle.ts'
import { expectComplaints } from './oracle-erasure.ts'
import { expectSame, linesOf } from './same.ts'
import { draft, type Opened } from './product.ts'
import type { World } from './world.ts'

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

/** A world with its schemas, its policy, and the sources open. */
export interface Scene {
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
