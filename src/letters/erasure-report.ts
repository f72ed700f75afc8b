import type { Policy } from '../policy/schema.ts'
import type { PlanBody, PlanItem } from '../planner/shape.ts'
import { compose } from './compose.ts'
import type { LetterCase, ReplyFacts } from './letter-case.ts'
import { heading, link, list, paragraph, section, type Block, type Letter } from './letter.ts'
import { statuteInWords } from './notice.ts'
import { earlierCopySection, recoverySection } from './recovery-copy.ts'
import { remediesFor } from './remedies.ts'
import {
  asked,
  categoriesOf,
  collectionLabel,
  forwardedSection,
  isOwn,
  keptBackSection,
  missingSection,
  recipientsOf,
  searchedSection,
  statementsOf,
} from './sections.ts'
import { unfetchedSection } from './unfetched-copies.ts'
import { counted, dayAfter, dayInWords, periodInWords } from './words.ts'

/** Says what was erased, what stays with statute, country and last day, who was told, and what happens to logs and backups (Art. 17, 19, 12(4) GDPR; 11 CCR §7022). */
export function erasureReport(letterCase: LetterCase, facts: ReplyFacts): Letter {
  const { policy, body } = facts
  const staying = companyKept(policy, body)
  const stays = staying.length > 0
  return compose(letterCase, stays ? 'Your data is erased, except what the law keeps' : 'Your data is erased', [
    asked(letterCase),
    paragraph(`We did so on ${dayInWords(facts.done_on)}.${facts.recovery === undefined ? ' What is erased cannot be brought back.' : ''}`),
    ...section('What is erased', erased(policy, body, facts.rows)),
    ...section('Taken out of what others share', detached(policy, body)),
    ...section(
      'What stays, and why',
      kept(policy, staying, letterCase.regime === 'ccpa' ? GROUNDS_CA : GROUNDS_EU),
      'It is restricted: used for nothing but this reason, and erased when its day has come.',
    ),
    ...section('What an erasure does not touch', left(policy, staying)),
    ...missingSection(facts.missing),
    ...unfetchedSection(facts.unfetched),
    ...recoverySection(letterCase, facts.recovery),
    ...earlierCopySection(facts.earlier_copy),
    ...section('Who else has it', recipients(policy, body, facts.done_on)),
    ...elsewhere(policy, letterCase),
    ...forwardedSection(policy, body),
    ...keptBackSection(policy, facts.answers),
    ...searchedSection(policy, body, facts.answers),
    heading('The record of this request'),
    paragraph(
      `We keep a record that you asked and what we did, without the erased data, for ${periodInWords(policy.own_records.case_file)}: only so can we prove it${letterCase.regime === 'ccpa' ? ' (11 CCR §7022(e))' : ' (Art. 5(2) GDPR)'}.`,
    ),
    ...california(letterCase, stays),
    link('Your request', letterCase.status_url),
    heading('If you do not agree'),
    list(remediesFor(letterCase.regime, letterCase.controller)),
  ])
}

function erased(policy: Policy, body: PlanBody, rows: Readonly<Record<string, number>>): string[] {
  const items = body.items.filter(({ action }) => action === 'erase')
  return categoriesOf(policy, items).map((category) => {
    const own = items.filter((item) => item.category === category.id)
    const counts = own.map(
      ({ collection }) => `${collectionLabel(policy, collection)} (${counted(rows[collection] ?? 0, 'row') || 'no rows left'})`,
    )
    return `${category.label}: ${counts.join(', ')}`
  })
}

function detached(policy: Policy, body: PlanBody): string[] {
  return body.items
    .filter(({ action }) => action === 'detach')
    .map(
      ({ collection }) =>
        `${collectionLabel(policy, collection)}: what points at you is gone; the rest stays, because it is also other people's`,
    )
}

function kept(policy: Policy, items: readonly PlanItem[], grounds: Readonly<Record<string, string>>): string[] {
  return items.flatMap(({ keep, ...item }) => {
    if (keep === undefined) return []
    const name = categoriesOf(policy, [item])[0]?.label ?? item.category
    const ground = grounds[keep.basis] ?? keep.basis
    // A hold has no last day, only one on which it is looked at again.
    if (keep.basis === 'legal_claims') return [`${name}: needed for legal claims (${ground})${dayOf(', looked at again on', keep.until)}`]
    return [`${name}: kept because of ${statuteInWords(keep)} (${ground})${dayOf(', until', keep.until)}`]
  })
}

function dayOf(words: string, day: string): string {
  return day === '' ? '' : `${words} ${dayInWords(day)}`
}

/** What the policy leaves alone, in the policy's own words. */
function left(policy: Policy, items: readonly PlanItem[]): string[] {
  return items.filter(({ keep }) => keep === undefined).map(({ collection, reason }) => `${collectionLabel(policy, collection)}: ${reason}`)
}

const GROUNDS_EU: Readonly<Record<string, string>> = {
  legal_obligation: 'Art. 17(3)(b) GDPR',
  legal_claims: 'Art. 17(3)(e) GDPR',
  public_interest: 'Art. 17(3)(c) and (d) GDPR',
}

const GROUNDS_CA: Readonly<Record<string, string>> = {
  legal_obligation: 'Cal. Civ. Code §1798.105(d)(8)',
  legal_claims: 'Cal. Civ. Code §1798.145(a)',
  public_interest: 'Cal. Civ. Code §1798.105(d)(6)',
}

function companyKept(policy: Policy, body: PlanBody): PlanItem[] {
  return body.items.filter((item) => item.action === 'keep' && !isOwn(policy, item))
}

/** Art. 19: who is told to erase too, whose logs end by themselves and on which day, and who cannot be told because he cannot know whom we mean. */
function recipients(policy: Policy, body: PlanBody, doneOn: string): string[] {
  const changing = body.items.filter(({ action }) => action !== 'forward')
  return recipientsOf(policy, categoriesOf(policy, changing)).map((recipient) => {
    const ends = recipient.deletes_within === undefined ? '' : `. Gone there by ${dayInWords(dayAfter(doneOn, recipient.deletes_within))}`
    const told = recipient.notice === 'none' ? 'not told, because it cannot tell which data is yours' : 'is told to erase it'
    return `${recipient.name}: ${told}; ${recipient.on_erasure.replace(/\.\s*$/, '')}${ends}`
  })
}

function elsewhere(policy: Policy, { right }: LetterCase): Block[] {
  const said = statementsOf(policy, right)
  const backups = said.some(({ title, text }) => /backup/i.test(`${title} ${text}`))
    ? []
    : [
        'Backups: they are overwritten in turn and not used until then. Should one be restored, what was erased is erased again before the system is used.',
      ]
  return section('Logs, backups, and what is with you', [...said.map(({ title, text }) => `${title}: ${text}`), ...backups])
}

function california({ regime }: LetterCase, stays: boolean): Block[] {
  if (regime !== 'ccpa' || !stays) return []
  return [
    paragraph(
      'What stays is used only for the reason named (11 CCR §7022(f)), and our service providers are told to erase the rest. You can also ask us not to sell or share your data.',
    ),
  ]
}
