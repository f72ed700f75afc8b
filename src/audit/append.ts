import { actorName } from '../security/permissions.ts'
import { canonicalJson } from '../canonical.ts'
import type { Context } from '../context.ts'
import { auditEntries } from '../db/schema/audit.ts'
import type { AuditAction } from './actions.ts'
import { leafHash } from './tree.ts'

/** What an entry says beside who, what and when: ids, counts, hashes, codes; never a value of somebody's data. */
export interface EntryDetail {
  readonly case?: string
  readonly [name: string]:
    | string
    | number
    | boolean
    | null
    | undefined
    | readonly string[]
    | Readonly<Record<string, string | number | boolean | null>>
}

/** Writes one entry into the caller's transaction and nothing more; numbers and the tree are the sequencer's. */
export async function append(ctx: Context, action: AuditAction, detail: EntryDetail): Promise<void> {
  const { case: reference, ...rest } = detail
  const at = ctx.clock.now()
  const actor = actorName(ctx.actor)
  const body = canonicalJson({ at: at.toISOString(), action, actor, case: reference ?? null, detail: withoutUndefined(rest) })
  await ctx.db.insert(auditEntries).values({ at, action, actor, case_reference: reference ?? null, body, hash: leafHash(body) })
}

function withoutUndefined(detail: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(detail).filter(([, value]) => value !== undefined))
}
