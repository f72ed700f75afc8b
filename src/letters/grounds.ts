import type { Regime, Right } from '../policy/schema.ts'

/** A reason for which the law lets a request be refused in whole or in part; nothing outside this list can refuse one. */
export interface Ground {
  readonly code: string
  readonly article: string
  /** What the letter says before the facts of the case. */
  readonly sentence: string
  readonly regimes: readonly Regime[]
  readonly rights: readonly Right[]
  /** It never carries a refusal in whole: something is left out, the rest is done. */
  readonly only_in_part: boolean
}

const EUROPE: readonly Regime[] = ['gdpr', 'uk_gdpr', 'other']
const UK: readonly Regime[] = ['uk_gdpr']
const CALIFORNIA: readonly Regime[] = ['ccpa']
const GDPR_RIGHTS: readonly Right[] = [
  'access',
  'portability',
  'rectification',
  'erasure',
  'restriction',
  'objection',
  'automated_decision',
]
const VERIFIED: readonly Right[] = ['know', 'delete', 'correct']

/** Every ground of law.md §1, in the order in which an operator is shown them. Consent withdrawal has none. */
export const GROUNDS: readonly Ground[] = [
  europe('NOT_IDENTIFIABLE', 'Art. 11(2) and 12(2) GDPR', 'With what we hold we cannot tell which data is yours.', GDPR_RIGHTS),
  europe('UNFOUNDED', 'Art. 12(5)(b) GDPR', 'The request is manifestly unfounded.', GDPR_RIGHTS),
  europe('EXCESSIVE', 'Art. 12(5)(b) GDPR', 'The request is excessive, in particular because it repeats earlier ones.', GDPR_RIGHTS),
  europe('LAW_RESTRICTION', 'Art. 23 GDPR and the national law named below', 'A law restricts this right in this case.', GDPR_RIGHTS),
  part(
    europe('THIRD_PARTY_RIGHTS', 'Art. 15(4) GDPR', 'A part would harm the rights of other people, and only that part is left out.', [
      'access',
    ]),
  ),
  {
    ...europe(
      'UK_SEARCH_LIMIT',
      'Art. 15(1A) UK GDPR',
      'You get what a reasonable and proportionate search finds; more would go beyond that.',
      ['access'],
    ),
    regimes: UK,
    only_in_part: true,
  },
  europe('ACCURATE_ON_EVIDENCE', 'Art. 5(1)(d) and 16 GDPR', 'According to the evidence the data is right as it is.', ['rectification']),
  europe('NO_GROUND_17_1', 'Art. 17(1) GDPR', 'None of the grounds on which data must be erased is there.', ['erasure']),
  europe('EXPRESSION', 'Art. 17(3)(a) GDPR', 'The data is needed for the freedom of expression and information.', ['erasure']),
  europe('LEGAL_OBLIGATION', 'Art. 17(3)(b) GDPR', 'A law obliges us to keep the data.', ['erasure']),
  europe('PUBLIC_HEALTH', 'Art. 17(3)(c) GDPR', 'The data is needed in the public interest in the area of public health.', ['erasure']),
  europe(
    'RESEARCH',
    'Art. 17(3)(d) GDPR',
    'The data is needed for archiving in the public interest, research or statistics, which its erasure would make impossible.',
    ['erasure'],
  ),
  europe('LEGAL_CLAIMS', 'Art. 17(3)(e) GDPR', 'The data is needed to make, pursue or defend legal claims.', ['erasure']),
  europe('NO_GROUND_18_1', 'Art. 18(1) GDPR', 'None of the cases in which the use of data must be restricted is there.', ['restriction']),
  europe(
    'BASIS_NOT_CONSENT_CONTRACT',
    'Art. 20(1)(a) GDPR',
    'The data is used neither on your consent nor on a contract with you; you can have a copy under Article 15.',
    ['portability'],
  ),
  part(
    europe('NOT_PROVIDED', 'Art. 20(1) GDPR', 'The data was not provided by you but derived; you can have a copy under Article 15.', [
      'portability',
    ]),
  ),
  part(
    europe('THIRD_PARTY', 'Art. 20(4) GDPR', 'A part would harm the rights of other people, and only that part is left out.', [
      'portability',
    ]),
  ),
  part(
    europe(
      'DIRECT_TX_NOT_FEASIBLE',
      'Art. 20(2) GDPR',
      'Sending the data to another company directly is not technically feasible; you get the file.',
      ['portability'],
    ),
  ),
  europe('COMPELLING_GROUNDS', 'Art. 21(1) GDPR', 'Compelling legitimate grounds for the use of the data outweigh your interests.', [
    'objection',
  ]),
  europe('OBJECTION_LEGAL_CLAIMS', 'Art. 21(1) GDPR', 'The data is used to make, pursue or defend legal claims.', ['objection']),
  europe(
    'DECISION_NECESSARY',
    'Art. 22(2) GDPR',
    'The automated decision is necessary for a contract with you, allowed by law, or made with your explicit consent.',
    ['automated_decision'],
  ),
  california(
    'CA_UNVERIFIABLE',
    'Cal. Civ. Code §1798.130(a)(2); 11 CCR §7060',
    'We could not verify that the request comes from you.',
    VERIFIED,
  ),
  california('CA_TWICE_12M', 'Cal. Civ. Code §1798.130(b)', 'You have had this information twice in the last twelve months.', ['know']),
  california('CA_EXCESSIVE', 'Cal. Civ. Code §1798.145(h)(3)', 'The request is manifestly unfounded or excessive.', VERIFIED),
  california('CA_HOUSEHOLD', 'Cal. Civ. Code §1798.145(p)', 'The data is about a household, not about you alone.', VERIFIED),
  part(
    california(
      'CA_SENSITIVE_FIELD',
      '11 CCR §7024(d)',
      'Some values are too dangerous to send; we tell you that we hold them, not what they are.',
      ['know'],
    ),
  ),
  part(
    california(
      'CA_NOT_SEARCHED',
      '11 CCR §7024(c)',
      'Some records are not kept searchable, are held only for legal or compliance purposes, and are neither sold nor used commercially.',
      ['know'],
    ),
  ),
  california('CA_105D1', 'Cal. Civ. Code §1798.105(d)(1)', 'The data is needed to complete a transaction or perform a contract with you.', [
    'delete',
  ]),
  california('CA_105D2', 'Cal. Civ. Code §1798.105(d)(2)', 'The data is needed to help to ensure security and integrity.', ['delete']),
  california('CA_105D3', 'Cal. Civ. Code §1798.105(d)(3)', 'The data is needed to find and repair errors in what already worked.', [
    'delete',
  ]),
  california('CA_105D4', 'Cal. Civ. Code §1798.105(d)(4)', 'The data is needed for free speech or another right provided for by law.', [
    'delete',
  ]),
  california(
    'CA_105D5',
    'Cal. Civ. Code §1798.105(d)(5)',
    'The data is needed to comply with the California Electronic Communications Privacy Act.',
    ['delete'],
  ),
  california(
    'CA_105D6',
    'Cal. Civ. Code §1798.105(d)(6)',
    'The data is needed for research in the public interest to which you consented.',
    ['delete'],
  ),
  california(
    'CA_105D7',
    'Cal. Civ. Code §1798.105(d)(7)',
    'The data is used only internally, as you may expect from your relationship with us.',
    ['delete'],
  ),
  california('CA_105D8', 'Cal. Civ. Code §1798.105(d)(8)', 'A law obliges us to keep the data.', ['delete']),
  part(
    california('CA_DISPROPORTIONATE', '11 CCR §7022(b)(3)', 'Telling all third parties is impossible or takes disproportionate effort.', [
      'delete',
    ]),
  ),
  california('CA_CORRECT_ACCURATE', '11 CCR §7023(b)', 'Taking everything together, the data is more likely right than not.', ['correct']),
  california(
    'CA_CORRECT_REPEAT',
    '11 CCR §7023(g)',
    'The same correction was denied within the last six months, and nothing new was shown.',
    ['correct'],
  ),
  california('CA_OPTOUT_FRAUD', '11 CCR §7026(e)', 'We have a documented reason to believe in good faith that the request is fraudulent.', [
    'opt_out',
    'limit',
  ]),
  california(
    'CA_NO_SALE_SHARE',
    'Cal. Civ. Code §1798.120',
    'We neither sell nor share personal information, so there is nothing to opt out of.',
    ['opt_out'],
  ),
]

/** The grounds that can be given for this request; none for an objection to marketing (Art. 21(3) GDPR) or a withdrawn consent. */
export function groundsFor(right: Right, regime: Regime, scope: Readonly<Record<string, string>> | null = null): readonly Ground[] {
  if (right === 'objection' && scope?.['objection'] === 'marketing') return []
  // Where residence is not known both families were candidates, and the grounds are those of the right that was asked.
  return GROUNDS.filter((ground) => ground.rights.includes(right) && (regime === 'other' || ground.regimes.includes(regime)))
}

function europe(code: string, article: string, sentence: string, rights: readonly Right[]): Ground {
  return { code, article, sentence, regimes: EUROPE, rights, only_in_part: false }
}

function california(code: string, article: string, sentence: string, rights: readonly Right[]): Ground {
  return { code, article, sentence, regimes: CALIFORNIA, rights, only_in_part: false }
}

function part(ground: Ground): Ground {
  return { ...ground, only_in_part: true }
}
