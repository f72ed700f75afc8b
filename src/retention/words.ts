import type { Named, Policy, Rule } from '../policy/schema.ts'
import { describePeriod } from '../policy/words.ts'

/** How long, in words: `7 years`, `1 month 2 days`. */
export function periodInWords({ period }: Rule): string {
  if (period === undefined) return ''
  return typeof period === 'string' ? describePeriod(period) : 'as many days as was set'
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
    const [copies, unproven, files, signIns] = [archive, never_proven, case_file, sign_in].map(describePeriod)
    const kept = [...policy.categories.values()].some(({ recovery }) => recovery !== undefined)
    const recovery = kept ? ', sealed copies of what was erased 14 days at most' : ''
    return `copies ${copies}${recovery}, requests never proven ${unproven}, case files ${files} after closing, sign-ins ${signIns}`
  }
  const when = [periodInWords(rule), startInWords(rule)].filter((part) => part !== '').join(' after ')
  return when === '' ? actionInWords(rule) : `${when}, then ${actionInWords(rule)}`
}
