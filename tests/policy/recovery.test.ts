import { describe, expect, test } from 'vitest'
import { compilePolicy } from '../../src/policy/compile.ts'
import { problems, SOUND } from './sound.ts'

const PEOPLE = 'kept: a year, recipients'

describe('A recovery copy', () => {
  test.each(['P1D', 'P14D', 'P2W', 'P1W7D'])('may be kept for %s', (period) => {
    const policy = compilePolicy([{ name: 'policy.yaml', text: SOUND.replace(PEOPLE, `kept: a year, recovery: ${period}, recipients`) }])
    expect(policy.categories.get('people')?.recovery).toBe(period)
  })

  test.each(['P15D', 'P3W', 'P2W1D', 'P1M', 'P1Y', 'P0D'])('may not be kept for %s', (period) => {
    expect(problems(PEOPLE, `kept: a year, recovery: ${period}, recipients`)).toEqual([
      `${period} | expected a recovery from P1D to P14D, got '${period}' (in categories.people.recovery)`,
    ])
  })

  test('is not kept of what rests on a consent: who asks to erase it has withdrawn it', () => {
    expect(problems(`basis: contract, ${PEOPLE}`, 'basis: consent, kept: a year, recovery: P14D, recipients')).toEqual([
      "recovery | expected no recovery for a category whose basis is consent, got 'recovery' (in categories.people.recovery)",
    ])
  })
})
