import { expect, test } from 'vitest'
import { sumRows } from '../../src/requests/carrying-out/batches.ts'
import type { Intent } from '../../src/requests/carrying-out/intend.ts'

function intentOf(batch: number, rows: Readonly<Record<string, number>>, repeated: readonly string[] = []): Intent {
  const predicate = Object.keys(rows).map((collection) => ({
    collection,
    action: 'set' as const,
    opened_by: [],
    ...(repeated.includes(collection) && { repeated: true }),
  }))
  const settled = { confirmed_by: 'effect', rows, left: {} }
  return { id: String(batch), batch, predicate, expected: rows, key_digests: [], keys: undefined, settled }
}

test('rows that were set a second time count once', () => {
  const done = [intentOf(0, { loans: 3, readers: 1 }), intentOf(1, { loans: 2 }), intentOf(2, { loans: 5, readers: 1 }, ['loans'])]
  expect(sumRows(done, ({ expected }) => expected)).toEqual({ loans: 5, readers: 2 })
})
