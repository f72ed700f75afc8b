import type { PlanBody } from '../planner/shape.ts'
import type { Policy } from '../policy/schema.ts'
import { compose } from './compose.ts'
import type { LetterCase } from './letter-case.ts'
import { facts, link, paragraph, section, type Letter } from './letter.ts'
import { collectionLabel } from './sections.ts'
import { instantInWords } from './words.ts'

/** Says that an erasure is on its way and until when it can be cancelled; with the plan, also what it takes. `cancel_until` is an instant, ISO 8601. */
export function cancelWindowNotice(letterCase: LetterCase, window: { cancel_until: string; policy?: Policy; body?: PlanBody }): Letter {
  const { cancel_until, policy, body } = window
  const going = body?.items.filter(({ action }) => action === 'erase') ?? []
  const what = policy === undefined ? [] : going.map(({ collection }) => collectionLabel(policy, collection))
  return compose(letterCase, 'Your data will be erased', [
    paragraph(
      `You asked us to erase your data, and it is confirmed that the request comes from this address (reference ${letterCase.reference}).`,
    ),
    ...section('What will be erased', what),
    ...(what.length === 0
      ? [paragraph('All data about you that no law obliges us to keep will be erased. What we erase cannot be brought back.')]
      : []),
    facts([['You can cancel until', instantInWords(cancel_until, letterCase.controller.zone)]]),
    link('Cancel or follow it here', letterCase.status_url),
    paragraph('Was it not you? Then cancel it there, or write to us at once.'),
  ])
}
