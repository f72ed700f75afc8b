import type { holds } from '../db/schema/standing.ts'

/** A hold as operators see it: its scope masked. */
export interface HoldView {
  readonly id: string
  readonly matter: string
  readonly reason: string
  readonly scope: Readonly<Record<string, string>>
  readonly review_at: string
  readonly placed_by: string
  readonly placed_at: string
  readonly release_asked_by: string | null
  readonly release_asked_at: string | null
  readonly released_at: string | null
}

/** What may be shown of a stored hold. */
export function viewHold(row: typeof holds.$inferSelect): HoldView {
  return {
    id: row.id,
    matter: row.matter,
    reason: row.reason,
    scope: row.scope_shown,
    review_at: row.review_at.toISOString(),
    placed_by: row.placed_by,
    placed_at: row.placed_at.toISOString(),
    release_asked_by: row.release_asked_by,
    release_asked_at: row.release_asked_at?.toISOString() ?? null,
    released_at: row.released_at?.toISOString() ?? null,
  }
}
