import { compose } from './compose.ts'
import type { LetterCase } from './letter-case.ts'
import { heading, link, list, paragraph, type Letter } from './letter.ts'
import { remediesFor } from './remedies.ts'
import { asked } from './sections.ts'
import { dayInWords } from './words.ts'

/** Says that a withdrawn consent has its effect, and that what was done before stays lawful (Art. 7(3) GDPR). */
export function consentReply(letterCase: LetterCase, facts: { done_on: string }): Letter {
  return compose(letterCase, 'Your consent is withdrawn', [
    asked(letterCase),
    paragraph(`Since ${dayInWords(facts.done_on)} nothing is done on that consent any more. Those who work for us are told.`),
    paragraph('What was done before you withdrew it stays lawful (Art. 7(3) GDPR). Do you also want the data erased? Then ask for that.'),
    link('Your request', letterCase.status_url),
    heading('If you do not agree'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}
