import type { Policy } from '../policy/schema.ts'
import { compose } from './compose.ts'
import type { LetterCase } from './letter-case.ts'
import { heading, link, list, paragraph, quote, type Letter } from './letter.ts'
import { remediesFor } from './remedies.ts'
import { asked } from './sections.ts'

/** Says what a person found who looked at an automated decision again, or that none is made (Art. 22 GDPR, Art. 22A–22D UK GDPR). */
export function automatedDecisionReply(letterCase: LetterCase, facts: { policy: Policy; review?: string }): Letter {
  return compose(letterCase, 'About decisions made by computers', [
    asked(letterCase),
    paragraph(facts.policy.profiling.text),
    ...(facts.review === undefined ? [] : [heading('What a person found'), quote(facts.review)]),
    link('Your request', letterCase.status_url),
    heading('If you do not agree'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}
