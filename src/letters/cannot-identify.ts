import { compose } from './compose.ts'
import type { LetterCase } from './letter-case.ts'
import { heading, link, list, paragraph, type Block, type Letter } from './letter.ts'
import { remediesFor } from './remedies.ts'
import { asked } from './sections.ts'

/** The neutral letter to an address that nobody has proved in time: what is missing, and that the case goes on when it comes (Art. 11(2), 12(2), 12(4) GDPR). */
export function cannotIdentify(letterCase: LetterCase): Letter {
  return compose(letterCase, 'We could not make sure that it is you', [
    asked(letterCase),
    paragraph(
      'Nobody has typed the code we mailed to this address. So we do not know that the request comes from you, and nothing was shown, changed or erased. This mail does not say whether we hold anything.',
    ),
    heading('How to go on'),
    paragraph('Open the page below and ask for a new code. When you have typed it, we go on with this request; you need not ask again.'),
    link('Go on here', letterCase.status_url),
    ...law(letterCase),
    heading('If you do not agree'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}

function law({ regime, right, controller }: LetterCase): Block[] {
  if (regime !== 'ccpa') return [paragraph('The law: Art. 11(2), 12(2) and 12(4) GDPR.')]
  const general =
    controller.website === undefined ? [] : [link('What we collect in general stands in our privacy policy', controller.website)]
  return [
    paragraph('The law: a request that cannot be verified is denied (Cal. Civ. Code §1798.130(a)(2); 11 CCR §7060).'),
    ...(right === 'know'
      ? [
          paragraph(
            'We also looked whether we can give you the categories instead of the specific pieces (11 CCR §7024(a)); for those we need the code too.',
          ),
          ...general,
        ]
      : []),
  ]
}
