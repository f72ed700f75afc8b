import { compose } from './compose.ts'
import type { LetterCase } from './letter-case.ts'
import { link, paragraph, type Letter } from './letter.ts'
import { asked } from './sections.ts'

/** Says that a request was taken back and that nothing was done. */
export function withdrawn(letterCase: LetterCase): Letter {
  return compose(letterCase, 'Your request is withdrawn', [
    asked(letterCase),
    paragraph('You have taken it back. Nothing was shown, changed or erased. You can ask again at any time.'),
    paragraph('Was it not you? Then write to us at once.'),
    link('Your request', letterCase.status_url),
  ])
}
