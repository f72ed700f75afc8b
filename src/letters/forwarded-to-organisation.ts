import { compose } from './compose.ts'
import type { LetterCase } from './letter-case.ts'
import { heading, link, list, paragraph, type Letter } from './letter.ts'
import { remediesFor } from './remedies.ts'
import { asked } from './sections.ts'

/** Says that an organisation decides about the data and has the request now; its name is told where the person may know it (Art. 28(3)(e) GDPR). */
export function forwardedToOrganisation(letterCase: LetterCase, forwarded: { organisation?: string } = {}): Letter {
  const who = forwarded.organisation ?? 'the organisation that gave you your account, such as your employer'
  return compose(letterCase, 'Your request is passed on', [
    asked(letterCase),
    paragraph(
      `We hold data about you for ${who}. That organisation is the controller: it decides about the data, and we act on its instructions. We have passed your request on to it, and it answers you.`,
    ),
    paragraph('We have shown, changed or erased none of it. What we hold for ourselves is answered separately.'),
    link('Your request', letterCase.status_url),
    heading('If you do not agree'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}
