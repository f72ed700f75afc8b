import { compose } from './compose.ts'
import type { LetterCase } from './letter-case.ts'
import { facts as factsBlock, heading, link, list, paragraph, section, type Letter } from './letter.ts'
import { remediesFor } from './remedies.ts'
import { asked } from './sections.ts'
import { dayInWords } from './words.ts'

/** Says that an opt-out or a limit has been processed, and where that can be seen (11 CCR §7026(g), §7027). `told`: third parties that had data before. */
export function optOutReply(letterCase: LetterCase, facts: { done_on: string; told?: readonly string[] }): Letter {
  const limit = letterCase.right === 'limit'
  return compose(letterCase, limit ? 'The use of your sensitive data is limited' : 'Opt-out request honored', [
    asked(letterCase),
    factsBlock([['Processed on', dayInWords(facts.done_on)]]),
    paragraph(
      limit
        ? 'Your sensitive personal information is used only for what the law allows without a choice of yours (11 CCR §7027(m)).'
        : 'Your personal information is neither sold nor shared. This also holds for what we know of you under another name, such as a cookie.',
    ),
    ...section('Told as well, because they had data before', facts.told ?? []),
    paragraph('We do not ask you to change your mind for twelve months.'),
    link('You can see here that it was processed', letterCase.status_url),
    heading('Your rights'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}
