import { copyBlocks } from './copy-blocks.ts'
import { compose } from './compose.ts'
import type { ArchiveFacts, LetterCase, ReplyFacts } from './letter-case.ts'
import { facts as factsBlock, heading, list, paragraph, section, type Letter } from './letter.ts'
import { remediesFor } from './remedies.ts'
import {
  asked,
  categoriesOf,
  forwardedSection,
  leftOutSection,
  keptBackSection,
  missingSection,
  recipientsOf,
  searchedSection,
  statementsSection,
  withheldSection,
} from './sections.ts'
import { dayInWords, inWords } from './words.ts'

/** What a right to know asks from (11 CCR §7024(h)); earlier data is not owed. */
const FROM = '2022-01-01'

interface KnowFacts extends ReplyFacts {
  /** What was sold or shared, and with what kind of third party, one line each; empty says that nothing was. */
  readonly sold_or_shared?: readonly string[]
}

/** The answer to a request to know: the six lists of §1798.110, for this person, and the specific pieces where they were asked for. */
export function knowReply(letterCase: LetterCase, facts: KnowFacts, archive?: ArchiveFacts): Letter {
  const { policy, body } = facts
  const found = categoriesOf(policy, body.items)
  // A request for categories only plans no rows: then the lists are those of everything the policy collects.
  const categories = found.length > 0 ? found : [...policy.categories.values()]
  const recipients = recipientsOf(policy, categories)
  const third = recipients.filter(({ role }) => role !== 'processor')
  const processors = recipients.filter(({ role }) => role === 'processor')
  const named = (names: readonly { name: string }[]) => inWords(names.map(({ name }) => name)) || 'nobody'
  return compose(letterCase, 'What we collect about you', [
    asked(letterCase),
    factsBlock([
      [
        'Period covered',
        `${dayInWords(letterCase.scope['from'] ?? FROM)} to ${dayInWords(letterCase.scope['to'] ?? letterCase.received_on)}`,
      ],
    ]),
    ...section(
      '1. Categories of personal information we collected',
      categories.map(({ label }) => label),
    ),
    ...section('2. Categories of sources', [
      ...new Set(categories.map(({ label, obtained_from: from }) => `${label}: ${from.replace(/^from /, '')}`)),
    ]),
    ...section(
      '3. Purposes for which we collect, sell or share it',
      categories.map(({ label, purpose }) => `${label}: ${purpose}`),
    ),
    ...section('4. Third parties to whom we disclose it', third.length > 0 ? third.map(({ name, gets }) => `${name}: ${gets}`) : ['None']),
    ...section('5. What we sold or shared, by third party', facts.sold_or_shared?.length ? facts.sold_or_shared : ['None']),
    ...section('6. What we disclosed for a business purpose, by recipient', [
      ...categories.map(
        (category) => `${category.label}: ${named(recipientsOf(policy, [category]).filter((one) => processors.includes(one)))}`,
      ),
    ]),
    ...(archive === undefined ? [] : copyBlocks(letterCase, archive, 'The specific pieces')),
    ...missingSection(facts.missing),
    ...withheldSection(policy, body),
    ...leftOutSection(policy, body),
    ...(body.items.some(({ withheld }) => withheld.length > 0)
      ? [paragraph('The law forbids sending these values (11 CCR §7024(d)); that is why this part is not given.')]
      : []),
    ...keptBackSection(policy, facts.answers),
    ...searchedSection(policy, body, facts.answers),
    ...forwardedSection(policy, body),
    ...statementsSection(policy, letterCase.right),
    heading('Your rights'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}
