import type { Regime, Right } from './schema.ts'

/** What a right asks for, and of whom. `effect` decides which items a plan has; `proof` what must be shown before rows are touched. */
export interface RightDeclaration {
  readonly label: string
  readonly asks: string
  readonly article: string
  readonly family: 'gdpr' | 'ccpa'
  readonly proof: 'code' | 'none'
  readonly effect: 'disclose' | 'describe' | 'change' | 'erase' | 'restrict' | 'record'
  /** The standing fact that stays behind. */
  readonly leaves?: 'restriction' | 'objection' | 'opt_out' | 'limit' | 'consent_withdrawn'
  readonly cancel_window: boolean
}

/** All rights the service knows (law.md §1), read by planner, clock, letters, pages and tests. */
export const RIGHT_TABLE: Readonly<Record<Right, RightDeclaration>> = {
  access: right('A copy of my data', 'to get a copy of the data held about you', 'Art. 15 GDPR', 'gdpr', 'code', 'disclose'),
  portability: right(
    'My data to take elsewhere',
    'to get the data you gave, in a format other services can read',
    'Art. 20 GDPR',
    'gdpr',
    'code',
    'disclose',
  ),
  rectification: right('Correct my data', 'to have wrong data corrected', 'Art. 16 GDPR', 'gdpr', 'code', 'change'),
  erasure: { ...right('Delete my data', 'to have your data erased', 'Art. 17 GDPR', 'gdpr', 'code', 'erase'), cancel_window: true },
  restriction: {
    ...right('Freeze my data', 'to have the use of your data restricted', 'Art. 18 GDPR', 'gdpr', 'code', 'restrict'),
    leaves: 'restriction',
  },
  objection: {
    ...right('Object to the use of my data', 'to object to a use of your data', 'Art. 21 GDPR', 'gdpr', 'code', 'record'),
    leaves: 'objection',
  },
  automated_decision: right(
    'Have a decision looked at by a person',
    'to have an automated decision reviewed',
    'Art. 22 GDPR',
    'gdpr',
    'code',
    'describe',
  ),
  know: right(
    'Know what is collected about me',
    'to know what is collected, used and disclosed',
    'Cal. Civ. Code §1798.110',
    'ccpa',
    'code',
    'disclose',
  ),
  delete: {
    ...right('Delete my data (California)', 'to have your data deleted', 'Cal. Civ. Code §1798.105', 'ccpa', 'code', 'erase'),
    cancel_window: true,
  },
  correct: right('Correct my data (California)', 'to have wrong data corrected', 'Cal. Civ. Code §1798.106', 'ccpa', 'code', 'change'),
  opt_out: {
    ...right('Do not sell or share my data', 'to opt out of sale and sharing', 'Cal. Civ. Code §1798.120', 'ccpa', 'none', 'record'),
    leaves: 'opt_out',
  },
  limit: {
    ...right(
      'Limit the use of my sensitive data',
      'to limit the use of sensitive data',
      'Cal. Civ. Code §1798.121',
      'ccpa',
      'none',
      'record',
    ),
    leaves: 'limit',
  },
  consent_withdrawal: {
    ...right('Withdraw my consent', 'to withdraw a consent', 'Art. 7(3) GDPR', 'gdpr', 'none', 'record'),
    leaves: 'consent_withdrawn',
  },
}

function right(
  label: string,
  asks: string,
  article: string,
  family: 'gdpr' | 'ccpa',
  proof: 'code' | 'none',
  effect: RightDeclaration['effect'],
): RightDeclaration {
  return { label, asks, article, family, proof, effect, cancel_window: false }
}

/** What must be proven for this right and scope: an objection to marketing needs no proof (Art. 21(3) GDPR). */
export function proofFor(right: Right, scope: Readonly<Record<string, string>> | null): 'code' | 'none' {
  if (right === 'objection' && scope?.['objection'] === 'marketing') return 'none'
  return RIGHT_TABLE[right].proof
}

const EEA = 'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK ES'.split(' ')

/**
 * The regimes that may apply to somebody who lives at `residence` (ISO 3166 country or subdivision such as `US-CA`). Unknown residence:
 * all that are candidates for the right, and the earliest date counts (law.md §2.8).
 */
export function regimesFor(right: Right, residence: string | null): { regime: Regime; candidates: Regime[] } {
  const family = RIGHT_TABLE[right].family
  if (residence === null) return { regime: family, candidates: ['gdpr', 'uk_gdpr', 'ccpa'] }
  if (EEA.includes(residence)) return { regime: 'gdpr', candidates: ['gdpr'] }
  if (residence === 'GB' || residence.startsWith('GB-')) return { regime: 'uk_gdpr', candidates: ['uk_gdpr'] }
  if (residence === 'US-CA') return { regime: 'ccpa', candidates: ['ccpa'] }
  return { regime: 'other', candidates: ['other'] }
}
