import type { Condition, Rule, Start, Strategy } from './schema.ts'

/** A period in words: `P90D` is `90 days`, and days that the data holds name their column. */
export function describePeriod(period: Rule['period']): string {
  if (period === undefined) return '–'
  if (typeof period !== 'string') return `days in ${period.days_from}${period.at_least > 0 ? `, at least ${period.at_least}` : ''}`
  const parts = [...period.matchAll(/(\d+)([YMWD])/g)].map(
    ([, amount = '', unit = '']) => `${amount} ${UNITS[unit] ?? unit}${amount === '1' ? '' : 's'}`,
  )
  return parts.join(' ')
}

const UNITS: Readonly<Record<string, string>> = { Y: 'year', M: 'month', W: 'week', D: 'day' }

/** Where a rule starts to count, in words. */
export function describeStart(start: Start | undefined): string {
  if (start === undefined) return '–'
  if (start.pick === 'end_of_fiscal_year') return `end of the financial year of ${start.of.join(', ')}`
  return start.of.length === 1 ? start.of.join('') : `${start.pick} of ${start.of.join(', ')}`
}

/** A condition in words, its parts joined by `and`; empty when there is none. */
export function describeCondition(condition: Condition): string {
  return Object.entries(condition)
    .map(([path, wanted]) => {
      if (wanted === null) return `${path} is empty`
      if (Array.isArray(wanted)) return `${path} is ${wanted.join(' or ')}`
      return typeof wanted === 'object' ? `${path} is not empty` : `${path} is ${String(wanted)}`
    })
    .join(' and ')
}

const KEPT = { day: 'day', month: 'month', year: 'year', ip: 'network', postcode: 'first half' } as const

/** What happens to single fields, in words. */
export function describeSet(set: Readonly<Record<string, Strategy>>): string {
  return Object.entries(set)
    .map(([column, strategy]) => {
      if (strategy === null) return `empty ${column}`
      if ('value' in strategy) return `set ${column} to ${String(strategy.value)}`
      if ('truncate' in strategy) return `keep only the ${KEPT[strategy.truncate]} of ${column}`
      if ('replace' in strategy) return `replace ${column} by a value that says nothing`
      if ('pseudonym' in strategy) return `replace ${column} by a pseudonym`
      if ('redact' in strategy) return `take addresses and numbers out of ${column}`
      return 'remove' in strategy ? `take the person out of ${column}` : `remove ${strategy.drop.join(', ')} from ${column}`
    })
    .join(', ')
}

/** Rows as lines of a table whose columns are as wide as their widest cell; nothing trails. */
export function alignColumns(rows: readonly (readonly string[])[], indent = '  '): string[] {
  const widths: number[] = []
  for (const row of rows) for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  return rows.map((row) => `${indent}${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd())
}
