import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { FAULTS } from './faults.ts'
import { plantIn } from './plant.ts'

const FEWEST = 15

test('there are enough faults, each with a name of its own', () => {
  const names = FAULTS.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThanOrEqual(FEWEST)
})

test.for(FAULTS.map((fault) => [fault.name, fault] as const))('%s: its place is there exactly once', async ([, fault]) => {
  const source = await readFile(new URL(`../../${fault.file}`, import.meta.url), 'utf8')
  expect(plantIn(source, fault)).not.toBe(source)
  for (const file of fault.caught_by) expect(existsSync(new URL(`../../${file}`, import.meta.url)), file).toBe(true)
})
