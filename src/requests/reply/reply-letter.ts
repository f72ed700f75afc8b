import type { Context } from '../../context.ts'
import { accessReply } from '../../letters/access-reply.ts'
import { automatedDecisionReply } from '../../letters/automated-decision-reply.ts'
import { consentReply } from '../../letters/consent-reply.ts'
import { erasureReport } from '../../letters/erasure-report.ts'
import { forwardedToOrganisation } from '../../letters/forwarded-to-organisation.ts'
import { knowReply } from '../../letters/know-reply.ts'
import type { ReplyFacts } from '../../letters/letter-case.ts'
import type { Letter } from '../../letters/letter.ts'
import { nothingHeld } from '../../letters/nothing-held.ts'
import { objectionReply } from '../../letters/objection-reply.ts'
import { optOutReply } from '../../letters/opt-out-reply.ts'
import { portabilityReply } from '../../letters/portability-reply.ts'
import { rectificationReply } from '../../letters/rectification-reply.ts'
import { restrictionReply } from '../../letters/restriction-reply.ts'
import { companyItems } from '../../planner/own-records.ts'
import type { PlanBody } from '../../planner/shape.ts'
import type { Right } from '../../policy/schema.ts'
import { Temporal } from '../../time.ts'
import { letterCase } from '../letter-case.ts'
import type { OutcomeWord } from '../outcome.ts'
import type { RequestRow } from '../transition.ts'

/** What the reply goes by beside the plan: how it ended, and the archive, when there is one. */
export interface Reply {
  readonly outcome: OutcomeWord
  readonly facts: ReplyFacts
  readonly archive: { readonly expires_at: Date } | undefined
}

/** The letter that answers a case that was carried out: one for each right, and one for "we hold nothing". */
export function replyLetter(ctx: Context, request: RequestRow, { outcome, facts, archive }: Reply): Letter {
  const about = letterCase(ctx, request)
  if (outcome === 'nothing_held') return nothingHeld(about, facts)
  const copy =
    archive === undefined ? undefined : { expires_on: dayOf(archive.expires_at, request.zone), downloads: ctx.policy.decisions.downloads }
  // Everything that was found is an organisation's to decide about: there is no copy and nothing was done, only passed on.
  if (copy === undefined && onlyForwarded(facts.body)) return forwardedToOrganisation(about)
  switch (request.right as Right) {
    case 'access':
      return accessReply(about, facts, copy)
    case 'portability':
      return portabilityReply(about, facts, copy)
    case 'know':
      return knowReply(about, facts, copy)
    case 'erasure':
    case 'delete':
      return erasureReport(about, facts)
    case 'rectification':
    case 'correct':
      return rectificationReply(about, facts)
    case 'restriction':
      return restrictionReply(about, facts)
    case 'objection':
      return objectionReply(about, facts)
    case 'automated_decision':
      return automatedDecisionReply(about, facts)
    case 'opt_out':
    case 'limit':
      return optOutReply(about, facts)
    case 'consent_withdrawal':
      return consentReply(about, facts)
  }
}

function onlyForwarded(body: PlanBody): boolean {
  const items = companyItems(body.items)
  return items.length > 0 && items.every(({ action }) => action === 'forward')
}

/** The local day of an instant, YYYY-MM-DD. */
export function dayOf(at: Date, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone).toPlainDate().toString()
}
