import { compose } from './compose.ts'
import type { LetterCase, ReplyFacts } from './letter-case.ts'
import { heading, link, list, paragraph, section, type Letter } from './letter.ts'
import { remediesFor } from './remedies.ts'
import { asked, collectionLabel, forwardedSection, keptBackSection, missingSection, searchedSection } from './sections.ts'
import { dayInWords } from './words.ts'

/** Says what is restricted since when, which uses are left, and that the person is told before it ends (Art. 18, 19 GDPR). */
export function restrictionReply(letterCase: LetterCase, facts: ReplyFacts): Letter {
  const { policy, body } = facts
  const marked = body.items.filter(({ action }) => action === 'change').map(({ collection }) => collectionLabel(policy, collection))
  const told = body.recipients.filter(({ notice }) => notice !== 'none').map(({ name }) => name)
  return compose(letterCase, 'The use of your data is restricted', [
    asked(letterCase),
    paragraph(
      `Since ${dayInWords(facts.done_on)} your data is only stored. It is not used, changed, passed on or erased by our routine deletion.`,
    ),
    ...section('Marked as restricted there', marked),
    heading('What is still allowed'),
    list([
      'with your consent',
      'for legal claims',
      'to protect the rights of another person',
      'for reasons of important public interest (Art. 18(2) GDPR)',
    ]),
    paragraph('Before we lift the restriction we tell you (Art. 18(3) GDPR).'),
    ...missingSection(facts.missing),
    ...section('Who is told of it', told, 'You can ask us at any time who received the data (Art. 19 GDPR).'),
    ...forwardedSection(policy, body),
    ...keptBackSection(policy, facts.answers),
    ...searchedSection(policy, body, facts.answers),
    link('Your request', letterCase.status_url),
    heading('If you do not agree'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}
