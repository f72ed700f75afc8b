import { describe, expect, test } from 'vitest'
import { accessReply } from '../../src/letters/access-reply.ts'
import { automatedDecisionReply } from '../../src/letters/automated-decision-reply.ts'
import { consentReply } from '../../src/letters/consent-reply.ts'
import { erasureReport } from '../../src/letters/erasure-report.ts'
import { knowReply } from '../../src/letters/know-reply.ts'
import { nothingHeld } from '../../src/letters/nothing-held.ts'
import { objectionReply } from '../../src/letters/objection-reply.ts'
import { optOutReply } from '../../src/letters/opt-out-reply.ts'
import { portabilityReply } from '../../src/letters/portability-reply.ts'
import { rectificationReply } from '../../src/letters/rectification-reply.ts'
import { restrictionReply } from '../../src/letters/restriction-reply.ts'
import { adasCase, COPY, factsOf, item, planOf, policy } from './ada.ts'

/** Fails with the name of every thing that is owed and not there. */
function expectAll(text: string, owed: Readonly<Record<string, string | RegExp>>) {
  const missing = Object.entries(owed).filter(([, words]) => !(typeof words === 'string' ? text.includes(words) : words.test(text)))
  expect(missing.map(([name, words]) => `${name}: ${String(words)}`)).toEqual([])
}

describe('Ada asked for a copy', () => {
  const { text } = accessReply(adasCase(), factsOf('access'), COPY)

  test('and is told all of Art. 15(1)(a) to (h) and 15(2), of her own categories', () => {
    expectAll(text, {
      'the confirmation': 'Yes: Analytical Engines BV',
      '(a) purposes': 'What it is used for: Building machines',
      'the basis of each': 'Legal basis: a legitimate interest (Art. 6(1)(f) GDPR)',
      '(b) categories': /^Orders$/m,
      '(b) our own records of her': 'Requests about your data',
      '(c) recipients by name': 'Foundry Inc',
      '(c) in a third country': 'United States, a third country',
      '(c) within the Union': /Counter GmbH \([^)]*Germany\)/,
      '(d) how long': 'How long it is kept: 6 months',
      '(e) rectification': 'to have wrong data corrected (Art. 16 GDPR)',
      '(e) erasure': '(Art. 17 GDPR)',
      '(e) restriction': '(Art. 18 GDPR)',
      '(e) objection': '(Art. 21 GDPR)',
      '(f) the authority and its address': 'Autoriteit Persoonsgegevens, Postbus 93374, The Hague',
      '(g) where it comes from': 'Where it comes from: your browser',
      '(h) automated decisions': 'No machine decides about you.',
      '15(2) the safeguard': 'Safeguard: Standard Contractual Clauses',
      '15(2) how to get a copy of it': 'copy of the safeguards named here (Art. 15(2) GDPR): write to dpo@engines.example',
      'that it is free': 'it is free',
      'a court': 'Art. 79 GDPR',
    })
  })

  test('and not of categories in which nothing of hers was found', () => {
    expect(text).not.toContain('Horoscopes')
    expect(text).not.toMatch(/^Bills$/m)
  })

  test('and is told where we searched, what is held and not shown, what lies elsewhere, and how to fetch it until when', () => {
    expectAll(text, {
      'a system with data': "The workshop's database: searched, data found",
      'a system without': 'The paper cabinet: searched by a person, nothing found',
      ourselves: 'The records of requests such as this one',
      'held, not shown': 'Your orders: door code',
      elsewhere: 'Drawings on your own desk are only there.',
      'the way': 'https://rights.engines.example/status/HAB-7K3M-9QX2',
      'the fresh code': 'ask for a fresh code',
      'how often': 'You can download it 5 times',
      'the last day': 'Available until: Friday 3 April 2026',
    })
  })

  test('and is told what was left out for the sake of others, and why', () => {
    const facts = { ...factsOf('access'), redactions: [{ what: 'a name in a letter', reason: 'it is of somebody else' }] }
    expect(accessReply(adasCase(), facts, COPY).text).toContain('a name in a letter: it is of somebody else (Art. 15(4) GDPR)')
    expect(text).not.toContain('Left out for the sake of others')
  })

  test('and when a system is missing, which one and when the rest follows', () => {
    const facts = { ...factsOf('access'), missing: { systems: ['The paper cabinet'], follows_by: '2026-04-30' } }
    const { text: partial } = accessReply(adasCase(), facts, { ...COPY, parts: 2 })
    expectAll(partial, { system: 'Not in this answer yet', day: 'by Thursday 30 April 2026', parts: '2 ZIP files' })
  })

  test('and of rows of which her employer is controller that they are passed on', () => {
    const facts = factsOf('access', [item('orders', 'forward')])
    expectAll(accessReply(adasCase(), facts).text, { which: '- Your orders', what: 'We pass your request on to that organisation' })
  })

  test('and while a person still looks, that this is under way', () => {
    const { answers: _, ...facts } = factsOf('access')
    expect(accessReply(adasCase(), facts, COPY).text).toContain('The paper cabinet: being searched by a person')
  })
})

test('portability tells the format, the bases, what is left out, and that nothing is erased', () => {
  const { text } = portabilityReply(adasCase({ right: 'portability' }), factsOf('portability', [item('orders', 'disclose')]), COPY)
  expectAll(text, {
    'machine-readable': 'CSV and as JSON',
    documented: 'datapackage.json',
    'the basis': 'Orders, held on the basis of a contract with you',
    'derived data, and access instead': /derived ourselves.*Art\. 15 GDPR/,
    'no direct transfer': 'Art. 20(2) GDPR',
    'nothing is erased': 'Nothing is erased by this request (Art. 20(3) GDPR)',
  })
})

test('portability without anything portable says so, and speaks of no file to fetch', () => {
  const { text } = portabilityReply(adasCase({ right: 'portability' }), factsOf('portability', []))
  expect(text).toContain('We hold no data that you gave us')
  expect(text).not.toContain('Available until')
})

describe('a request to know', () => {
  const california = adasCase({ right: 'know', regime: 'ccpa' })

  test('is answered with the six lists, the period, and what is held but may not be sent', () => {
    const { text } = knowReply(california, factsOf('know'), COPY)
    expectAll(text, {
      period: 'Period covered: Saturday 1 January 2022 to Thursday 5 March 2026',
      categories: /1\. Categories[^]*- Orders/,
      sources: /2\. Categories of sources[^]*- Visits: your browser/,
      purposes: /3\. Purposes[^]*- Orders: Building machines/,
      'third parties': /4\. Third parties[^]*- Counter GmbH: pages visited/,
      'nothing sold or shared': /5\. What we sold or shared[^-]*-+\n\n- None/,
      'service providers': /6\. What we disclosed for a business purpose[^]*- Orders: Foundry Inc/,
      'held, not sent': 'door code',
      'why not': '11 CCR §7024(d)',
      'no worse treatment': '§1798.125',
      reasons: '§1798.145(h)(2)',
    })
    expect(text).not.toContain('Autoriteit')
  })

  test('covers the period that was asked for', () => {
    const asked = { ...california, scope: { from: '2025-01-01', to: '2025-12-31' } }
    expect(knowReply(asked, factsOf('know'), COPY).text).toContain('Wednesday 1 January 2025 to Wednesday 31 December 2025')
  })

  test('names what was sold or shared when something was', () => {
    const { text } = knowReply(california, { ...factsOf('know'), sold_or_shared: ['Visits, with advertisers'] }, COPY)
    expect(text).toMatch(/5\. What we sold[^]*- Visits, with advertisers[^]*6\./)
  })

  test('for categories only has the lists and no copy', () => {
    const { text } = knowReply({ ...california, scope: { know: 'categories' } }, factsOf('know', []))
    expect(text).toContain('- Orders')
    expect(text).not.toContain('Available until')
  })
})

describe('Ada asked to be erased', () => {
  const erasure = adasCase({ right: 'erasure' })
  const { text } = erasureReport(erasure, factsOf('erasure'))

  test('and is told what went, and how much of it', () => {
    expectAll(text, {
      when: 'We did so on Friday 20 March 2026',
      many: 'Orders: Your orders (12 rows)',
      one: 'Visits: Your visits (1 row)',
    })
  })

  test('and what stays with statute, country, ground and last day, and that it is restricted', () => {
    expectAll(text, {
      statute: 'Bills: kept because of AWR art. 52(4) (Netherlands) (Art. 17(3)(b) GDPR), until Saturday 31 December 2033',
      restricted: 'used for nothing but this reason',
    })
  })

  test('and who was told, whose logs end on which day, and who could not be told', () => {
    expectAll(text, {
      told: 'Foundry Inc: is told to erase it',
      'the day of its logs': 'Gone there by Sunday 19 April 2026',
      'cannot identify her': 'Counter GmbH: not told, because it cannot tell which data is yours',
    })
  })

  test('and what becomes of backups, of the record of her request, and where we searched', () => {
    expectAll(text, {
      backups: 'what was erased is erased again',
      record: 'for 36 months',
      searched: 'Where we searched',
      remedies: 'Art. 77 GDPR',
    })
  })

  test("and in the company's own words when its policy has something to say of backups", () => {
    const own = { ...policy, statements: [{ title: 'Backups', text: 'Gone after a month.', rights: ['erasure' as const] }] }
    const { text: said } = erasureReport(erasure, { ...factsOf('erasure'), policy: own })
    expect(said).toContain('Backups: Gone after a month.')
    expect(said).not.toContain('overwritten in turn')
  })

  test('and when nothing stays, that all of it went, without a word of what is kept', () => {
    const { subject, text: whole } = erasureReport(erasure, factsOf('erasure', [item('orders', 'erase')]))
    expect(subject).toBe('Your data is erased (HAB-7K3M-9QX2)')
    expect(whole).not.toContain('What stays')
  })

  test('and of a hold that it is looked at again on a day, not that it ends then', () => {
    const held = item('orders', 'keep', {
      keep: { basis: 'legal_claims', statute: 'Art. 17(3)(e) GDPR', jurisdiction: 'EU', until: '2026-09-01' },
    })
    const { text: said } = erasureReport(erasure, factsOf('erasure', [held]))
    expect(said).toContain('Orders: needed for legal claims (Art. 17(3)(e) GDPR), looked at again on Tuesday 1 September 2026')
  })

  test("and of what is also other people's that she was taken out of it", () => {
    expect(erasureReport(erasure, factsOf('erasure', [item('orders', 'detach')])).text).toContain('Your orders: what points at you is gone')
  })

  test('and of what the policy leaves alone, why', () => {
    const { text: said } = erasureReport(erasure, factsOf('erasure', [item('orders', 'keep', { reason: 'Another one is named.' })]))
    expect(said).toContain('Your orders: Another one is named.')
    expect(said).not.toContain('It is restricted')
  })

  test('in California with the grounds, the record and the offer of its own law', () => {
    const { text: said } = erasureReport(adasCase({ right: 'delete', regime: 'ccpa' }), factsOf('delete'))
    expectAll(said, {
      ground: 'Cal. Civ. Code §1798.105(d)(8)',
      record: '11 CCR §7022(e)',
      'only for the exception': '11 CCR §7022(f)',
      'the opt-out': 'not to sell or share',
      'no worse treatment': '§1798.125',
    })
  })
})

test('a correction tells what was corrected, since when and who is told, and no value', () => {
  const { text } = rectificationReply(
    adasCase({ right: 'rectification' }),
    factsOf('rectification', [item('orders', 'change', { fields: ['email'] })]),
  )
  expectAll(text, {
    what: 'Your orders: e-mail address',
    since: 'Correct since Friday 20 March 2026',
    who: '- Foundry Inc',
    'Art. 19': 'Art. 19 GDPR',
  })
  expect(text).not.toContain('- Counter GmbH')
})

test('a correction that a person left out says so, and what she can do', () => {
  const facts = factsOf('rectification', [])
  const { text } = rectificationReply(adasCase({ right: 'rectification' }), {
    ...facts,
    body: { ...facts.body, answers: { 'correction-1': 'leave_out' } },
  })
  expectAll(text, { title: 'We could not correct it', why: 'not the value that you named as wrong', authority: 'complain' })
  const byHand = rectificationReply(adasCase({ right: 'rectification' }), {
    ...facts,
    body: { ...facts.body, answers: { 'correction-1': 'done_by_hand' } },
  })
  expect(byHand.text).toContain('corrected by hand')
})

test('a restriction tells since when, which uses are left, and that she hears before it ends', () => {
  const { text } = restrictionReply(adasCase({ right: 'restriction' }), factsOf('restriction', [item('orders', 'change')]))
  expectAll(text, {
    since: 'Since Friday 20 March 2026',
    uses: 'Art. 18(2) GDPR',
    marked: '- Your orders',
    before: 'Before we lift the restriction we tell you (Art. 18(3) GDPR)',
  })
})

test('an objection to marketing is done for good; another one while it is weighed, or upheld', () => {
  const facts = { done_on: '2026-03-06' }
  const marketing = objectionReply(adasCase({ right: 'objection', scope: { objection: 'marketing' } }), facts).text
  expectAll(marketing, { done: 'Since Friday 6 March 2026', profiling: 'profiling for it included', suppression: 'one-way code' })
  const other = adasCase({ right: 'objection', scope: { objection: 'other' } })
  expectAll(objectionReply(other, facts).text, {
    burden: 'only if we show, in writing, compelling legitimate grounds',
    restricted: 'Art. 18(1)(d) GDPR',
  })
  expectAll(objectionReply(other, { ...facts, outcome: 'upheld' }).text, { erased: 'Art. 17(1)(c) GDPR', told: 'Art. 19 GDPR' })
})

test('an opt-out can be seen to have been processed, and nobody asks again for a year', () => {
  const { subject, text } = optOutReply(adasCase({ right: 'opt_out', regime: 'ccpa' }), { done_on: '2026-03-06', told: ['Counter GmbH'] })
  expect(subject).toContain('Opt-out request honored')
  expectAll(text, {
    day: 'Processed on: Friday 6 March 2026',
    where: 'You can see here that it was processed',
    again: 'twelve months',
    told: '- Counter GmbH',
    law: '§1798.125',
  })
  expect(optOutReply(adasCase({ right: 'limit', regime: 'ccpa' }), { done_on: '2026-03-06' }).text).toContain('11 CCR §7027(m)')
})

test('a withdrawn consent has its effect, and leaves what was done before lawful', () => {
  expectAll(consentReply(adasCase({ right: 'consent_withdrawal' }), { done_on: '2026-03-06' }).text, {
    effect: 'Since Friday 6 March 2026',
    before: 'stays lawful (Art. 7(3) GDPR)',
  })
})

test('an automated decision is answered with what a person found, or that none is made', () => {
  const letter = adasCase({ right: 'automated_decision' })
  expect(automatedDecisionReply(letter, { policy }).text).toContain('No machine decides about you.')
  expect(automatedDecisionReply(letter, { policy, review: 'We would decide the same.' }).text).toContain('> We would decide the same.')
})

test('somebody of whom we hold nothing is told where we searched, and that only the request is held', () => {
  const { text } = nothingHeld(adasCase(), { policy, body: planOf('access', []), answers: [{ source: 'cabinet', found: false }] })
  expectAll(text, {
    answer: 'hold nothing about you but this request',
    database: "The workshop's database: searched, nothing found",
    cabinet: 'The paper cabinet: searched by a person, nothing found',
    record: '36 months',
    elsewhere: 'At home',
    authority: 'Autoriteit Persoonsgegevens',
  })
})
