import { SourceError, type Change, type DataSource, type IdentifierValue } from '../../sources/source.ts'
import type { ClaimedStep } from './claim.ts'
import type { Intent } from './intend.ts'

/** One transaction at a source. */
export interface Batch {
  readonly number: number
  readonly changes: readonly Change[]
  /** Of many rows only these; undefined: all that the changes select. */
  readonly keys?: readonly IdentifierValue[]
  /** Collections whose rows were set before and are to be set again. */
  readonly repeated: readonly string[]
}

interface Open {
  readonly change: Change
  /** Rows still to be changed; for rows that are set, and stay, what is left of those found. */
  readonly rows: number
  readonly repeated: boolean
}

/**
 * What the step has to do next, after all that its intents have settled; undefined when nothing is left. Few rows are one transaction. More go
 * group by group, rows that point at others first, and a large collection in batches by its primary key: the keys of one batch are read when
 * its turn comes, never those of a whole plan. A SourceError before the first write when there are more rows than the plan allows.
 */
export async function nextBatch(claimed: ClaimedStep, source: DataSource, done: readonly Intent[]): Promise<Batch | undefined> {
  const { rows_per_transaction: size, rows_per_source: most } = claimed.body.limits
  const number = (done.at(-1)?.batch ?? -1) + 1
  const groups: Open[][] = []
  for (const group of source.sequence(claimed.changes)) groups.push(await openOf(source, group, done))
  const open = groups.flat()
  const rows = open.reduce((sum, one) => sum + one.rows, 0)
  assertWithin(source, open, done, { most, rows })
  if (done.length === 0 && rows <= size) return { number, changes: claimed.changes, repeated: [] }
  const group = groups.find((one) => one.length > 0)
  if (group === undefined) return undefined
  const changes = group.map(({ change }) => change)
  const repeated = group.flatMap((one) => (one.repeated ? [one.change.selection.collection] : []))
  const [only, ...others] = group
  const divided = only !== undefined && others.length === 0 && only.change.whole !== true && repeated.length === 0
  if (!divided || (only.rows <= size && cursor(only.change, done) === undefined)) return { number, changes, repeated }
  return { number, changes, repeated, keys: await keysOf(source, only.change, done, size) }
}

/** Rows that earlier batches have changed, or were to change, by collection; what was done again counts once. */
export function sumRows(done: readonly Intent[], of: (intent: Intent) => Readonly<Record<string, number>>): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const intent of done) {
    for (const [collection, rows] of Object.entries(of(intent))) {
      const again = intent.predicate.some((one) => one.collection === collection && one.repeated === true)
      sums[collection] = (sums[collection] ?? 0) + (again ? 0 : rows)
    }
  }
  return sums
}

/** Whether the intent was about this change. */
export function isAbout({ predicate }: Intent, { selection, action }: Change): boolean {
  return predicate.some((one) => one.collection === selection.collection && one.action === action.kind)
}

async function openOf(source: DataSource, group: readonly Change[], done: readonly Intent[]): Promise<Open[]> {
  const open: Open[] = []
  for (const change of group) {
    const one = change.action.kind === 'delete' ? await openDelete(source, change) : await openSet(source, change, done)
    // A first batch says also of collections without rows that they were looked at.
    if (one.rows > 0) open.push(one)
  }
  return open
}

async function openDelete(source: DataSource, change: Change): Promise<Open> {
  return { change, rows: await source.count(change.selection), repeated: false }
}

/** Rows that are set stay: which of them are done says what was intended, not what is found. */
async function openSet(source: DataSource, change: Change, done: readonly Intent[]): Promise<Open> {
  const earlier = done.filter((intent) => isAbout(intent, change))
  const { collection } = change.selection
  const rows = await source.count(change.selection)
  const last = cursor(change, done)
  if (earlier.length === 0) return { change, rows, repeated: false }
  const further = last === undefined ? [] : await source.keys(change.selection, 1, last)
  if (further.length > 0) return { change, rows: Math.max(1, rows - (sumRows(earlier, rowsDone)[collection] ?? 0)), repeated: false }
  const written = earlier.at(-1)?.settled?.left[collection] ?? 0
  return { change, rows: written > 0 ? rows : 0, repeated: true }
}

/** Where the last batch of a divided change ended. */
function cursor(change: Change, done: readonly Intent[]): IdentifierValue | undefined {
  return done.findLast((intent) => isAbout(intent, change) && intent.keys !== undefined)?.keys?.at(-1)
}

async function keysOf(source: DataSource, change: Change, done: readonly Intent[], size: number): Promise<readonly IdentifierValue[]> {
  const keys = await source.keys(change.selection, size, cursor(change, done))
  // Rows that have come since may lie before the place that was reached.
  return keys.length > 0 ? keys : source.keys(change.selection, size)
}

function assertWithin(
  source: DataSource,
  open: readonly Open[],
  done: readonly Intent[],
  { most, rows }: { most: number; rows: number },
): void {
  const before = sumRows(done, rowsDone)
  const { id } = source.declaration
  const so = done.length === 0 ? 'nothing was' : 'the rest was not'
  for (const one of open) {
    const { selection, limit } = one.change
    const all = one.rows + (one.repeated ? 0 : (before[selection.collection] ?? 0))
    if (all > limit) throw new SourceError(id, selection.collection, 'too_many', `more than ${limit} rows would be changed, so ${so}`)
  }
  const all = rows + Object.values(before).reduce((sum, one) => sum + one, 0)
  if (all > most) throw new SourceError(id, '', 'too_many', `more than ${most} rows of this source would be changed, so ${so}`)
}

function rowsDone({ settled }: Intent): Readonly<Record<string, number>> {
  return settled?.rows ?? {}
}
