import { compose } from './compose.ts'
import type { LetterCase, ReplyFacts } from './letter-case.ts'
import { heading, link, list, paragraph, section, type Letter } from './letter.ts'
import { remediesFor } from './remedies.ts'
import { asked, collectionLabel, forwardedSection, leftOutSection, keptBackSection, missingSection, searchedSection } from './sections.ts'
import { dayInWords, inWords } from './words.ts'

/** Says what was corrected and since when, and who is told (Art. 16, 19 GDPR; 11 CCR §7023). Values are on the status page, not in the mail. */
export function rectificationReply(letterCase: LetterCase, facts: ReplyFacts): Letter {
  const { policy, body } = facts
  const changed = body.items
    .filter(({ action }) => action === 'change')
    .map(({ collection, fields }) => {
      const labels = fields.map((field) => policy.collections.get(collection)?.fields[field]?.label ?? field)
      return `${collectionLabel(policy, collection)}: ${inWords(labels)}`
    })
  const told = body.recipients.filter(({ notice }) => notice !== 'none').map(({ name }) => name)
  const answers = Object.values(body.answers)
  const byHand = answers.includes('done_by_hand')
  return compose(letterCase, changed.length > 0 || byHand ? 'Your data is corrected' : 'We could not correct it', [
    asked(letterCase),
    ...section(`Correct since ${dayInWords(facts.done_on)}`, changed),
    ...(byHand ? [paragraph('A person has corrected by hand what our systems could not find by themselves.')] : []),
    ...(answers.includes('leave_out')
      ? [
          paragraph(
            'A part is left as it is: we hold no such field of yours, or not the value that you named as wrong. Write to us on the page of your request what it should be, and how you know.',
          ),
        ]
      : []),
    ...(changed.length > 0 ? [paragraph('The old values are not taken over again from other systems.')] : []),
    ...leftOutSection(policy, body),
    ...missingSection(facts.missing),
    ...section('Who is told of it', told, 'You can ask us at any time who received the old data (Art. 19 GDPR).'),
    ...forwardedSection(policy, body),
    ...keptBackSection(policy, facts.answers),
    ...searchedSection(policy, body, facts.answers),
    link('Your request', letterCase.status_url),
    heading('If you do not agree'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}
