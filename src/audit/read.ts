import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { auditEntries, auditNumbers, auditRoots } from '../db/schema/audit.ts'
import { Refusal } from '../errors.ts'
import { isAllowed } from '../security/permissions.ts'
import { EMPTY, inclusionRanges, rootOf, withLeaves, type LeafRange } from './tree.ts'

const entryBody = z.object({
  at: z.string(),
  action: z.string(),
  actor: z.string(),
  case: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
})

/** An entry as the API shows it; its text in the tree is the canonical JSON (RFC 8785) of `{at, action, actor, case, detail}`. */
export type AuditEntryView = { readonly number: number; readonly hash: string } & Readonly<z.infer<typeof entryBody>>

/** The newest tree head: `root` is the RFC 6962 root over the first `tree_size` entries, in hex. */
export interface CheckpointView {
  readonly tree_size: number
  readonly root: string
  readonly at: string | null
}

/** What shows, together with a checkpoint kept elsewhere, that an entry is in the log: RFC 6962 audit path, from the leaf upwards, in hex. */
export interface ProofView {
  readonly entry: number
  readonly leaf_hash: string
  readonly tree_size: number
  readonly root: string
  readonly path: readonly string[]
  readonly body: string
}

const PAGE = 5_000

/** Numbered entries, newest first, those before the number `after`; of one case when it is named. */
export async function readEntries(
  ctx: Context,
  input: { limit: number; after?: string | undefined; case?: string | undefined },
): Promise<{ data: AuditEntryView[]; next_cursor: string | null }> {
  demandAuditor(ctx)
  const rows = await ctx.db
    .select({ number: auditNumbers.number, body: auditEntries.body, hash: auditEntries.hash })
    .from(auditNumbers)
    .innerJoin(auditEntries, eq(auditEntries.id, auditNumbers.entry_id))
    .where(
      and(
        input.after === undefined ? undefined : lt(auditNumbers.number, parseCursor(input.after)),
        input.case === undefined ? undefined : eq(auditEntries.case_reference, input.case),
      ),
    )
    .orderBy(desc(auditNumbers.number))
    .limit(input.limit + 1)
  const data = rows.slice(0, input.limit).map(({ number, body, hash }) => ({ number, ...entryBody.parse(JSON.parse(body)), hash }))
  return { data, next_cursor: rows.length > input.limit ? String(data.at(-1)?.number) : null }
}

/** The newest checkpoint; of an empty log the root of the empty tree, written at no time. */
export async function readCheckpoint(ctx: Context): Promise<CheckpointView> {
  demandAuditor(ctx)
  const [head] = await ctx.db.select().from(auditRoots).orderBy(desc(auditRoots.tree_size)).limit(1)
  if (head === undefined) return { tree_size: 0, root: rootOf(EMPTY), at: null }
  return { tree_size: head.tree_size, root: head.root, at: head.at.toISOString() }
}

/** The proof that the entry of this number is in the newest checkpoint's tree. Reads every leaf: some seconds per million. */
export async function readProof(ctx: Context, input: { entry: number }): Promise<ProofView> {
  const head = await readCheckpoint(ctx)
  const [row] = await ctx.db
    .select({ body: auditEntries.body, hash: auditEntries.hash })
    .from(auditNumbers)
    .innerJoin(auditEntries, eq(auditEntries.id, auditNumbers.entry_id))
    .where(eq(auditNumbers.number, input.entry))
  if (row === undefined || input.entry > head.tree_size) throw new Refusal('not_found')
  const path: string[] = []
  for (const range of inclusionRanges(input.entry - 1, head.tree_size)) path.push(await rootOver(ctx, range))
  return { entry: input.entry, leaf_hash: row.hash, tree_size: head.tree_size, root: head.root, path, body: row.body }
}

async function rootOver(ctx: Context, range: LeafRange): Promise<string> {
  let tree = EMPTY
  for (let from = range.from; from < range.to; from += PAGE) {
    // Leaves are counted from 0, numbers from 1.
    // The limit keeps the planner from starting parallel workers for each page, which takes longer than the page.
    const page = await ctx.db.execute<{ hash: string }>(sql`select e.hash from
      (select number, entry_id from audit_numbers where number > ${from} and number <= ${Math.min(range.to, from + PAGE)} order by number limit ${PAGE}) n
      join audit_entries e on e.id = n.entry_id order by n.number`)
    tree = withLeaves(
      tree,
      page.rows.map((row) => row.hash),
    )
  }
  return rootOf(tree)
}

// The log shows no personal data, so reading it leaves no entry; but only some may read it.
function demandAuditor(ctx: Context): void {
  if (!isAllowed(ctx.actor, 'audit.read')) throw new Refusal(ctx.actor.kind === 'public' ? 'unauthenticated' : 'permission_denied')
}

function parseCursor(after: string): number {
  if (!/^\d{1,15}$/.test(after))
    throw new Refusal('invalid_input', [{ pointer: '/after', detail: 'expected the next_cursor of an earlier page' }])
  return Number(after)
}
