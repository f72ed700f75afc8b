import { compose } from './compose.ts'
import type { LetterCase } from './letter-case.ts'
import { heading, link, list, paragraph, type Block, type Letter } from './letter.ts'
import { remediesFor } from './remedies.ts'
import { asked } from './sections.ts'
import { dayInWords } from './words.ts'

interface ObjectionFacts {
  readonly done_on: string
  /** `weighing`: stopped for now, while our grounds are weighed against the person's (Art. 18(1)(d)); `upheld`: for good. */
  readonly outcome?: 'weighing' | 'upheld'
}

/** Says that a use has stopped: marketing at once and for good (Art. 21(3) GDPR), another use while it is weighed or for good (Art. 21(1)). */
export function objectionReply(letterCase: LetterCase, facts: ObjectionFacts): Letter {
  const marketing = letterCase.scope['objection'] === 'marketing'
  return compose(letterCase, marketing ? 'No more marketing' : 'We have stopped using your data', [
    asked(letterCase),
    ...(marketing ? marketingBlocks(facts) : otherBlocks(facts)),
    link('Your request', letterCase.status_url),
    heading('If you do not agree'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}

function marketingBlocks({ done_on: day }: ObjectionFacts): Block[] {
  return [
    paragraph(
      `Since ${dayInWords(day)} your data is not used for direct marketing any more, profiling for it included. Those who send mail for us are told.`,
    ),
    paragraph(
      'To keep it so, we keep a one-way code of your address and use it for nothing else. Messages about security, breaches or our terms are not marketing and still reach you.',
    ),
  ]
}

function otherBlocks({ done_on: day, outcome = 'weighing' }: ObjectionFacts): Block[] {
  const stopped = paragraph(`Since ${dayInWords(day)} the use you object to has stopped.`)
  return outcome === 'upheld'
    ? [
        stopped,
        paragraph(
          'Your objection is upheld. Data that was held only for this use is erased (Art. 17(1)(c) GDPR), and recipients are told (Art. 19 GDPR).',
        ),
      ]
    : [
        stopped,
        paragraph(
          'It begins again only if we show, in writing, compelling legitimate grounds that outweigh yours (Art. 21(1) GDPR); until then the data is restricted (Art. 18(1)(d) GDPR).',
        ),
      ]
}
