import { describe, expect, test } from 'vitest'
import {
  consistencyRanges,
  EMPTY,
  inclusionRanges,
  leafHash,
  nodeHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
  withLeaves,
} from '../../src/audit/tree.ts'

// The leaves and roots with which implementations of Certificate Transparency are compared.
const LEAVES = ['', '\0', '\x10', ' !', '01', '@ABC', 'PQRSTUVW', '`abcdefghijklmno']
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const MOST = 66
const leaves = Array.from({ length: MOST }, (_, i) => leafHash(`entry ${i}`))

describe('the tree', () => {
  test.each(ROOTS.map((root, i) => [i + 1, root] as const))('over the first %i test leaves has the published root', (size, root) => {
    expect(rootOf(withLeaves(EMPTY, LEAVES.slice(0, size).map(leafHash)))).toBe(root)
  })

  test('of no leaves is the hash of nothing', () => {
    expect(rootOf(EMPTY)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })

  test('grows to the same root one leaf at a time, in lots, and by its definition', () => {
    let tree = EMPTY
    for (let size = 1; size <= MOST; size++) {
      tree = withLeaves(tree, leaves.slice(size - 1, size))
      expect(rootOf(tree)).toBe(rootBySplitting(leaves.slice(0, size)))
      expect(tree).toEqual(withLeaves(withLeaves(EMPTY, leaves.slice(0, size >> 1)), leaves.slice(size >> 1, size)))
    }
  })
})

describe('a proof of inclusion', () => {
  test('of every leaf in every tree holds, and for no other leaf, place, size, root or path', () => {
    for (let size = 1; size <= MOST; size++) {
      const root = rootBySplitting(leaves.slice(0, size))
      for (let index = 0; index < size; index++) {
        const path = inclusionRanges(index, size).map(({ from, to }) => rootBySplitting(leaves.slice(from, to)))
        const leaf = leaves[index] ?? ''
        expect(verifyInclusion({ leaf, index, size, path, root })).toBe(true)
        expect(verifyInclusion({ leaf: leafHash('never written'), index, size, path, root })).toBe(false)
        expect(verifyInclusion({ leaf, index, size, path, root: leafHash('another root') })).toBe(false)
        expect(verifyInclusion({ leaf, index, size, path: [...path, leaf], root })).toBe(false)
        if (size > 1) expect(verifyInclusion({ leaf, index: (index + 1) % size, size, path, root })).toBe(false)
        if (path.length > 0) expect(verifyInclusion({ leaf, index, size, path: path.slice(1), root })).toBe(false)
        if (path.length > 0) expect(verifyInclusion({ leaf, index, size, path: path.map(() => 'zz'.repeat(32)), root })).toBe(false)
      }
    }
  })

  test.each([
    [-1, 5],
    [5, 5],
    [0, 0],
    [0.5, 5],
  ])('of leaf %d among %d does not exist', (index, size) => {
    expect(() => inclusionRanges(index, size)).toThrow(RangeError)
    expect(verifyInclusion({ leaf: '', index, size, path: [], root: '' })).toBe(false)
  })
})

describe('a proof of consistency', () => {
  test('between any two sizes holds, and not when a leaf of the older tree was changed or left out', () => {
    for (let size = 1; size <= MOST; size++) {
      const root = rootBySplitting(leaves.slice(0, size))
      for (let older = 1; older <= size; older++) {
        const olderRoot = rootBySplitting(leaves.slice(0, older))
        const path = consistencyRanges(older, size).map(({ from, to }) => rootBySplitting(leaves.slice(from, to)))
        expect(verifyConsistency({ older, olderRoot, size, root, path })).toBe(true)
        const forked = rootBySplitting([...leaves.slice(0, older - 1), leafHash('forked')])
        expect(verifyConsistency({ older, olderRoot: forked, size, root, path })).toBe(false)
        expect(verifyConsistency({ older, olderRoot, size, root: forked, path })).toBe(false)
        expect(verifyConsistency({ older, olderRoot, size, root, path: [...path, root] })).toBe(false)
      }
    }
  })

  test.each([
    [0, 5],
    [6, 5],
  ])('from %d to %d does not exist', (older, size) => {
    expect(() => consistencyRanges(older, size)).toThrow(RangeError)
    expect(verifyConsistency({ older, olderRoot: '', size, root: '', path: [] })).toBe(false)
  })
})

/** RFC 6962 §2.1, as it is written there. */
function rootBySplitting(hashes: readonly string[]): string {
  if (hashes.length === 1) return hashes[0] ?? ''
  let split = 1
  while (split * 2 < hashes.length) split *= 2
  return nodeHash(rootBySplitting(hashes.slice(0, split)), rootBySplitting(hashes.slice(split)))
}
