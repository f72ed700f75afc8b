import { RIGHT_TABLE } from '../policy/rights.ts'
import type { Category, Named, Policy, Recipient, Right } from '../policy/schema.ts'
import type { PlanBody, PlanItem } from '../planner/shape.ts'
import type { LetterCase, ReplyFacts } from './letter-case.ts'
import { GROUNDS } from './grounds.ts'
import { paragraph, section, type Block } from './letter.ts'
import { BASIS_WORDS, countryInWords, dayInWords, inWords, isThirdCountry, periodInWords, ROLE_WORDS } from './words.ts'

/** What was asked, and when, as the first sentence of a letter. */
export function asked({ right, received_on, reference }: LetterCase): Block {
  return paragraph(`On ${dayInWords(received_on)} you asked ${RIGHT_TABLE[right].asks}. Your reference is ${reference}.`)
}

/** Every system that was searched, with what came of it: also those in which nothing was found. */
export function searchedSystems(policy: Policy, body: PlanBody, answers: ReplyFacts['answers'] = []): { label: string; result: string }[] {
  const found = new Set(body.items.map(({ source }) => source))
  const company = body.searched.filter(({ source }) => policy.sources.has(source))
  return [
    ...company.map(({ source, label, kind, skipped }) => {
      if (skipped === true) return { label, result: notAsked(policy, source) }
      const answer = answers.find((one) => one.source === source)
      const data = answer?.found ?? found.has(source)
      const how = kind === 'manual' ? 'searched by a person' : 'searched'
      if (kind === 'manual' && answer === undefined) return { label, result: 'being searched by a person' }
      return { label, result: `${how}, ${data ? 'data found' : 'nothing found'}` }
    }),
    { label: 'The records of requests such as this one', result: 'searched, this request found' },
  ]
}

/** Why nobody was asked to look: the system knows people by something that this person does not have. */
export function notAsked(policy: Policy, source: string): string {
  const kinds = policy.sources.get(source)?.opened_by ?? []
  return `not searched: people stand there by ${inWords(kinds.map((kind) => policy.identifiers.get(kind)?.label ?? kind))}, and you have none`
}

/** The same as a part of a letter. */
export function searchedSection(policy: Policy, body: PlanBody, answers?: ReplyFacts['answers']): Block[] {
  return section(
    'Where we searched',
    searchedSystems(policy, body, answers).map(({ label, result }) => `${label}: ${result}`),
  )
}

/** The categories these items belong to, in the order of the policy; our own records have one even where the policy names none. */
export function categoriesOf(policy: Policy, items: readonly PlanItem[]): Named<Category>[] {
  const ids = new Set(items.map(({ category }) => category))
  const known = [...policy.categories.values()].filter(({ id }) => ids.has(id))
  const own = items.find((item) => isOwn(policy, item) && !policy.categories.has(item.category))
  return own === undefined ? known : [...known, ownCategory(policy, own.category)]
}

function ownCategory(policy: Policy, id: string): Named<Category> {
  return {
    id,
    label: 'Requests about your data',
    purpose: 'Answering requests and proving how',
    basis: 'legal_obligation',
    basis_note: 'Articles 5(2), 12 and 24 GDPR',
    kept: `${periodInWords(policy.own_records.case_file)} after the request is closed`,
    obtained_from: 'from you',
    recipients: [],
  }
}

/** The lawful basis in words, with the statute or the interest. */
export function basisInWords(category: Category): string {
  return category.basis_note === undefined ? BASIS_WORDS[category.basis] : `${BASIS_WORDS[category.basis]}: ${category.basis_note}`
}

/** Recipients of these categories by name (C-154/21). */
export function recipientsOf(policy: Policy, categories: readonly Category[]): Named<Recipient>[] {
  const ids = new Set(categories.flatMap(({ recipients }) => recipients))
  return [...policy.recipients.values()].filter(({ id }) => ids.has(id))
}

/** A recipient in a sentence: who, in which role, where, what it gets, and what protects the data there (Art. 15(1)(c) and 15(2) GDPR). */
export function recipientInWords(recipient: Recipient, controllerCountry: string): string {
  const abroad = isThirdCountry(recipient.country, controllerCountry)
  const place = `${countryInWords(recipient.country)}${abroad ? ', a third country' : ''}`
  const safeguard = recipient.safeguard === undefined ? '' : `. Safeguard: ${recipient.safeguard}`
  return `${recipient.name} (${ROLE_WORDS[recipient.role]}; ${place}): ${recipient.gets}${safeguard}`
}

/** What people have found and kept back, each with its system, ground and facts (Art. 12(4) GDPR). */
export function keptBackSection(policy: Policy, answers: ReplyFacts['answers'] = []): Block[] {
  const lines = answers.flatMap(({ source, kept_back }) => {
    const ground = GROUNDS.find(({ code }) => code === kept_back?.ground)
    if (kept_back === undefined || ground === undefined) return []
    return [`${policy.sources.get(source)?.label ?? source}: ${ground.sentence} (${ground.article}) ${kept_back.facts}`]
  })
  return section('Kept back, and why', lines)
}

/** What is held and not shown, by its type. */
export function withheldSection(policy: Policy, body: PlanBody): Block[] {
  const lines = body.items
    .filter(({ withheld }) => withheld.length > 0)
    .map(({ collection, withheld }) => `${collectionLabel(policy, collection)}: ${inWords(withheld.map(({ type }) => type))}`)
  return section(
    'Held, but not shown',
    lines,
    'This is held about you. Its values are left out, because whoever got hold of the copy could use them against you.',
  )
}

/** What a person has decided to leave out, each on its ground (Art. 12(4), 15(4) GDPR): the letter says that it is missing and why. */
export function leftOutSection(policy: Policy, body: PlanBody): Block[] {
  const lines = body.amendments
    .filter(({ kind }) => kind === 'leave_out')
    .map(({ collection, fields, ground }) => {
      const labels = fields.map((field) => policy.collections.get(collection)?.fields[field]?.label ?? field)
      const what = labels.length === 0 ? collectionLabel(policy, collection) : `${collectionLabel(policy, collection)} (${inWords(labels)})`
      return `${what}: ${ground?.sentence ?? ''} (${ground?.article ?? ''})`
    })
  return section('Left out', lines)
}

/** What the policy says of data that lies elsewhere, for this right or the one of the other law that does the same. */
export function statementsOf(policy: Policy, right: Right): { title: string; text: string }[] {
  const same: readonly Right[] =
    RIGHT_TABLE[right].effect === 'erase'
      ? ['erasure', 'delete']
      : RIGHT_TABLE[right].effect === 'disclose'
        ? ['access', 'know', 'portability']
        : [right]
  return policy.statements.filter(({ rights }) => rights.some((one) => same.includes(one))).map(({ title, text }) => ({ title, text }))
}

/** The same as a part of a letter. */
export function statementsSection(policy: Policy, right: Right): Block[] {
  return section(
    'Data that lies elsewhere',
    statementsOf(policy, right).map(({ title, text }) => `${title}: ${text}`),
  )
}

/** Rows of which an organisation is controller: passed on, with what that means. */
export function forwardedSection(policy: Policy, body: PlanBody): Block[] {
  const labels = body.items.filter(({ action }) => action === 'forward').map(({ collection }) => collectionLabel(policy, collection))
  return section(
    'Passed on',
    labels,
    'We hold this for an organisation that decides about it. We pass your request on to that organisation; it answers you.',
  )
}

/** Systems whose answer is still missing, and when it follows. */
export function missingSection(missing: ReplyFacts['missing']): Block[] {
  if (missing === undefined || missing.systems.length === 0) return []
  return section(
    'Not in this answer yet',
    missing.systems,
    `These systems could not be read in time. The rest follows by ${dayInWords(missing.follows_by)}.`,
  )
}

/** Whether an item is about this service's own records, which stand beside the company's sources. */
export function isOwn(policy: Policy, item: PlanItem): boolean {
  return !policy.sources.has(item.source)
}

/** What people call a collection. */
export function collectionLabel(policy: Policy, collection: string): string {
  return policy.collections.get(collection)?.label ?? 'Your requests'
}
