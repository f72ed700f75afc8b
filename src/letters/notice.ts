import type { PlanBody } from '../planner/shape.ts'
import { RIGHT_TABLE } from '../policy/rights.ts'
import type { Controller, Named, Policy } from '../policy/schema.ts'
import { remediesFor } from './remedies.ts'
import { basisInWords, categoriesOf, collectionLabel, recipientsOf, searchedSystems, statementsOf } from './sections.ts'
import { countryInWords, isThirdCountry } from './words.ts'

/** Something an erasure leaves, with the law that asks for it and its last day (YYYY-MM-DD, empty when the law names none). */
export interface Kept {
  readonly category: string
  readonly basis: string
  readonly statute: string
  readonly until: string
}

/** What a plan keeps and why: for the reply, the status page and the archive. */
export function keptOf(body: PlanBody, policy: Policy): Kept[] {
  return body.items.flatMap(({ action, category, keep }) => {
    if (action !== 'keep' || keep === undefined) return []
    const label = categoriesOf(policy, body.items).find(({ id }) => id === category)?.label ?? category
    return [{ category: label, basis: keep.basis, statute: statuteInWords(keep), until: keep.until }]
  })
}

/** A statute with its country; of law of the Union the name says enough. */
export function statuteInWords({ statute, jurisdiction }: { statute: string; jurisdiction: string }): string {
  return jurisdiction === 'EU' ? statute : `${statute} (${countryInWords(jurisdiction)})`
}

/** The rights of somebody who asked for a copy, as Art. 15(1)(e) GDPR wants them told. */
export const RIGHTS_TOLD: readonly string[] = (['rectification', 'erasure', 'restriction', 'objection', 'portability'] as const).map(
  (right) => `You have the right ${RIGHT_TABLE[right].asks} (${RIGHT_TABLE[right].article}).`,
)

/** Everything of Art. 15(1) and (2) GDPR about the data of this plan, as plain data: what `metadata/notice.json` holds. */
export function articleFifteen(
  policy: Policy,
  body: PlanBody,
  { reference, controller, created_at }: { reference: string; controller: Named<Controller>; created_at: string },
): object {
  const categories = categoriesOf(policy, body.items)
  const recipients = recipientsOf(policy, categories)
  return {
    reference,
    created_at,
    right: body.right,
    regime: body.regime,
    policy: body.policy,
    controller: { name: controller.name, address: controller.address, country: controller.country, dpo: controller.dpo },
    categories: categories.map((category) => ({
      id: category.id,
      label: category.label,
      purpose: category.purpose,
      basis: category.basis,
      basis_in_words: basisInWords(category),
      kept: category.kept,
      obtained_from: category.obtained_from,
      recipients: recipientsOf(policy, [category]).map(({ name }) => name),
    })),
    recipients: recipients.map(({ name, role, gets, country, safeguard }) => ({
      name,
      role,
      gets,
      country,
      third_country: isThirdCountry(country, controller.country),
      safeguard: safeguard ?? null,
    })),
    searched: searchedSystems(policy, body),
    held_not_shown: body.items.flatMap(({ collection, withheld }) =>
      withheld.map(({ field, type }) => ({ collection: collectionLabel(policy, collection), field, type })),
    ),
    kept: keptOf(body, policy),
    elsewhere: statementsOf(policy, body.right),
    automated_decisions: policy.profiling,
    rights: RIGHTS_TOLD,
    authority: controller.authority,
    remedies: remediesFor(body.regime, controller),
  }
}
