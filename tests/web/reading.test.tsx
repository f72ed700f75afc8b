import { renderToString } from 'preact-render-to-string'
import { expect, test } from 'vitest'
import { LetterText } from '../../src/web/components/letter-text.tsx'
import { calmTimeline } from '../../src/web/console/case-timeline.tsx'
import { elementsOf, parse, textOf } from './html.ts'

const letter = `Your data is erased
===================

You asked for it.

What is erased
--------------

- Accounts (1 row)
- Devices <b>(2 rows)</b>

> Please be quick.
> Ada

Reference: HAB-1
Until: Monday

--${' '}

Cowork B.V.
Reference: HAB-1
`

test('a letter is shown with its headings, points and quotes, word for word', () => {
  const all = elementsOf(parse(renderToString(<LetterText text={letter} />)))
  const texts = (tag: string) => all.filter((element) => element.tag === tag).map(textOf)
  expect(texts('h3')).toEqual(['What is erased'])
  expect(texts('li')).toEqual(['Accounts (1 row)', 'Devices <b>(2 rows)</b>'])
  expect(texts('blockquote')).toEqual([expect.stringMatching(/^Please be quick\.\s*Ada$/)])
  expect(texts('p')).toEqual([
    'Your data is erased',
    'You asked for it.',
    expect.stringMatching(/^Please be quick/),
    expect.stringMatching(/^Reference: HAB-1\s*Until: Monday$/),
    expect.stringMatching(/^Cowork B\.V\.\s*Reference: HAB-1$/),
  ])
})

test('looking at a case five times is one entry that says so, and anything between begins another', () => {
  const viewed = (at: string, by: string) => ({ at, event: 'request.viewed', text: 'Request viewed', by })
  const entries = calmTimeline([
    viewed('2026-04-04T10:03:00Z', 'kim@cowork.example'),
    viewed('2026-04-04T10:02:00Z', 'kim@cowork.example'),
    viewed('2026-04-04T10:01:00Z', 'femke@cowork.example'),
    { at: '2026-04-04T10:00:00Z', event: 'request.received', text: 'Received by the web form', by: null },
  ])
  expect(entries.map(({ at, text, by }) => [at.slice(11, 16), text, by])).toEqual([
    ['10:03', 'Looked at (2 times)', 'kim@cowork.example'],
    ['10:01', 'Looked at', 'femke@cowork.example'],
    ['10:00', 'Received by the web form', null],
  ])
})
