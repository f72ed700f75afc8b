import { createHash, hash } from 'node:crypto'

const LEAF = Buffer.of(0)

/** The RFC 6962 leaf hash of an entry's canonical JSON, in hex. */
export function leafHash(body: string): string {
  return createHash('sha256').update(LEAF).update(body).digest('hex')
}

/** The RFC 6962 hash of a node over its two children, all in hex. */
export function nodeHash(left: string, right: string): string {
  return hash('sha256', Buffer.from(`01${left}${right}`, 'hex'), 'hex')
}

/** A tree as far as it must be known to be extended: its size and the roots of its full subtrees, largest first. */
export interface Frontier {
  readonly size: number
  readonly nodes: readonly string[]
}

/** The tree of no leaves. */
export const EMPTY: Frontier = { size: 0, nodes: [] }

/** The tree with these leaves more, in this order. */
export function withLeaves(frontier: Frontier, leaves: Iterable<string>): Frontier {
  const nodes = [...frontier.nodes]
  let size = frontier.size
  for (const leaf of leaves) {
    let node = leaf
    // As in counting: each full subtree at the right edge carries over. `%` and `/`, since `&` would end at 2^31.
    for (let carry = size; carry % 2 === 1; carry = (carry - 1) / 2) node = nodeHash(nodes.pop() ?? '', node)
    nodes.push(node)
    size += 1
  }
  return { size, nodes }
}

/** The root of the tree, in hex; of no leaves, the hash of nothing. */
export function rootOf(frontier: Frontier): string {
  if (frontier.nodes.length === 0) return hash('sha256', '', 'hex')
  return frontier.nodes.reduceRight((right, left) => nodeHash(left, right))
}

/** Leaves from `from` up to, but not including, `to`, counted from 0; a proof is the roots over such ranges. */
export interface LeafRange {
  readonly from: number
  readonly to: number
}

/** The ranges whose roots prove that leaf `index` is in the tree of `size` leaves (RFC 6962 §2.1.1), the nearest first. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  if (!(Number.isInteger(index) && index >= 0 && index < size)) throw new RangeError('the leaf lies outside the tree')
  const ranges: LeafRange[] = []
  let from = 0
  let to = size
  while (to - from > 1) {
    const middle = from + largestPowerBelow(to - from)
    if (index < middle) ranges.unshift({ from: middle, to })
    else ranges.unshift({ from, to: middle })
    if (index < middle) to = middle
    else from = middle
  }
  return ranges
}

/** The ranges whose roots prove that the tree of `size` leaves only adds to the one of `older` leaves (RFC 6962 §2.1.2). */
export function consistencyRanges(older: number, size: number): LeafRange[] {
  if (!(Number.isInteger(older) && older > 0 && older <= size)) throw new RangeError('the older tree is not within the newer one')
  const ranges: LeafRange[] = []
  let from = 0
  let to = size
  while (to !== older) {
    const middle = from + largestPowerBelow(to - from)
    if (older <= middle) ranges.unshift({ from: middle, to })
    else ranges.unshift({ from, to: middle })
    if (older <= middle) to = middle
    else from = middle
  }
  // The subtree that both trees end in is named unless it is the whole older tree, whose root the reader already has.
  return from > 0 ? [{ from, to }, ...ranges] : ranges
}

/** Whether `path` proves that the leaf is at `index` (from 0) of the tree with this size and root (RFC 9162 §2.1.3.2). */
export function verifyInclusion(proof: { leaf: string; index: number; size: number; path: readonly string[]; root: string }): boolean {
  if (!(Number.isInteger(proof.index) && proof.index >= 0 && proof.index < proof.size)) return false
  const ranges = inclusionRanges(proof.index, proof.size)
  if (!isPath(proof.path, ranges.length)) return false
  let root = proof.leaf
  for (const [step, node] of proof.path.entries()) {
    const onTheRight = (ranges[step]?.from ?? 0) > proof.index
    root = onTheRight ? nodeHash(root, node) : nodeHash(node, root)
  }
  return root === proof.root
}

/** Whether `path` proves that the newer tree begins with the older one's leaves, unchanged and in order (RFC 9162 §2.1.4.2). */
export function verifyConsistency(proof: {
  older: number
  olderRoot: string
  size: number
  root: string
  path: readonly string[]
}): boolean {
  if (!(Number.isInteger(proof.older) && proof.older > 0 && proof.older <= proof.size)) return false
  const ranges = consistencyRanges(proof.older, proof.size)
  if (!isPath(proof.path, ranges.length)) return false
  const startsInPath = ranges[0]?.to === proof.older && ranges[0].from > 0
  let older = startsInPath ? (proof.path[0] ?? '') : proof.olderRoot
  let newer = older
  for (let step = startsInPath ? 1 : 0; step < ranges.length; step++) {
    const node = proof.path[step] ?? ''
    const inOlder = (ranges[step]?.to ?? 0) <= proof.older
    if (inOlder) older = nodeHash(node, older)
    newer = inOlder ? nodeHash(node, newer) : nodeHash(newer, node)
  }
  return older === proof.olderRoot && newer === proof.root
}

function isPath(path: readonly string[], length: number): boolean {
  return path.length === length && path.every((node) => /^[0-9a-f]{64}$/.test(node))
}

function largestPowerBelow(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}
