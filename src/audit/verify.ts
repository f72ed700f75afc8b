import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Database } from '../db/client.ts'
import { auditRoots } from '../db/schema/audit.ts'
import { EMPTY, leafHash, rootOf, withLeaves, type Frontier } from './tree.ts'

/** One thing that is wrong with the log: at which number, null for what has none, and a sentence. */
export interface LogProblem {
  readonly number: number | null
  readonly sentence: string
}

export interface LogVerdict {
  readonly ok: boolean
  /** How many numbered entries were read. */
  readonly entries: number
  readonly problems: readonly LogProblem[]
}

/** A tree head that somebody kept outside the database: whoever rewrites everything in it cannot rewrite this. */
export interface Checkpoint {
  readonly tree_size: number
  readonly root: string
}

const PAGE = 5_000
const MOST_PROBLEMS = 100

interface NumberedRow extends Record<string, unknown> {
  readonly number: string
  readonly id: string | null
  readonly at: string
  readonly action: string
  readonly actor: string
  readonly case_reference: string | null
  readonly body: string
  readonly hash: string
}

const shownColumns = z.object({ at: z.string(), action: z.string(), actor: z.string(), case: z.string().nullable() })

type Root = typeof auditRoots.$inferSelect

/**
 * Reads the whole log in one snapshot and flat memory, and says what was changed, removed, added or reordered since it was written. A
 * rewrite of the whole database that is consistent in itself is found by a `checkpoint` that was kept elsewhere.
 */
export async function verifyLog(db: Database, checkpoint?: Checkpoint): Promise<LogVerdict> {
  return db.transaction(
    async (tx) => {
      const check = new LogCheck(checkpoint)
      const roots = readRoots(tx)
      let root = (await roots.next()).value
      for await (const row of readNumbered(tx)) {
        check.entry(row)
        while (root !== undefined && root.tree_size <= check.last) {
          check.root(root)
          root = (await roots.next()).value
        }
      }
      for (; root !== undefined; root = (await roots.next()).value) check.root(root)
      check.end()
      for (const { id, at } of await readUnnumbered(tx, check.settled)) {
        check.report(null, `The entry of ${at} (id ${id}) was added behind the log's back: it has no number and none is due.`)
      }
      return { ok: check.problems.length === 0, entries: check.count, problems: check.problems }
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  )
}

/** What is known of the log up to the entry that was read last. */
class LogCheck {
  readonly problems: LogProblem[] = []
  count = 0
  last = 0
  settled = 0
  private readonly checkpoint: Checkpoint | undefined
  /** The tree as recomputed; undefined from a missing entry until a written head lets us go on. */
  private tree: Frontier | undefined = EMPTY
  private rootSize = 0
  private beyond = 0

  constructor(checkpoint: Checkpoint | undefined) {
    this.checkpoint = checkpoint
  }

  report(number: number | null, sentence: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ number, sentence })
    else if (this.problems.length === MOST_PROBLEMS)
      this.problems.push({ number, sentence: 'There are more problems than are listed here.' })
  }

  entry(row: NumberedRow): void {
    const number = Number(row.number)
    if (number !== this.last + 1) {
      this.report(this.last + 1, `${number === this.last + 2 ? 'This number is' : `The numbers from here to ${number - 1} are`} missing.`)
      this.tree = undefined
    }
    this.last = number
    this.count += 1
    if (row.id === null) {
      this.report(number, 'The entry with this number is missing.')
      this.tree = undefined
      return
    }
    if (leafHash(row.body) !== row.hash) this.report(number, 'The entry was changed: its text does not have its hash.')
    else if (!saysTheSame(row)) this.report(number, 'The entry was changed: its columns say something else than its text.')
    if (this.tree !== undefined) this.tree = withLeaves(this.tree, [row.hash])
    this.compareCheckpoint()
  }

  root(root: Root): void {
    this.settled = Math.max(this.settled, root.settled_id)
    const written = { size: root.tree_size, nodes: root.frontier }
    if (root.tree_size - root.entries !== this.rootSize) this.report(root.tree_size, 'A tree head before this one is missing.')
    if (root.tree_size > this.last) this.beyond = root.tree_size
    else if (root.tree_size === this.last) this.compareRoot(root)
    if (rootOf(written) !== root.root)
      this.report(root.tree_size, 'The tree head of this number was changed: it does not agree with itself.')
    // Going on from what was written keeps one change from hiding those that come after it.
    else if (root.tree_size === this.last) this.tree = written
    this.rootSize = root.tree_size
  }

  end(): void {
    if (this.beyond > this.last) this.report(this.last + 1, `The end was cut off: a tree head over ${this.beyond} entries was written.`)
    else if (this.rootSize < this.last) this.report(this.rootSize + 1, 'From here on numbers were given without a tree head.')
    const size = this.checkpoint?.tree_size ?? 0
    if (size > this.last) this.report(this.last + 1, `The end was cut off: the checkpoint that was given covers ${size} entries.`)
  }

  private compareRoot(root: Root): void {
    if (this.tree === undefined || rootOf(this.tree) === root.root) return
    const span = root.entries === 1 ? 'this entry was' : `of the entries ${root.tree_size - root.entries + 1} to ${root.tree_size} one was`
    this.report(
      root.tree_size,
      `The tree head of this number has another root: ${span} changed, exchanged or added, or the head itself was changed.`,
    )
  }

  private compareCheckpoint(): void {
    if (this.checkpoint?.tree_size !== this.last || this.tree === undefined || rootOf(this.tree) === this.checkpoint.root) return
    this.report(this.last, 'Up to here the log is not the one of the checkpoint that was given.')
  }
}

/** Readers of the log are shown the columns, the tree covers the text: both must say the same. */
function saysTheSame(row: NumberedRow): boolean {
  const body = shownColumns.safeParse(parseJson(row.body)).data
  return body?.at === row.at && body.action === row.action && body.actor === row.actor && body.case === row.case_reference
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isoAt = sql`to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

async function* readNumbered(tx: Database): AsyncGenerator<NumberedRow> {
  for (let last = 0; ;) {
    const page =
      await tx.execute<NumberedRow>(sql`select n.number, e.id, ${isoAt} as at, e.action, e.actor, e.case_reference, e.body, e.hash
      from (select number, entry_id from audit_numbers where number > ${last} order by number limit ${PAGE}) n
      left join audit_entries e on e.id = n.entry_id order by n.number`)
    yield* page.rows
    if (page.rows.length < PAGE) return
    last = Number(page.rows.at(-1)?.number)
  }
}

async function* readRoots(tx: Database): AsyncGenerator<Root, undefined> {
  for (let last = 0; ;) {
    const page = await tx.query.auditRoots.findMany({
      where: (root, { gt }) => gt(root.tree_size, last),
      orderBy: (root, { asc }) => asc(root.tree_size),
      limit: PAGE,
    })
    yield* page
    if (page.length < PAGE) return undefined
    last = page.at(-1)?.tree_size ?? 0
  }
}

async function readUnnumbered(tx: Database, settled: number): Promise<{ id: string; at: string }[]> {
  const found = await tx.execute<{ id: string; at: string }>(sql`select e.id, ${isoAt} as at from audit_entries e
    where e.id <= ${settled} and not exists (select from audit_numbers n where n.entry_id = e.id) order by e.id limit ${MOST_PROBLEMS}`)
  return found.rows
}
