import { append, type EntryDetail } from './audit/append.ts'
import type { AuditAction } from './audit/actions.ts'
import { inTransaction, type Context } from './context.ts'
import { Refusal } from './errors.ts'
import { isAllowed, type Permission } from './security/permissions.ts'

/** What a verb needs and writes. `audit: []` is only for reads that show no personal data. */
export interface VerbRule {
  readonly name: string
  readonly permission: Permission
  readonly audit: readonly AuditAction[]
}

/** The context inside a verb: `record` writes an audit entry into the open transaction. */
export interface VerbContext extends Context {
  record(action: AuditAction, detail: EntryDetail): Promise<void>
}

const registered: VerbRule[] = []

/** Every verb with its permission and audit actions; a test reads it and asks that none is missing. */
export function verbRegistry(): readonly VerbRule[] {
  return registered
}

/**
 * A verb: permission, then one transaction with its audit entries, then the answer. The act fails when an entry cannot be written, when it
 * writes an action it has not declared, and when it changed something without any entry (unless `quiet`: it may find nothing to do).
 */
export function verb<I, O>(
  rule: { name: string; permission: Permission; audit: AuditAction | readonly AuditAction[]; quiet?: boolean },
  act: (ctx: VerbContext, input: I) => Promise<O>,
): (ctx: Context, input: I) => Promise<O> {
  const actions = typeof rule.audit === 'string' ? [rule.audit] : rule.audit
  registered.push({ name: rule.name, permission: rule.permission, audit: actions })
  return async (ctx, input) => {
    if (!isAllowed(ctx.actor, rule.permission)) throw new Refusal(ctx.actor.kind === 'public' ? 'unauthenticated' : 'permission_denied')
    return inTransaction(ctx, async (tx) => {
      let written = 0
      const record = async (action: AuditAction, detail: EntryDetail) => {
        if (!actions.includes(action)) throw new Error(`the verb ${rule.name} has not declared the audit action ${action}`)
        await append(tx, action, detail)
        written += 1
      }
      const answer = await act({ ...tx, record }, input)
      if (written === 0 && actions.length > 0 && rule.quiet !== true) throw new Error(`the verb ${rule.name} wrote no audit entry`)
      return answer
    })
  }
}
