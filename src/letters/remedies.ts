import type { Controller, Regime } from '../policy/schema.ts'

/** The UK's authority; a controller elsewhere names another one for itself. Address as published by the authority, to be checked yearly. */
const UK_AUTHORITY = {
  name: 'the Information Commissioner',
  address: 'Wycliffe House, Water Lane, Wilmslow, Cheshire SK9 5AF, United Kingdom',
  url: 'https://ico.org.uk/make-a-complaint/',
}

/** What somebody can do who does not agree, in sentences: authority and court in every regime that has them (Art. 12(4) GDPR, law.md §1). */
export function remediesFor(regime: Regime, controller: Pick<Controller, 'name' | 'country' | 'authority' | 'dpo'>): string[] {
  switch (regime) {
    case 'gdpr':
    case 'other':
      return [complaint(controller.authority), elsewhere(), court(regime === 'gdpr')]
    case 'uk_gdpr': {
      const authority = controller.country === 'GB' ? controller.authority : UK_AUTHORITY
      return [
        `You can complain to us: write to ${controller.dpo.name}, ${controller.dpo.email}. We confirm your complaint within 30 days and tell you what came of it (section 164A Data Protection Act 2018).`,
        `${complaint(authority).replace(/ \(Art\. 77 GDPR\)/, '')} That is your right under section 165 Data Protection Act 2018.`,
        'You can go to court (section 167 Data Protection Act 2018).',
      ]
    }
    case 'ccpa':
      return [
        'We do not treat you differently because you used your rights: no service is refused, no price or quality changed (Cal. Civ. Code §1798.125).',
        `The reasons for everything we did not do stand in this letter (Cal. Civ. Code §1798.145(h)(2)). You can have the decision looked at again: write to ${controller.dpo.name}, ${controller.dpo.email}.`,
        'You can also write to the California Privacy Protection Agency, https://cppa.ca.gov, or to the Attorney General of California, https://oag.ca.gov.',
      ]
  }
}

function complaint(authority: Controller['authority']): string {
  return `You can complain to the supervisory authority: ${authority.name}, ${authority.address}, ${authority.url} (Art. 77 GDPR).`
}

function elsewhere(): string {
  return 'You can also complain to the authority of the country where you live or work.'
}

function court(named: boolean): string {
  return `You can go to court${named ? ' (Art. 79 GDPR)' : ''}.`
}
