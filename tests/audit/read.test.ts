import { beforeAll, describe, expect, test } from 'vitest'
import { append } from '../../src/audit/append.ts'
import { readCheckpoint, readEntries, readProof } from '../../src/audit/read.ts'
import { sequence } from '../../src/audit/sequencer.ts'
import { leafHash, verifyInclusion } from '../../src/audit/tree.ts'
import { canonicalJson } from '../../src/canonical.ts'
import { actingAs } from '../../src/context.ts'
import type { Role } from '../../src/security/permissions.ts'
import { openTestContext, START, type TestContext } from './open-context.ts'

let ctx: TestContext

beforeAll(async () => {
  ctx = await openTestContext()
  for (let i = 1; i <= 11; i++) await append(ctx, 'request.noted', { case: i > 8 ? 'HAB-ADA0-0001' : `HAB-N00R-000${i}`, i })
  await sequence(ctx)
  await append(ctx, 'request.viewed', { case: 'HAB-ADA0-0001' })
})

describe('entries', () => {
  test('come newest first, page by page, each once; what has no number yet is not shown', async () => {
    const seen: number[] = []
    let after: string | undefined
    do {
      const page = await readEntries(ctx, { limit: 4, after })
      seen.push(...page.data.map((entry) => entry.number))
      after = page.next_cursor ?? undefined
    } while (after !== undefined)
    expect(seen).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
  })

  test('say who did what when, and anybody can recompute their hash', async () => {
    const { data } = await readEntries(ctx, { limit: 1 })
    if (data[0] === undefined) throw new Error('expected an entry')
    const { number, hash, ...body } = data[0]
    expect({ number, ...body }).toEqual({
      number: 11,
      at: START.toISOString(),
      action: 'request.noted',
      actor: 'system:test',
      case: 'HAB-ADA0-0001',
      detail: { i: 11 },
    })
    expect(leafHash(canonicalJson(body))).toBe(hash)
  })

  test('of one case are only those', async () => {
    const page = await readEntries(ctx, { limit: 10, case: 'HAB-ADA0-0001' })
    expect(page.data.map((entry) => entry.number)).toEqual([11, 10, 9])
    expect(page.next_cursor).toBeNull()
  })

  test('are not given for a cursor of somebody else', async () => {
    await expect(readEntries(ctx, { limit: 10, after: '1; drop table' })).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

describe('a proof', () => {
  test('of each entry holds against the newest checkpoint', async () => {
    const checkpoint = await readCheckpoint(ctx)
    expect(checkpoint).toEqual({ tree_size: 11, root: checkpoint.root, at: START.toISOString() })
    for (let entry = 1; entry <= 11; entry++) {
      const proof = await readProof(ctx, { entry })
      expect(leafHash(proof.body)).toBe(proof.leaf_hash)
      expect(verifyInclusion({ leaf: proof.leaf_hash, index: entry - 1, size: 11, path: proof.path, root: checkpoint.root })).toBe(true)
    }
  })

  test.each([0, 12, -1])('of the number %i there is none', async (entry) => {
    await expect(readProof(ctx, { entry })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('who may read the log', () => {
  test.each<[Role, boolean]>([
    ['dpo', true],
    ['auditor', true],
    ['admin', true],
    ['caseworker', false],
  ])('%s: %s', async (role, allowed) => {
    const reader = actingAs(ctx, { kind: 'operator', id: '01a1', email: 'reader@example.com', role, grants: [] })
    const read = Promise.all([readEntries(reader, { limit: 1 }), readCheckpoint(reader), readProof(reader, { entry: 1 })])
    if (allowed) expect((await read)[0].data).toHaveLength(1)
    else await expect(read).rejects.toMatchObject({ code: 'permission_denied' })
  })

  test('not the public', async () => {
    await expect(readCheckpoint(actingAs(ctx, { kind: 'public' }))).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

test('the checkpoint of an empty log is that of the empty tree', async () => {
  const empty = await openTestContext()
  expect(await readCheckpoint(empty)).toEqual({
    tree_size: 0,
    root: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    at: null,
  })
})
