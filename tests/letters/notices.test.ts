import { describe, expect, test } from 'vitest'
import { acknowledgement } from '../../src/letters/acknowledgement.ts'
import { cancelWindowNotice } from '../../src/letters/cancel-window-notice.ts'
import { cannotIdentify } from '../../src/letters/cannot-identify.ts'
import { codeMail } from '../../src/letters/code-mail.ts'
import { dpoReminder } from '../../src/letters/dpo-reminder.ts'
import { extensionNotice } from '../../src/letters/extension-notice.ts'
import { forwardedToOrganisation } from '../../src/letters/forwarded-to-organisation.ts'
import { GROUNDS, groundsFor } from '../../src/letters/grounds.ts'
import { messageNotice } from '../../src/letters/message-notice.ts'
import { articleFifteen, keptOf } from '../../src/letters/notice.ts'
import { refusal } from '../../src/letters/refusal.ts'
import { remediesFor } from '../../src/letters/remedies.ts'
import { withdrawn } from '../../src/letters/withdrawn.ts'
import { dayInWords, instantInWords, inWords, isThirdCountry, periodInWords } from '../../src/letters/words.ts'
import { canonicalJson } from '../../src/canonical.ts'
import { RIGHTS } from '../../src/policy/schema.ts'
import { adasCase, planOf, policy } from './ada.ts'
import { ground } from './every-letter.ts'

describe('the acknowledgement', () => {
  test('names every right that was asked in the message with its reference, its days and its page', () => {
    const second = adasCase({
      right: 'erasure',
      reference: 'HAB-2222-3333',
      due_on: '2026-04-05',
      status_url: 'https://rights.engines.example/status/HAB-2222-3333',
    })
    const { text } = acknowledgement({ cases: [adasCase(), second], needs_code: true })
    for (const words of [
      'We received this on Thursday 5 March 2026',
      'You asked: to get a copy of the data held about you\nReference: HAB-7K3M-9QX2\nWe answer by: Saturday 4 April 2026',
      'You asked: to have your data erased\nReference: HAB-2222-3333\nWe answer by: Sunday 5 April 2026',
      'from Thursday 5 March 2026 to Sunday 5 April 2026',
      'https://rights.engines.example/status/HAB-2222-3333',
    ]) {
      expect(text).toContain(words)
    }
  })

  test('has the code on a line of its own when a right needs it, and no word of codes to type when none does', () => {
    expect(acknowledgement({ cases: [adasCase()], needs_code: true }).text.split('\n')).toContain('Code: {{code}}')
    const { text } = acknowledgement({ cases: [adasCase({ right: 'opt_out', regime: 'ccpa' })], needs_code: false })
    expect(text).not.toContain('{{code}}')
    expect(text).not.toContain('Type this code')
    expect(text).toContain('You need not prove anything for this')
  })

  test('says to California how it goes, how we verify, and when the answer is due (11 CCR §7021)', () => {
    const { text } = acknowledgement({ cases: [adasCase({ right: 'know', regime: 'ccpa' })], needs_code: true })
    for (const words of ['What happens next', 'How we verify you', 'We answer by: Saturday 4 April 2026']) expect(text).toContain(words)
  })

  test('says nothing of what we hold, so that it is the same for everybody', () => {
    expect(acknowledgement({ cases: [adasCase()], needs_code: true }).text).not.toMatch(/Your orders|Foundry|workshop/)
  })

  test('of nothing is a mistake of ours', () => {
    expect(() => acknowledgement({ cases: [], needs_code: false })).toThrow('an acknowledgement of nothing')
  })
})

test('a code mail has the code, how long it lives, and where to type it', () => {
  const { text } = codeMail(adasCase())
  expect(text.split('\n')).toContain('Code: {{code}}')
  expect(text).toContain('once, within ten minutes')
  expect(text).toContain('https://rights.engines.example/status/HAB-7K3M-9QX2')
})

test('the notice of an erasure says until when it can be cancelled, in the time of the controller, and with the plan what goes', () => {
  const erasure = adasCase({ right: 'erasure' })
  const { text } = cancelWindowNotice(erasure, { cancel_until: '2026-03-29T00:30:00Z' })
  expect(text).toContain('You can cancel until: Sunday 29 March 2026 at 01:30 (Europe/Amsterdam)')
  // An hour later the clocks have gone forward.
  expect(cancelWindowNotice(erasure, { cancel_until: '2026-03-29T01:30:00Z' }).text).toContain('at 03:30')
  const planned = cancelWindowNotice(erasure, { cancel_until: '2026-03-29T00:30:00Z', policy, body: planOf('erasure') }).text
  expect(planned).toContain('- Your orders')
  expect(planned).not.toContain('- Your bills')
})

describe('who cannot be identified', () => {
  test('is told what is missing, how to go on and what can be done, and not whether we hold anything (Art. 12(4) GDPR)', () => {
    const { text } = cannotIdentify(adasCase())
    for (const words of [
      'Nobody has typed the code',
      'you need not ask again',
      'Art. 11(2), 12(2) and 12(4) GDPR',
      'Autoriteit Persoonsgegevens',
      'does not say whether we hold anything',
    ]) {
      expect(text).toContain(words)
    }
  })

  test('and asked to know in California is told of the categories and of the privacy policy (11 CCR §7024(a), (b))', () => {
    const { text } = cannotIdentify(adasCase({ right: 'know', regime: 'ccpa' }))
    for (const words of ['11 CCR §7024(a)', 'https://engines.example/privacy', '11 CCR §7060']) expect(text).toContain(words)
  })
})

describe('a refusal', () => {
  const decided = {
    ground: ground('LEGAL_OBLIGATION'),
    facts: 'The tax office asked for the bills of 2025.',
    reviewed_by: 'the data protection officer',
  }

  test('names ground, article, facts, who decided, the authority with its address, and the court', () => {
    const { subject, text } = refusal(adasCase({ right: 'erasure' }), decided)
    expect(subject).toBe('We cannot do what you asked (HAB-7K3M-9QX2)')
    for (const words of [
      'Ground: A law obliges us to keep the data.',
      'Law: Art. 17(3)(b) GDPR',
      '> The tax office asked for the bills of 2025.',
      'Decided by: the data protection officer',
      'Autoriteit Persoonsgegevens, Postbus 93374, The Hague',
      'Art. 79 GDPR',
    ]) {
      expect(text).toContain(words)
    }
  })

  test('in part says which part', () => {
    const { subject, text } = refusal(adasCase({ right: 'erasure' }), { ...decided, parts: ['Your bills'] })
    expect(subject).toBe('We cannot do all of what you asked (HAB-7K3M-9QX2)')
    expect(text).toContain('- Your bills')
  })

  test('in the United Kingdom names its law, the complaint to us and its Commissioner', () => {
    const { text } = refusal(adasCase({ right: 'erasure', regime: 'uk_gdpr' }), decided)
    for (const words of [
      'Law: Art. 17(3)(b) UK GDPR',
      'section 164A',
      'dpo@engines.example',
      'the Information Commissioner',
      'section 165',
    ])
      expect(text).toContain(words)
    expect(text).not.toMatch(/(?<!UK )GDPR/)
    expect(text).not.toContain('Autoriteit')
  })

  test('in California names the reasons, a second look and non-discrimination, and where it could not verify, the privacy policy', () => {
    const { text } = refusal(adasCase({ right: 'delete', regime: 'ccpa' }), { ...decided, ground: ground('CA_UNVERIFIABLE') })
    for (const words of ['§1798.145(h)(2)', 'looked at again', '§1798.125', 'https://engines.example/privacy'])
      expect(text).toContain(words)
  })
})

describe('the grounds', () => {
  test('have each a code of their own, an article, a sentence and at least one right', () => {
    expect(new Set(GROUNDS.map(({ code }) => code)).size).toBe(GROUNDS.length)
    for (const one of GROUNDS) {
      expect(one.article, one.code).toMatch(/Art\. \d|§/)
      expect(one.sentence, one.code).toMatch(/^[A-Z].*\.$/)
      expect(one.rights.length, one.code).toBeGreaterThan(0)
    }
  })

  test('do not exist against marketing, and not against a withdrawn consent', () => {
    expect(groundsFor('objection', 'gdpr', { objection: 'marketing' })).toEqual([])
    expect(groundsFor('consent_withdrawal', 'gdpr')).toEqual([])
    expect(groundsFor('objection', 'gdpr', { objection: 'other' }).map(({ code }) => code)).toContain('COMPELLING_GROUNDS')
  })

  test('are those of the law that counts: the UK limit only there, California for itself', () => {
    const codes = (right: (typeof RIGHTS)[number], regime: 'gdpr' | 'uk_gdpr' | 'ccpa') => groundsFor(right, regime).map(({ code }) => code)
    expect(codes('access', 'uk_gdpr')).toContain('UK_SEARCH_LIMIT')
    expect(codes('access', 'gdpr')).not.toContain('UK_SEARCH_LIMIT')
    expect(codes('delete', 'ccpa').filter((code) => code.startsWith('CA_105D'))).toHaveLength(8)
    expect(codes('delete', 'ccpa').every((code) => code.startsWith('CA_'))).toBe(true)
  })

  test("let other people's rights shorten a copy, never refuse it", () => {
    expect(ground('THIRD_PARTY_RIGHTS').only_in_part).toBe(true)
    expect(ground('CA_SENSITIVE_FIELD').only_in_part).toBe(true)
    expect(ground('LEGAL_OBLIGATION').only_in_part).toBe(false)
  })

  test.each(RIGHTS.filter((right) => right !== 'consent_withdrawal'))('exist for %s under its own law', (right) => {
    const own = ['know', 'delete', 'correct', 'opt_out', 'limit'].includes(right) ? 'ccpa' : 'gdpr'
    expect(groundsFor(right, own).length).toBeGreaterThan(0)
  })
})

describe('the remedies', () => {
  test('are authority and court in the Union', () => {
    const said = remediesFor('gdpr', policy.main).join(' ')
    for (const words of [
      'Autoriteit Persoonsgegevens',
      'Postbus 93374, The Hague',
      'https://autoriteitpersoonsgegevens.nl',
      'Art. 77',
      'Art. 79',
    ])
      expect(said).toContain(words)
  })

  test('are those of the Union without its articles where no law is certain', () => {
    expect(remediesFor('other', policy.main).join(' ')).toContain('Autoriteit Persoonsgegevens')
  })

  test('of a British company are with the authority it names itself', () => {
    const british = {
      ...policy.main,
      country: 'GB',
      authority: { name: 'the Commissioner of the policy', address: 'Cheshire', url: 'https://ico.example' },
    }
    expect(remediesFor('uk_gdpr', british).join(' ')).toContain('the Commissioner of the policy, Cheshire')
  })
})

test('an extension names the old and the new day, the reason and its words, and what can be done', () => {
  const { text } = extensionNotice(adasCase({ due_on: '2026-06-05' }), {
    reason: 'number_of_requests',
    explanation: 'There are forty of them.',
    was_due_on: '2026-04-04',
  })
  for (const words of [
    'by Saturday 4 April 2026',
    'you have made several requests',
    '> There are forty of them.',
    'We answer by: Friday 5 June 2026',
    'Art. 12(3) GDPR',
    'Art. 77 GDPR',
  ]) {
    expect(text).toContain(words)
  }
})

test('a message is announced; its words only come along when they are given', () => {
  expect(messageNotice(adasCase()).text).not.toContain('>')
  expect(messageNotice(adasCase(), { text: 'Which year?\nCode: no' }).text).toContain('> Which year?\n> Code: no')
})

test.each([
  ['T-14', 'To be answered in 14 days', 'must be sent in 14 days'],
  ['T-7', 'To be answered in 7 days', 'If it needs an extension, decide that now'],
  ['T-1', 'To be answered tomorrow', 'must be sent tomorrow'],
  ['overdue', 'Overdue', 'still owed'],
])('a reminder of kind %s says "%s"', (kind, title, words) => {
  const { subject, text } = dpoReminder(adasCase(), { kind, send_by: '2026-04-03', console_url: 'https://rights.engines.example/console' })
  expect(subject).toBe(`${title} (HAB-7K3M-9QX2)`)
  for (const one of [words, 'Send by: Friday 3 April 2026', 'Due: Saturday 4 April 2026', 'Art. 15 GDPR']) expect(text).toContain(one)
})

test('a withdrawal says that nothing was done', () => {
  expect(withdrawn(adasCase()).text).toContain('Nothing was shown, changed or erased')
})

test('what an organisation decides about is passed on to it, by name where it may be told', () => {
  expect(forwardedToOrganisation(adasCase(), { organisation: 'Babbage Ltd' }).text).toContain('We hold data about you for Babbage Ltd')
  expect(forwardedToOrganisation(adasCase()).text).toContain('such as your employer')
})

describe('metadata/notice.json', () => {
  const about = { reference: 'HAB-7K3M-9QX2', controller: policy.main, created_at: '2026-03-20T10:00:00Z' }
  const notice = articleFifteen(policy, planOf('access'), about)

  test('holds every item of Art. 15(1) and (2) as plain data', () => {
    expect(notice).toMatchObject({
      reference: 'HAB-7K3M-9QX2',
      controller: { name: 'Analytical Engines BV', dpo: { email: 'dpo@engines.example' } },
      categories: [
        { id: 'orders', purpose: 'Building machines', basis: 'contract', kept: 'as long as the machine runs', recipients: ['Foundry Inc'] },
        { id: 'visits', obtained_from: 'from your browser' },
        { id: 'rights_requests' },
      ],
      recipients: [
        { name: 'Foundry Inc', country: 'US', third_country: true, safeguard: 'Standard Contractual Clauses' },
        { name: 'Counter GmbH', country: 'DE', third_country: false, safeguard: null },
      ],
      held_not_shown: [{ collection: 'Your orders', field: 'pin', type: 'door code' }],
      automated_decisions: { automated_decisions: false },
      authority: { name: 'Autoriteit Persoonsgegevens' },
    })
    expect(() => canonicalJson(notice)).not.toThrow()
  })

  test('of an erasure names what is kept, with statute and last day, our own record of it included', () => {
    expect(keptOf(planOf('erasure'), policy)).toEqual([
      { category: 'Bills', basis: 'legal_obligation', statute: 'AWR art. 52(4) (Netherlands)', until: '2033-12-31' },
      { category: 'Requests about your data', basis: 'legal_claims', statute: 'Art. 5(2) GDPR', until: '2029-04-04' },
    ])
  })
})

describe('words', () => {
  test.each([
    ['2026-04-03', 'Friday 3 April 2026'],
    ['2028-02-29', 'Tuesday 29 February 2028'],
    ['2026-11-22', 'Sunday 22 November 2026'],
  ])('%s is %s', (day, words) => expect(dayInWords(day)).toBe(words))

  test.each([
    ['P36M', '36 months'],
    ['P1Y', '1 year'],
    ['P1Y6M', '1 year and 6 months'],
    ['P14D', '14 days'],
  ])('%s is %s', (period, words) => expect(periodInWords(period)).toBe(words))

  test('an instant is told in the zone of the controller', () => {
    expect(instantInWords('2026-12-31T23:30:00Z', 'Europe/Amsterdam')).toBe('Friday 1 January 2027 at 00:30 (Europe/Amsterdam)')
  })

  test.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a and b'],
    [['a', 'b', 'c'], 'a, b and c'],
  ])('%j is "%s"', (items, words) => expect(inWords(items)).toBe(words))

  test.each([
    ['US', 'NL', true],
    ['GB', 'NL', true],
    ['NO', 'NL', false],
    ['NL', 'NL', false],
    ['NL', 'GB', true],
    ['US', 'GB', true],
  ])('data that goes to %s from %s is in a third country: %s', (to, from, third) => expect(isThirdCountry(to, from)).toBe(third))
})
