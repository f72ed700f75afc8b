import type { LetterCase, ReplyFacts } from './letter-case.ts'
import { heading, list, paragraph, type Block } from './letter.ts'
import { dayInWords } from './words.ts'

/** The sealed copy of an erasure as a part of its letter: what it is for, its last day, and how to have it destroyed at once. */
export function recoverySection({ status_url }: LetterCase, recovery: ReplyFacts['recovery']): Block[] {
  if (recovery === undefined) return []
  return [
    heading('A sealed copy, for a few days'),
    paragraph(
      `Should it turn out that this was not your request, or not your data, we can put back what was erased of ${recovery.categories.join(', ')}. Only for this we keep a copy, sealed under a key of its own until ${dayInWords(recovery.last_day)}. Then the key is destroyed, and nobody can open it any more.`,
    ),
    list([
      'It is used for nothing else. Two people here must agree that an error was made about the person before it is opened, and it is written down.',
      'If you ask for a copy of your data until then, what is in it is part of the answer.',
      `You can have it destroyed at once: open ${status_url}, type the code, and press "Destroy the copy now".`,
    ]),
  ]
}

/** What became of the sealed copy of an earlier erasure, when the same person has asked again. */
export function earlierCopySection(earlier: ReplyFacts['earlier_copy']): Block[] {
  if (earlier === undefined || (!earlier.destroyed && earlier.last_day === undefined)) return []
  return [
    heading('The sealed copy of an earlier erasure'),
    ...(earlier.destroyed
      ? [paragraph('The copy that was still kept of what we erased before is destroyed: nobody can open it or put anything back any more.')]
      : []),
    ...(earlier.last_day === undefined
      ? []
      : [
          paragraph(
            `A copy of what we erased before stays sealed until ${dayInWords(earlier.last_day)}, because two people here found an error about the person. Then its key is destroyed.`,
          ),
        ]),
  ]
}
