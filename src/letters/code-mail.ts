import { compose } from './compose.ts'
import type { LetterCase } from './letter-case.ts'
import { link, paragraph, type Letter } from './letter.ts'

/** A fresh code, on request. */
export function codeMail(letterCase: LetterCase): Letter {
  return compose(letterCase, 'Your code', [
    paragraph(`This is the code for your request ${letterCase.reference}. It can be used once, within ten minutes of this mail.`),
    { kind: 'code' },
    link('Type it here', letterCase.status_url),
    paragraph('Did you not ask for it? Then do nothing, and give it to nobody.'),
  ])
}
