import { RIGHT_TABLE } from '../policy/rights.ts'
import { accessReply } from './access-reply.ts'
import { automatedDecisionReply } from './automated-decision-reply.ts'
import { consentReply } from './consent-reply.ts'
import { erasureReport } from './erasure-report.ts'
import { knowReply } from './know-reply.ts'
import type { ArchiveFacts, LetterCase, ReplyFacts } from './letter-case.ts'
import type { Letter } from './letter.ts'
import { nothingHeld } from './nothing-held.ts'
import { objectionReply } from './objection-reply.ts'
import { optOutReply } from './opt-out-reply.ts'
import { portabilityReply } from './portability-reply.ts'
import { rectificationReply } from './rectification-reply.ts'
import { restrictionReply } from './restriction-reply.ts'
import { isOwn } from './sections.ts'

/** The letter that answers a case for good: by its right, or that nothing is held. `archive` is there when a copy was made. */
export function replyTo(letterCase: LetterCase, facts: ReplyFacts, archive?: ArchiveFacts): Letter {
  if (holdsNothing(letterCase, facts)) return nothingHeld(letterCase, facts)
  switch (letterCase.right) {
    case 'access':
      return accessReply(letterCase, facts, archive ?? missingArchive(letterCase))
    case 'portability':
      return portabilityReply(letterCase, facts, archive ?? missingArchive(letterCase))
    case 'know':
      return knowReply(letterCase, facts, archive)
    case 'erasure':
    case 'delete':
      return erasureReport(letterCase, facts)
    case 'rectification':
    case 'correct':
      return rectificationReply(letterCase, facts)
    case 'restriction':
      return restrictionReply(letterCase, facts)
    case 'objection':
      return objectionReply(letterCase, facts)
    case 'opt_out':
    case 'limit':
      return optOutReply(letterCase, facts)
    case 'consent_withdrawal':
      return consentReply(letterCase, facts)
    case 'automated_decision':
      return automatedDecisionReply(letterCase, facts)
  }
}

/** What is only recorded has its effect whether or not we hold anything; categories are told without any row. */
function holdsNothing({ right, scope }: LetterCase, { policy, body, answers = [] }: ReplyFacts): boolean {
  const { effect } = RIGHT_TABLE[right]
  if (effect === 'record' || effect === 'describe' || scope['know'] === 'categories') return false
  return !body.items.some((item) => !isOwn(policy, item)) && !answers.some(({ found }) => found)
}

function missingArchive({ reference }: LetterCase): never {
  throw new Error(`the reply to ${reference} tells of a copy, but there is none`)
}
