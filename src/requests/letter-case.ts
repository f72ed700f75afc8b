import type { Context } from '../context.ts'
import type { LetterCase } from '../letters/letter-case.ts'
import type { Regime, Right } from '../policy/schema.ts'
import { Temporal } from '../time.ts'
import type { RequestRow } from './transition.ts'

/** The page on which a person follows a case. */
export function statusUrl(ctx: Context, reference: string): string {
  return `${ctx.publicUrl}/status/${reference}`
}

/** What letters say of a case; `reference` is the one this person was given. */
export function letterCase(ctx: Context, request: RequestRow, reference = request.reference): LetterCase {
  const controller = ctx.policy.controllers.get(request.controller) ?? ctx.policy.main
  const received = Temporal.Instant.fromEpochMilliseconds(request.received_at.getTime())
  return {
    reference,
    right: request.right as Right,
    scope: request.scope ?? {},
    regime: request.regime as Regime,
    received_on: received.toZonedDateTimeISO(request.zone).toPlainDate().toString(),
    due_on: request.enforce_by,
    controller,
    status_url: statusUrl(ctx, reference),
    locale: request.locale,
  }
}
