import { expect, test, vi } from 'vitest'
import { Closers } from '../../src/commands/closers.ts'
import { explainFailure } from '../../src/commands/explain-failure.ts'
import { Refusal, StartupError } from '../../src/errors.ts'

test('what was opened last is closed first, and one that fails keeps no other from closing', async () => {
  const [order, reports]: [string[], string[]] = [[], []]
  const closers = new Closers()
  for (const name of ['server', 'pools', 'workers', 'HTTP'])
    closers.push(name, async () => {
      order.push(name)
      if (name === 'workers') throw Object.assign(new Error('with ada@example.com'), { code: 'ECONNRESET' })
    })
  await closers.closeAll((line) => reports.push(line))
  expect(order).toEqual(['HTTP', 'workers', 'pools', 'server'])
  expect(reports).toEqual(['workers did not close: ECONNRESET'])
  await closers.closeAll((line) => reports.push(line))
  expect(order).toHaveLength(4)
})

test('what does not close is left after twenty seconds, not sooner', async () => {
  vi.useFakeTimers()
  try {
    const [order, reports]: [string[], string[]] = [[], []]
    const closers = new Closers()
    closers.push('server', () => void order.push('server'))
    closers.push('workers', () => new Promise(() => {}))
    const closing = closers.closeAll((line) => reports.push(line))
    await vi.advanceTimersByTimeAsync(19_999)
    expect([order, reports]).toEqual([[], []])
    await vi.advanceTimersByTimeAsync(1)
    await closing
    expect([order, reports]).toEqual([['server'], ['workers did not close: overdue']])
  } finally {
    vi.useRealTimers()
  }
})

test('every end has a sentence and a code, and no stack', () => {
  expect(explainFailure(new StartupError('No policy.'), false)).toEqual({ sentence: 'No policy.', exitCode: 78 })
  expect(explainFailure(new StartupError('Taken.', 75), true)).toEqual({ sentence: 'Taken.', exitCode: 75 })
  expect(explainFailure(new Refusal('not_found'), false)).toEqual({ sentence: 'There is nothing here.', exitCode: 1 })
  const named = explainFailure(new Refusal('invalid_input', [{ pointer: '/rule', detail: 'Expected a rule.' }]), false)
  expect(named.sentence).toContain('  /rule: Expected a rule.')
  for (const code of ['ENOSPC', 'EDQUOT', '53100'])
    expect(explainFailure(Object.assign(new Error('write'), { code }), false)).toEqual({
      sentence: 'The disk is full. Free some space and start again; nothing is lost.',
      exitCode: 73,
    })
  const unexpected = explainFailure(new RangeError('odd'), false)
  expect([unexpected.exitCode, unexpected.sentence]).toEqual([1, 'Habeas ended unexpectedly (RangeError). RangeError: odd'])
  expect(explainFailure(new RangeError('odd'), true).sentence).toContain('\n    at ')
})
