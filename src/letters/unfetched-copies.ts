import type { UnfetchedCopy } from './letter-case.ts'
import { section, type Block } from './letter.ts'
import { dayInWords } from './words.ts'

/** Copies of data that an erasure has left to the person who asked for them, as a part of a letter. */
export function unfetchedSection(copies: readonly UnfetchedCopy[] = []): Block[] {
  return section(
    'Copies you have not fetched yet',
    copies.map(({ reference, until }) =>
      until === undefined
        ? `The copy you asked for under ${reference}: it is being looked at, and you get a letter when it is ready.`
        : `The copy under ${reference}: you can fetch it until ${dayInWords(until)}, then it is erased.`,
    ),
    'They were made before the erasure and are all that is left to give you. Every other copy we made for you is erased.',
  )
}
