import { policies } from '../db/schema/running.ts'
import { verb } from '../verb.ts'

/** Keeps the policy of this process by its hash, so that what was approved under it stays readable, and writes down that it started. */
export const recordStart = verb(
  { name: 'recordStart', permission: 'system', audit: ['policy.stored', 'system.started'] },
  async (ctx, { process: name }: { process: string }): Promise<void> => {
    const { hash, document } = ctx.policy
    const row = { hash, document, stored_at: ctx.clock.now() }
    const stored = await ctx.db.insert(policies).values(row).onConflictDoNothing().returning({ hash: policies.hash })
    if (stored.length > 0) await ctx.record('policy.stored', { policy: hash })
    await ctx.record('system.started', { process: name, policy: hash })
  },
)
