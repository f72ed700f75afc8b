import { asc } from 'drizzle-orm'
import { operators } from '../db/schema/running.ts'
import { verb } from '../verb.ts'

/** An operator as colleagues see them. */
export interface StaffMember {
  readonly id: string
  readonly email: string
  readonly role: string
  readonly active: boolean
}

/** Everybody who works or has worked here, by address: for the names in logs and the list of those who can take a case. */
export const listStaff = verb<void, StaffMember[]>({ name: 'listStaff', permission: 'reports.read', audit: [] }, async (ctx) => {
  const rows = await ctx.db
    .select({ id: operators.id, email: operators.email, role: operators.role, disabled_at: operators.disabled_at })
    .from(operators)
    .orderBy(asc(operators.email))
  return rows.map(({ id, email, role, disabled_at }) => ({ id, email, role, active: disabled_at === null }))
})
