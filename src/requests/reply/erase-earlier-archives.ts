import { and, asc, eq, isNull, ne, sql } from 'drizzle-orm'
import { eraseArchive } from '../../archives/store.ts'
import { canonicalJson } from '../../canonical.ts'
import { requests } from '../../db/schema/requests.ts'
import { archives, plans } from '../../db/schema/work.ts'
import type { UnfetchedCopy } from '../../letters/letter-case.ts'
import type { PlanBody } from '../../planner/shape.ts'
import type { VerbContext } from '../../verb.ts'
import type { RequestRow } from '../transition.ts'
import { dayOf } from './reply-letter.ts'

/**
 * Erases the copies that other cases of exactly the same proven identity have left: an erasure reaches earlier packs too (law.md §5). A copy
 * that nobody has had yet stays, because it cannot be made again: one that waits for its release, and one that was released and never
 * downloaded, until it expires. Answers with those. Declares `archive.erased`.
 */
export async function eraseEarlierArchives(ctx: VerbContext, request: RequestRow, body: PlanBody): Promise<UnfetchedCopy[]> {
  const now = ctx.clock.now()
  const unfetched: UnfetchedCopy[] = []
  for (const { archive, reference, state, zone } of await earlierArchives(ctx, request, body)) {
    const waits = archive.released_at === null && state === 'awaiting_release'
    const ready = archive.released_at !== null && archive.expires_at > now && archive.downloads === 0
    if (waits) unfetched.push({ reference, until: undefined })
    else if (ready) unfetched.push({ reference, until: dayOf(archive.expires_at, zone) })
    else {
      // Key and bytes first: after a crash the row is still there, and this is done again with the reply.
      await eraseArchive(ctx, archive)
      await ctx.db.update(archives).set({ erased_at: now }).where(eq(archives.id, archive.id))
      await ctx.record('archive.erased', { case: reference, archive: archive.id, erased_with: request.reference })
    }
  }
  return unfetched
}

/** Archives of other cases that stand on the same identity, locked: a download or a release that is under way is waited for. */
async function earlierArchives(ctx: VerbContext, request: RequestRow, body: PlanBody) {
  const identity = identityOf(body)
  const [first] = body.identities
  if (identity === undefined || first === undefined) return []
  const rows = await ctx.db
    .select({ archive: archives, reference: requests.reference, state: requests.state, zone: requests.zone, body: plans.body })
    .from(archives)
    .innerJoin(requests, eq(requests.id, archives.request_id))
    .innerJoin(plans, eq(plans.id, requests.plan_id))
    .where(
      and(
        isNull(archives.erased_at),
        ne(archives.request_id, request.id),
        sql`${plans.body} -> 'identities' @> ${JSON.stringify([{ digest: first.digest }])}::jsonb`,
      ),
    )
    .orderBy(asc(archives.id))
    .for('update', { of: archives })
  return rows.filter((row) => identityOf(row.body as PlanBody) === identity)
}

/** What a plan stands on, as one text to compare; undefined where nothing is proven, or it was said that it is nobody's. */
function identityOf({ identities, questions }: PlanBody): string | undefined {
  const decided = identities.some(({ proven_by }) => proven_by === 'decision')
  if (identities.length === 0 || (!decided && questions.some(({ kind }) => kind === 'ambiguous_identity'))) return undefined
  return canonicalJson(identities.map(({ kind, digest }) => `${kind} ${digest}`).toSorted())
}
