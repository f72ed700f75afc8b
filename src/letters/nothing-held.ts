import { compose } from './compose.ts'
import type { LetterCase, ReplyFacts } from './letter-case.ts'
import { heading, link, list, paragraph, type Letter } from './letter.ts'
import { earlierCopySection } from './recovery-copy.ts'
import { remediesFor } from './remedies.ts'
import { asked, forwardedSection, missingSection, searchedSection, statementsSection } from './sections.ts'
import { unfetchedSection } from './unfetched-copies.ts'
import { periodInWords } from './words.ts'

/** Says that we searched and hold nothing but this request: an answer in full, not a refusal (EDPB 01/2022 ¶179). */
export function nothingHeld(
  letterCase: LetterCase,
  facts: Pick<ReplyFacts, 'policy' | 'body' | 'answers' | 'missing' | 'unfetched' | 'earlier_copy'>,
): Letter {
  const copy = facts.earlier_copy?.last_day === undefined ? '' : ' and a sealed copy'
  return compose(letterCase, copy === '' ? 'We hold nothing about you' : 'We hold nothing about you but a sealed copy', [
    asked(letterCase),
    paragraph(`We searched the systems below for the address you proved and hold nothing about you but this request${copy}.`),
    ...earlierCopySection(facts.earlier_copy),
    ...searchedSection(facts.policy, facts.body, facts.answers),
    ...missingSection(facts.missing),
    ...unfetchedSection(facts.unfetched),
    paragraph(
      `The record of this request is kept for ${periodInWords(facts.policy.own_records.case_file)}, to prove that we answered. It stands on the page below.`,
    ),
    paragraph(
      'Do you use another address with us? Then ask again with that one: we only open what belongs to the address that was proved.',
    ),
    ...forwardedSection(facts.policy, facts.body),
    ...statementsSection(facts.policy, letterCase.right),
    link('Your request', letterCase.status_url),
    heading('If you do not agree'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}
