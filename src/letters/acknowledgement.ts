import { proofFor, RIGHT_TABLE } from '../policy/rights.ts'
import { compose } from './compose.ts'
import type { LetterCase } from './letter-case.ts'
import { facts, heading, link, list, paragraph, type Block, type Letter } from './letter.ts'
import { dayInWords } from './words.ts'

/**
 * The one mail that every address gets, known or not: what was asked, references, dates, what happens next and, when a right needs it, the
 * code. For California it is the confirmation of 11 CCR §7021(a): process, verification, when to expect the answer.
 */
export function acknowledgement({ cases, needs_code }: { cases: readonly LetterCase[]; needs_code: boolean }): Letter {
  const [first] = cases
  if (first === undefined) throw new Error('an acknowledgement of nothing')
  return compose(first, 'We have your request', [
    paragraph(`We received this on ${dayInWords(first.received_on)}:`),
    ...cases.flatMap(oneCase),
    ...(needs_code ? codeBlocks(cases.length) : []),
    ...next(cases),
    paragraph(notYou(cases)),
  ])
}

function oneCase(one: LetterCase): Block[] {
  return [
    facts([
      ['You asked', RIGHT_TABLE[one.right].asks],
      ['Reference', one.reference],
      ['We answer by', dayInWords(one.due_on)],
      ['Period', `from ${dayInWords(one.received_on)} to ${dayInWords(one.due_on)}`],
    ]),
    link('Follow it here', one.status_url),
  ]
}

function codeBlocks(cases: number): Block[] {
  return [
    heading('Please confirm that it is you'),
    paragraph(
      `Type this code on ${cases === 1 ? 'the page' : 'one of the pages'} above. It can be used once, within ten minutes of this mail; you can ask for a new one there.`,
    ),
    { kind: 'code' },
  ]
}

function next(cases: readonly LetterCase[]): Block[] {
  const proven = cases.filter((one) => proofFor(one.right, one.scope) === 'code')
  const atOnce = cases.filter((one) => proofFor(one.right, one.scope) === 'none')
  const california = cases.some(({ regime }) => regime === 'ccpa')
  return [
    heading('What happens next'),
    list([
      ...(proven.length > 0 ? ['You type the code, so that nobody else gets or erases your data.'] : []),
      ...(atOnce.length > 0
        ? [
            `You need not prove anything for this: we do it ${atOnce.length === cases.length ? '' : 'for the others '}without a code, at once.`,
          ]
        : []),
      'We search all our systems and, where a decision is needed, a person takes it.',
      'We write to you with the answer. It costs nothing.',
    ]),
    ...(california
      ? [
          paragraph(
            'How we verify you: by the code to this address, matched with what we hold. If that is not enough, we tell you so. Verification does not move the date of the answer.',
          ),
        ]
      : []),
  ]
}

function notYou(cases: readonly LetterCase[]): string {
  const safe = 'Then you need not do anything: without the code nothing is shown, changed or erased.'
  return `Did you not ask for this? ${cases.every((one) => proofFor(one.right, one.scope) === 'code') ? safe : 'Then tell us on the page above.'}`
}
