import { renderToString } from 'preact-render-to-string'
import { expect, test } from 'vitest'
import { Day, LastDay, Moment, ZoneContext } from '../../src/web/components/dates.tsx'
import { DueBadge, dueText, urgency } from '../../src/web/components/tags.tsx'
import { byteSize, count, listText, plainWord } from '../../src/web/components/text.ts'
import { residenceChoices } from '../../src/web/residences.ts'
import { readChoices, RIGHT_CHOICES } from '../../src/web/right-choices.ts'
import { RIGHTS } from '../../src/web/words.ts'

const received_at = '2026-04-01T22:00:00Z'
const due = { received_at, due_at: '2026-05-01T22:00:00Z', closed_at: null }

test('an answer is due until the last moment of its day, and one second later it is a day overdue', () => {
  expect(dueText(due, '2026-04-29T21:59:59Z')).toBe('2 days left')
  expect(dueText(due, '2026-04-29T22:00:01Z')).toBe('1 day left')
  expect(dueText(due, '2026-04-30T22:00:01Z')).toBe('Due today')
  expect(dueText(due, '2026-05-01T21:59:59Z')).toBe('Due today')
  expect(dueText(due, '2026-05-01T22:00:01Z')).toBe('1 day overdue')
  expect(dueText(due, '2026-05-03T22:00:01Z')).toBe('3 days overdue')
})

test('a case turns red when less than a quarter of its thirty days is left, and never once it is answered', () => {
  expect(urgency(due, '2026-04-24T09:59:59Z')).toBe('calm')
  expect(urgency(due, '2026-04-24T10:00:01Z')).toBe('soon')
  expect(urgency(due, '2026-05-01T22:00:01Z')).toBe('overdue')
  expect(urgency({ ...due, closed_at: '2026-05-02T08:00:00Z' }, '2026-05-03T00:00:00Z')).toBe('ended')
})

test('the badge names the day in the zone of the controller, not the instant at which it ends', () => {
  const markup = renderToString(
    <ZoneContext.Provider value="Europe/Amsterdam">
      <DueBadge due={due} now="2026-04-17T09:30:00Z" />
    </ZoneContext.Provider>,
  )
  expect(markup).toContain('Friday 1 May 2026')
})

test('dates are written in full, in the zone of the page, and machines can read them', () => {
  const amsterdam = renderToString(
    <ZoneContext.Provider value="Europe/Amsterdam">
      <Day at="2026-04-03T22:30:00Z" /> <Moment at="2026-04-03T22:30:00Z" />
    </ZoneContext.Provider>,
  )
  expect(amsterdam).toContain('<time datetime="2026-04-03T22:30:00Z">Saturday 4 April 2026</time>')
  expect(amsterdam).toContain('>4 Apr 2026, 00:30</time>')
  expect(renderToString(<Day at="2026-04-04" />)).toBe('<time datetime="2026-04-04">Saturday 4 April 2026</time>')
  expect(renderToString(<LastDay until="2026-04-04" />)).toContain('Saturday 4 April 2026')
})

test('words for numbers, sizes and lists', () => {
  expect([count(1, 'row'), count(0, 'row'), count(12_000, 'row')]).toEqual(['1 row', '0 rows', '12,000 rows'])
  expect([byteSize(999), byteSize(1000), byteSize(4_812_334)]).toEqual(['999 bytes', '1.0 kB', '4.8 MB'])
  expect([listText([]), listText(['a']), listText(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c'])
  expect(plainWord('legal_obligation')).toBe('Legal obligation')
})

test('every right can be asked in a plain sentence, and no sentence is offered twice', () => {
  expect(new Set(RIGHT_CHOICES.map(({ right }) => right))).toEqual(new Set(Object.keys(RIGHTS)))
  expect(new Set(RIGHT_CHOICES.map(({ value }) => value)).size).toBe(RIGHT_CHOICES.length)
})

test('ticked sentences become rights and scope', () => {
  expect(readChoices(['access', 'objection:marketing'])).toEqual({
    rights: ['access', 'objection'],
    scope: { objection: 'marketing' },
    errors: [],
  })
  expect(readChoices([]).errors).toEqual([{ pointer: '/rights', detail: 'Tick at least one thing you want us to do' }])
  expect(readChoices(['objection:marketing', 'objection:other']).errors).toHaveLength(1)
  const six = ['access', 'erasure', 'rectification', 'portability', 'restriction', 'opt_out']
  expect(readChoices(six.slice(0, 5)).errors).toEqual([])
  expect(readChoices(six).errors).toEqual([{ pointer: '/rights', detail: 'Tick at most five' }])
  expect(readChoices(['<script>']).rights).toEqual([])
})

test('residence is an ISO code, California is apart from the other states, and it can be left open', () => {
  const values = residenceChoices().map(({ value }) => value)
  expect(values[0]).toBe('')
  expect(values).toEqual(expect.arrayContaining(['NL', 'GB', 'US', 'US-CA']))
  expect(values.slice(1).filter((value) => !/^[A-Z]{2}(-[A-Z]{2})?$/.test(value))).toEqual([])
})
