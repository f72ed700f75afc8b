import { compose } from './compose.ts'
import type { Ground } from './grounds.ts'
import type { LetterCase } from './letter-case.ts'
import { facts, heading, link, list, paragraph, quote, section, type Letter } from './letter.ts'
import { remediesFor } from './remedies.ts'
import { asked } from './sections.ts'

interface RefusalFacts {
  readonly ground: Ground
  /** The facts of this case, as the operator wrote them for the person. */
  readonly facts: string
  /** The function of who looked at the decision, never a name. */
  readonly reviewed_by?: string
  /** What is refused when the rest is done, one line each; left out when all of it is. */
  readonly parts?: readonly string[]
}

/** Says no, in whole or in part, with ground, facts, authority and remedies, inside the same deadline (Art. 12(4) GDPR, §1798.145(h)(2)). */
export function refusal(letterCase: LetterCase, decision: RefusalFacts): Letter {
  const { ground, parts = [] } = decision
  const whole = parts.length === 0
  return compose(letterCase, whole ? 'We cannot do what you asked' : 'We cannot do all of what you asked', [
    asked(letterCase),
    paragraph(whole ? 'We do not do it. This is why:' : 'We do not do a part of it. This is why:'),
    facts([
      ['Ground', ground.sentence],
      ['Law', ground.article],
      ['Decided by', decision.reviewed_by ?? `a person of the data protection office of ${letterCase.controller.name}`],
    ]),
    heading('In your case'),
    quote(decision.facts),
    ...section('What this is about', parts),
    ...(ground.code === 'CA_UNVERIFIABLE' && letterCase.controller.website !== undefined
      ? [link('What we collect in general stands in our privacy policy', letterCase.controller.website)]
      : []),
    heading('If you do not agree'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
    link('Your request', letterCase.status_url),
  ])
}
