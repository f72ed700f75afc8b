import type { Policy } from '../policy/schema.ts'
import type { PlanItem } from '../planner/shape.ts'
import { copyBlocks } from './copy-blocks.ts'
import { compose } from './compose.ts'
import type { ArchiveFacts, LetterCase, ReplyFacts } from './letter-case.ts'
import { heading, list, paragraph, section, type Block, type Letter } from './letter.ts'
import { RIGHTS_TOLD } from './notice.ts'
import { remediesFor } from './remedies.ts'
import {
  asked,
  basisInWords,
  categoriesOf,
  forwardedSection,
  leftOutSection,
  keptBackSection,
  missingSection,
  recipientInWords,
  recipientsOf,
  searchedSection,
  statementsSection,
  withheldSection,
} from './sections.ts'

/** The answer to an access request: yes, the copy, and all of Art. 15(1)(a) to (h) and 15(2) GDPR for this person's data. */
export function accessReply(letterCase: LetterCase, facts: ReplyFacts, archive?: ArchiveFacts): Letter {
  const { policy, body } = facts
  return compose(letterCase, 'A copy of your data', [
    asked(letterCase),
    paragraph(`Yes: ${letterCase.controller.name}, ${letterCase.controller.address}, uses personal data about you.`),
    ...(archive === undefined ? [] : copyBlocks(letterCase, archive)),
    ...missingSection(facts.missing),
    ...categoryBlocks(policy, body.items),
    ...recipientBlocks(policy, body.items, letterCase),
    ...keptBackSection(policy, facts.answers),
    ...searchedSection(policy, body, facts.answers),
    ...withheldSection(policy, body),
    ...leftOutSection(policy, body),
    ...section(
      'Left out for the sake of others',
      (facts.redactions ?? []).map(({ what, reason }) => `${what}: ${reason} (Art. 15(4) GDPR)`),
    ),
    ...forwardedSection(policy, body),
    ...statementsSection(policy, letterCase.right),
    heading('Automated decisions'),
    paragraph(policy.profiling.text),
    ...section('Your rights', RIGHTS_TOLD),
    heading('If you do not agree'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}

/** Purposes, bases, periods and origins by category (Art. 15(1)(a), (b), (d), (g) GDPR). */
export function categoryBlocks(policy: Policy, items: readonly PlanItem[]): Block[] {
  return categoriesOf(policy, items).flatMap((category) => [
    heading(category.label),
    list([
      `What it is used for: ${category.purpose}`,
      `Legal basis: ${basisInWords(category)}`,
      `How long it is kept: ${category.kept}`,
      `Where it comes from: ${category.obtained_from.replace(/^from /, '')}`,
      `Who receives it: ${
        recipientsOf(policy, [category])
          .map(({ name }) => name)
          .join(', ') || 'nobody outside'
      }`,
    ]),
  ])
}

function recipientBlocks(policy: Policy, items: readonly PlanItem[], { controller }: LetterCase): Block[] {
  const recipients = recipientsOf(policy, categoriesOf(policy, items))
  const guarded = recipients.some(({ safeguard }) => safeguard !== undefined)
  return [
    ...section(
      'Who receives data',
      recipients.map((recipient) => recipientInWords(recipient, controller.country)),
    ),
    ...(guarded
      ? [paragraph(`You can have a copy of the safeguards named here (Art. 15(2) GDPR): write to ${controller.dpo.email}.`)]
      : []),
  ]
}
