import type { Context } from '../context.ts'
import type { DataSource, DueCount, PurgeRequest, Schedule } from '../sources/source.ts'
import { protectedRows, type Protection } from '../standing/protected.ts'
import type { PurgeRule } from './acting-rules.ts'

/** The source a rule works on, which can say what is due. */
export function sourceOf(ctx: Context, rule: PurgeRule): DataSource & { readonly schedule: Schedule } {
  const source = ctx.sources.get(rule.lane)
  if (source.kind === 'manual' || source.schedule === undefined)
    throw new TypeError(`rule ${rule.id} names a source that cannot say what is due`)
  return { ...source, schedule: source.schedule }
}

/** What a source is asked, for everything due up to `now`. */
export function requestOf(rule: PurgeRule, now: Date, protection: Protection): PurgeRequest {
  return {
    // The source refuses to change anything under a rule that only observes, whoever asks.
    rule: { ...rule.rule, mode: rule.mode },
    now: now.toISOString(),
    zone: rule.zone,
    fiscal_year_ends: rule.fiscal_year_ends,
    protected: protection.protected,
  }
}

/** Whether nothing at all may go: a hold covers the rule's collection, or one whose rows would go along. */
export function isBlocked(rule: PurgeRule, protection: Protection): boolean {
  const touched = [rule.collection.id, ...rule.rule.with.map(({ collection }) => collection)]
  return touched.some((collection) => protection.wholeCollections.includes(collection))
}

/** How many rows are due now and may go, and how many are due and must stay. Throws a SourceError when a source cannot say. */
export async function weigh(ctx: Context, rule: PurgeRule, now: Date, protection?: Protection): Promise<DueCount> {
  const known = protection ?? (await protectedRows(ctx))
  const count = await sourceOf(ctx, rule).schedule.countDue(requestOf(rule, now, known))
  return isBlocked(rule, known) ? { ...count, due: 0, held: count.due + count.held } : count
}
