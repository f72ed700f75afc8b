/** The colours a tag can have. */
export type Tone = 'blue' | 'green' | 'teal' | 'grey' | 'orange' | 'red' | 'purple' | 'yellow'

interface StateWords {
  /** The word the person reads. */
  subject: string
  /** The word the operator reads. */
  operator: string
  /** What this means for the person, in a sentence. */
  sentence: string
  /** What it waits for, for the operator. */
  next: string
  tone: Tone
}

/** The states of a case (design: requests/state) with the words both readers see. */
export const STATES = {
  received: {
    subject: 'Received',
    operator: 'Received',
    sentence: 'We have your request. Type the code we mailed you, so that we know it is you.',
    next: 'Waits for the person to type the code, or for somebody here to record how identity was proven.',
    tone: 'blue',
  },
  verifying: {
    subject: 'Waiting for you',
    operator: 'Verifying',
    sentence: 'We need to know that it is you before we go on.',
    next: 'Waits for the person to type the code, or for somebody here to record how identity was proven.',
    tone: 'yellow',
  },
  planning: {
    subject: 'In progress',
    operator: 'Planning',
    sentence: 'We are looking for your data in all our systems.',
    next: 'The systems are being searched.',
    tone: 'blue',
  },
  awaiting_decision: {
    subject: 'In progress',
    operator: 'Needs a decision',
    sentence: 'We have looked in all our systems. A person is checking what we found before anything is done.',
    next: 'Read the plan, then approve or refuse it.',
    tone: 'purple',
  },
  approved: {
    subject: 'Approved',
    operator: 'Approved',
    sentence: 'Your request is approved. The work starts when the time in which you can still withdraw it is over.',
    next: 'The work begins when the time in which the person can take it back is over.',
    tone: 'teal',
  },
  carrying_out: {
    subject: 'In progress',
    operator: 'Carrying out',
    sentence: 'We are doing what you asked, system by system.',
    next: 'Each system does its part. One that fails is tried again by itself.',
    tone: 'teal',
  },
  awaiting_release: {
    subject: 'Nearly done',
    operator: 'To release',
    sentence: 'Your answer is ready. A person is checking it before it leaves.',
    next: 'The archive is built. Somebody must look at it before it leaves.',
    tone: 'purple',
  },
  delivered: {
    subject: 'Answered',
    operator: 'Answered',
    sentence: 'We have answered your request. The answer is below.',
    next: 'The answer is with the person.',
    tone: 'green',
  },
  closed: {
    subject: 'Closed',
    operator: 'Closed',
    sentence: 'This request is answered and closed.',
    next: 'Nothing more is to be done.',
    tone: 'grey',
  },
  refused: {
    subject: 'Refused',
    operator: 'Refused',
    sentence: 'We have not done what you asked. The reasons, and what you can do about it, are below.',
    next: 'The person has the reasons and knows where to complain.',
    tone: 'red',
  },
  withdrawn: {
    subject: 'Withdrawn',
    operator: 'Withdrawn',
    sentence: 'You have withdrawn this request. Nothing was done.',
    next: 'The person has taken it back. Nothing was done.',
    tone: 'grey',
  },
  expired: {
    subject: 'Stopped',
    operator: 'Expired',
    sentence: 'We could not make sure that it is you, so nothing was done. Type a new code and we go on.',
    next: 'Never proven, so nothing was done. A code that is typed now opens it again.',
    tone: 'grey',
  },
} as const satisfies Record<string, StateWords>

/** The state of a case. */
export type CaseState = keyof typeof STATES

/** What a person may ask, with its short name for operators. */
export const RIGHTS = {
  access: 'Access',
  portability: 'Portability',
  rectification: 'Rectification',
  erasure: 'Erasure',
  restriction: 'Restriction',
  objection: 'Objection',
  automated_decision: 'Automated decision',
  know: 'Know (CCPA)',
  delete: 'Delete (CCPA)',
  correct: 'Correct (CCPA)',
  opt_out: 'Opt out (CCPA)',
  limit: 'Limit (CCPA)',
  consent_withdrawal: 'Withdrawal of consent',
} as const satisfies Record<string, string>

/** A right that can be asked for. */
export type Right = keyof typeof RIGHTS

/** The short name of a right, with its scope. */
export function rightName(right: string, scope: string | null): string {
  const names: Readonly<Record<string, string>> = RIGHTS
  const name = names[right] ?? right
  return scope === null ? name : `${name}: ${scope}`
}

/** The laws whose clock and rules a case follows. */
export const REGIMES: Readonly<Record<string, string>> = {
  gdpr: 'GDPR',
  uk_gdpr: 'UK GDPR',
  ccpa: 'CCPA',
  other: 'Strictest rules',
}

/** How a case came in. */
export const CHANNELS: Readonly<Record<string, string>> = {
  form: 'Web form',
  api: 'API',
  letter: 'Letter',
  call: 'Telephone',
  mail: 'Email',
  support: 'Support',
  in_person: 'In person',
}

/** The roles of operators. */
export const ROLES: Readonly<Record<string, string>> = {
  dpo: 'DPO',
  caseworker: 'Caseworker',
  auditor: 'Auditor',
  admin: 'Admin',
}

/** How a request ended. */
export const OUTCOMES = {
  granted: 'We have done everything you asked.',
  partly: 'We have done part of what you asked. What we kept, and why, is below.',
  refused: 'We have not done what you asked.',
  nothing_held: 'We looked in all our systems and hold nothing about you, except this request.',
} as const satisfies Record<string, string>

/** How a request ended, as a word of the API. */
export type Outcome = keyof typeof OUTCOMES
