import type { Named, Policy, Rule } from '../policy/schema.ts'

const UNITS: Readonly<Record<string, string>> = { Y: 'year', M: 'month', W: 'week', D: 'day' }

/** How long, in words: `7 years`, `1 month and 2 days`. */
export function periodInWords(rule: Rule): string {
  const { period } = rule
  if (period === undefined) return ''
  if (typeof period !== 'string') return 'as many days as was set'
  const parts = [...period.matchAll(/(\d+)([YMWD])/g)].map(([, count = '', unit = '']) => {
    const word = UNITS[unit] ?? ''
    return `${count} ${word}${count === '1' ? '' : 's'}`
  })
  return parts.join(' and ')
}

/** From when, in words: the policy's own, else the names of the columns. */
export function startInWords(rule: Rule): string {
  if (rule.starts_label !== undefined) return rule.starts_label
  if (rule.starts === undefined) return ''
  const { pick, of } = rule.starts
  const names = of.join(', ')
  return pick === 'end_of_fiscal_year' ? `the end of the financial year of ${names}` : of.length === 1 ? names : `the ${pick} of ${names}`
}

const THEN = {
  delete: 'erased',
  strip: 'loses what points at you',
  anonymise: 'turned into counts without people',
  attest: 'deleted by the recipient, who confirms it',
  out_of_reach: 'not held by us',
  own_records: 'erased',
} as const satisfies Record<Rule['action'], string>

/** What happens then, in words. */
export function actionInWords(rule: Rule): string {
  return THEN[rule.action]
}

/** The rule in a sentence: how long after what, then what. */
export function ruleInWords(policy: Policy, rule: Named<Rule>): string {
  if (rule.action === 'own_records') {
    const { archive, never_proven, case_file, sign_in } = policy.own_records
    return `archives ${archive}, requests never proven ${never_proven}, case files ${case_file} after closing, sign-ins ${sign_in}`
  }
  const when = [periodInWords(rule), startInWords(rule)].filter((part) => part !== '').join(' after ')
  return when === '' ? actionInWords(rule) : `${when}, then ${actionInWords(rule)}`
}
