import { compose } from './compose.ts'
import type { LetterCase } from './letter-case.ts'
import { link, paragraph, quote, type Letter } from './letter.ts'

/** Says that there is a message or a question; the words themselves only with `text`, for what stands nowhere else. */
export function messageNotice(letterCase: LetterCase, message: { text?: string } = {}): Letter {
  return compose(letterCase, 'There is a message for you', [
    paragraph(`There is a message about your request ${letterCase.reference}.`),
    ...(message.text === undefined ? [] : [quote(message.text)]),
    link('Read and answer it here', letterCase.status_url),
  ])
}
