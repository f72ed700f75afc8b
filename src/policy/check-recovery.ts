import { type Checking, say } from './columns.ts'

const MOST_DAYS = 14
const LONGEST_IN_DAYS = { Y: 366, M: 31, W: 7, D: 1 } as const

/**
 * Reports categories whose recovery copy would be kept for longer than fourteen days, however that is written, and those that may have none:
 * who asks to erase what rests on a consent has withdrawn it (Art. 17(1)(b) GDPR).
 */
export function checkRecovery(checking: Checking): void {
  for (const [name, { value }] of checking.entries.categories) {
    if (value?.recovery === undefined) continue
    const place = { section: 'categories', name, path: ['recovery'] } as const
    const days = longest(value.recovery)
    if (days < 1 || days > MOST_DAYS) say(checking, place, 'a recovery from P1D to P14D', `'${value.recovery}'`)
    if (value.basis === 'consent') say(checking, { ...place, of: 'key' }, 'no recovery for a category whose basis is consent', `'recovery'`)
  }
}

/** Days of a period at its longest: a month may have 31 of them. */
function longest(period: string): number {
  const amount = (unit: keyof typeof LONGEST_IN_DAYS) => Number(new RegExp(`(\\d+)${unit}`).exec(period)?.[1] ?? 0) * LONGEST_IN_DAYS[unit]
  return amount('Y') + amount('M') + amount('W') + amount('D')
}
