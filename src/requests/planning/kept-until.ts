import type { Context } from '../../context.ts'
import type { Looked } from '../../sources/walk.ts'
import { Temporal } from '../../time.ts'
import type { RequestRow } from '../transition.ts'

const LONGEST_CLOCK = 'P3M'

/** The last day on which rows that a statute keeps must stay, by collection (YYYY-MM-DD), from the rows themselves. */
export async function keptUntil(ctx: Context, looked: readonly Looked[]): Promise<Record<string, string>> {
  const until: Record<string, string> = {}
  for (const { collection: id, source: sourceId, openings, found } of looked) {
    const collection = ctx.policy.collections.get(id)
    const rule = collection?.keep === undefined ? undefined : ctx.policy.rules.get(collection.keep.rule)
    const source = ctx.sources.get(sourceId)
    if (rule === undefined || found.rows === 0 || source.kind === 'manual' || source.schedule === undefined) continue
    const category = ctx.policy.categories.get(rule.category)
    const controller = ctx.policy.controllers.get(category?.controller ?? '') ?? ctx.policy.main
    const last = await source.schedule.lastDue(
      { collection: id, openings, side: 'ours' },
      { rule, zone: controller.zone, fiscal_year_ends: controller.fiscal_year_ends },
    )
    // A row is due at the first instant after its last day.
    if (last !== null)
      until[id] = Temporal.Instant.from(last).toZonedDateTimeISO(controller.zone).subtract({ nanoseconds: 1 }).toPlainDate().toString()
  }
  return until
}

/**
 * The day until which the record of the request itself is kept at most (YYYY-MM-DD): from its arrival, through the longest clock the law knows,
 * and the time of the case file. It does not move when the clock does, because people have agreed to it.
 */
export function ownUntil(ctx: Context, request: RequestRow): string {
  const received = Temporal.Instant.fromEpochMilliseconds(request.received_at.getTime()).toZonedDateTimeISO(request.zone).toPlainDate()
  return received.add(LONGEST_CLOCK).add(ctx.policy.own_records.case_file).toString()
}
