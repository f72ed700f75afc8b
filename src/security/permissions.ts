/**
 * Who may do what. `public` needs nobody, `subject` a token of this very request, `system` a job or the command line; all others are
 * given to operators by role (design.md §1).
 */
export const PERMISSIONS = {
  public: [],
  subject: [],
  system: [],
  'cases.read': ['caseworker', 'dpo', 'auditor'],
  'cases.reveal': ['caseworker', 'dpo'],
  'cases.open': ['caseworker', 'dpo'],
  'cases.work': ['caseworker', 'dpo'],
  'cases.plan': ['dpo'],
  'cases.approve': ['dpo'],
  'cases.decide': ['dpo'],
  'cases.release': ['dpo'],
  'tasks.answer': ['caseworker', 'dpo'],
  'retention.read': ['caseworker', 'dpo', 'auditor', 'admin'],
  'retention.run': ['dpo'],
  'holds.read': ['dpo', 'auditor'],
  'holds.place': ['caseworker', 'dpo'],
  'holds.release': ['dpo'],
  'standing.check': ['caseworker', 'dpo', 'admin'],
  'reports.read': ['caseworker', 'dpo', 'auditor', 'admin'],
  'audit.read': ['dpo', 'auditor', 'admin'],
  'operators.manage': ['admin'],
} as const satisfies Record<string, readonly Role[]>

export type Role = 'caseworker' | 'dpo' | 'auditor' | 'admin'
export type Permission = keyof typeof PERMISSIONS

/** On whose behalf something is done. */
export type Actor =
  | { readonly kind: 'public' }
  | { readonly kind: 'subject'; readonly requestId: string; readonly codeTypedAt: Date }
  | { readonly kind: 'operator'; readonly id: string; readonly email: string; readonly role: Role; readonly grants: readonly string[] }
  | { readonly kind: 'system'; readonly name: string }

/** Whether the actor may use a verb that asks for this permission; a subject's own request is checked by the verb itself. */
export function isAllowed(actor: Actor, permission: Permission): boolean {
  if (permission === 'public') return true
  switch (actor.kind) {
    case 'public':
      return false
    case 'subject':
      return permission === 'subject'
    case 'system':
      return true
    case 'operator': {
      if (permission === 'cases.approve' && actor.grants.includes('approver')) return true
      const roles: readonly Role[] = PERMISSIONS[permission]
      return roles.includes(actor.role)
    }
  }
}

/** The name under which the log knows an actor: ids and roles, never an address. */
export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case 'public':
      return 'public'
    case 'subject':
      return 'subject'
    case 'system':
      return `system:${actor.name}`
    case 'operator':
      return `operator:${actor.id}`
  }
}
