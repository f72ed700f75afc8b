import { compose } from './compose.ts'
import type { LetterCase } from './letter-case.ts'
import { facts, link, list, paragraph, quote, heading, type Letter } from './letter.ts'
import { remediesFor } from './remedies.ts'
import { asked } from './sections.ts'
import { dayInWords } from './words.ts'

const REASONS = {
  complexity: 'your request is complex',
  number_of_requests: 'you have made several requests',
} as const

/** Says that the answer takes longer, why, and until when (Art. 12(3) GDPR, §1798.130(a)(2)(A)); the case carries the new date. */
export function extensionNotice(
  letterCase: LetterCase,
  extension: { reason: keyof typeof REASONS; explanation: string; was_due_on: string },
): Letter {
  const law = letterCase.regime === 'ccpa' ? 'Cal. Civ. Code §1798.130(a)(2)(A)' : 'Art. 12(3) GDPR'
  return compose(letterCase, 'We need more time', [
    asked(letterCase),
    paragraph(
      `We cannot answer in full by ${dayInWords(extension.was_due_on)}, because ${REASONS[extension.reason]}. The law allows more time then (${law}).`,
    ),
    quote(extension.explanation),
    facts([['We answer by', dayInWords(letterCase.due_on)]]),
    link('Follow it here', letterCase.status_url),
    heading('If you do not agree'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}
