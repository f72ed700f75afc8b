import { asc, eq } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { pauses } from '../db/schema/requests.ts'
import { calendarFor } from '../policy/calendars/calendar.ts'
import type { Policy, Regime, Right } from '../policy/schema.ts'
import { clockZone, computeClock, type Clock, type ClockInput } from './clock.ts'
import { remindersFor } from './clock-reminders.ts'
import type { RequestRow } from './transition.ts'

interface Arrival {
  readonly received_at: Date
  readonly right: Right
  readonly scope: Readonly<Record<string, string>> | null
  readonly regime: Regime
  readonly candidates: readonly Regime[]
  readonly controller: string
}

/** The clock of a request, by law.md §2, from its arrival and what has happened since. */
export function clockOf(policy: Policy, arrival: Arrival, since: Pick<ClockInput, 'pauses' | 'extension'> = { pauses: [] }): Clock {
  const controller = policy.controllers.get(arrival.controller) ?? policy.main
  const several = arrival.candidates.length > 1
  return computeClock({
    received_at: arrival.received_at.toISOString(),
    zone: several ? controller.zone : clockZone(arrival.regime, controller.zone),
    regime: arrival.regime,
    ...(several && { candidates: arrival.candidates }),
    calendars: { uk_gdpr: calendarFor('GB-ENG'), ccpa: calendarFor('US-CA') },
    right: arrival.right,
    ...(arrival.scope?.['objection'] !== undefined && { scope: arrival.scope['objection'] }),
    pauses: since.pauses,
    extension: since.extension,
    first_answer_days: policy.decisions.first_answer_days,
    calendar: arrival.regime === 'uk_gdpr' ? calendarFor('GB-ENG') : calendarFor(controller.calendar),
  })
}

/** The clock as columns of `requests`. */
export function clockColumns(clock: Clock) {
  return {
    zone: clock.zone,
    first_reply_by: clock.first_reply_by,
    send_by: clock.send_by,
    enforce_by: clock.enforce_by,
    statutory_by: clock.statutory_by,
    due_at: new Date(clock.due_at),
    explanation: [...clock.explanation],
    reminders_at: remindersFor(clock).map(({ kind, at }) => ({ kind, at })),
    paused: clock.paused,
  }
}

/** The clock of a stored request with its pauses, and an extension notice when one is being sent. */
export async function recomputeClock(ctx: Context, request: RequestRow, extension?: ClockInput['extension']): Promise<Clock> {
  const rows = await ctx.db.select().from(pauses).where(eq(pauses.request_id, request.id)).orderBy(asc(pauses.asked_at))
  const sent =
    request.extended_at === null ? undefined : { notice_sent_at: request.extended_at.toISOString(), reason: request.extension_reason ?? '' }
  return clockOf(
    ctx.policy,
    {
      received_at: request.received_at,
      right: request.right as Right,
      scope: request.scope,
      regime: request.regime as Regime,
      candidates: request.candidate_regimes as Regime[],
      controller: request.controller,
    },
    {
      pauses: rows.map((row) => ({
        reason: row.reason === 'identity' ? 'identity' : 'clarification',
        asked_at: row.asked_at.toISOString(),
        answered_at: row.answered_at?.toISOString(),
      })),
      extension: extension ?? sent,
    },
  )
}
