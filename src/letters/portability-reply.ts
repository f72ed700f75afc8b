import { copyBlocks } from './copy-blocks.ts'
import { compose } from './compose.ts'
import type { ArchiveFacts, LetterCase, ReplyFacts } from './letter-case.ts'
import { heading, list, paragraph, section, type Letter } from './letter.ts'
import { remediesFor } from './remedies.ts'
import {
  asked,
  basisInWords,
  categoriesOf,
  forwardedSection,
  leftOutSection,
  keptBackSection,
  missingSection,
  searchedSection,
  statementsSection,
  withheldSection,
} from './sections.ts'

/** The answer to a portability request: the file, its format, what it holds and what not (Art. 20 GDPR). */
export function portabilityReply(letterCase: LetterCase, facts: ReplyFacts, archive?: ArchiveFacts): Letter {
  const { policy, body } = facts
  const categories = categoriesOf(policy, body.items)
  return compose(letterCase, 'Your data to take elsewhere', [
    asked(letterCase),
    paragraph(
      archive === undefined
        ? 'We hold no data that you gave us, or that your use of our service recorded, on the basis of your consent or of a contract.'
        : 'The file has the data you gave us and what your use of our service has recorded.',
    ),
    ...(archive === undefined ? [] : copyBlocks(letterCase, archive)),
    ...missingSection(facts.missing),
    heading('The format'),
    paragraph(
      'Each table is there as CSV and as JSON, in UTF-8. The file datapackage.json describes every table, its columns and their types (Frictionless Data Package 2.0), so that other services can read them.',
    ),
    ...section(
      'What is in it',
      categories.map((category) => `${category.label}, held on the basis of ${basisInWords(category)}`),
    ),
    heading('What is not in it'),
    list([
      'Data that we derived ourselves, and data held on other bases than consent or contract (Art. 20(1) GDPR). You can have a copy of those too: ask for access (Art. 15 GDPR).',
      'We cannot send the file to another company directly; that is not technically feasible yet (Art. 20(2) GDPR). You can give it to whomever you like.',
      'Nothing is erased by this request (Art. 20(3) GDPR). If you want that, ask for it separately.',
    ]),
    ...withheldSection(policy, body),
    ...leftOutSection(policy, body),
    ...keptBackSection(policy, facts.answers),
    ...searchedSection(policy, body, facts.answers),
    ...forwardedSection(policy, body),
    ...statementsSection(policy, letterCase.right),
    heading('If you do not agree'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}
