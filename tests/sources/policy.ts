import type { z } from 'zod'

import { collection, controller, identifierKind, rule, source, type Policy } from '../../src/policy/schema.ts'

/** A policy in the words of YAML; only the sections that sources read. */
export interface Written {
  readonly identifiers?: Readonly<Record<string, z.input<typeof identifierKind>>>
  readonly sources?: Readonly<Record<string, z.input<typeof source>>>
  readonly collections: Readonly<Record<string, z.input<typeof collection>>>
  readonly retention?: Readonly<Record<string, z.input<typeof rule>>>
}

const AMSTERDAM: z.input<typeof controller> = {
  name: 'Example B.V.',
  address: 'Dam 1, Amsterdam',
  country: 'NL',
  zone: 'Europe/Amsterdam',
  calendar: 'NL',
  authority: { name: 'Autoriteit Persoonsgegevens', address: 'Den Haag', url: 'https://autoriteitpersoonsgegevens.nl' },
  dpo: { name: 'Dirk', email: 'dpo@example.com' },
  sender: { name: 'Example', email: 'privacy@example.com' },
}

const SHOP = { kind: 'postgres', label: 'Shop', mode: 'enforce' } as const

/** A policy as the compiler would leave it, from a few written lines. */
export function policyOf(written: Written): Policy {
  const main = { id: 'example', ...controller.parse(AMSTERDAM) }
  return {
    hash: 'test',
    controllers: new Map([['example', main]]),
    main,
    identifiers: named(written.identifiers ?? { email: { label: 'E-mail', compare: 'email' } }, (entry) => identifierKind.parse(entry)),
    sources: named(written.sources ?? { shop: SHOP }, (entry) => source.parse(entry)),
    categories: new Map(),
    collections: named(written.collections, (entry) => collection.parse(entry)),
    recipients: new Map(),
    rules: named(written.retention ?? {}, (entry) => rule.parse(entry)),
    decisions: {
      approvals: {},
      cancel_window: 'PT72H',
      archive_expires_after: 'P14D',
      downloads: 5,
      first_answer_days: 30,
      limits: { factor: 1.2, plus: 100, rows_per_collection: 100_000, rows_per_source: 250_000, rows_per_transaction: 10_000 },
      purge_guard_percent: 20,
    },
    own_records: { archive: 'P30D', never_proven: 'P90D', case_file: 'P36M', sign_in: 'P12M' },
    statements: [],
    profiling: { automated_decisions: false, text: '' },
    to_be_settled: [],
    document: written,
  }
}

function named<In, Out>(
  entries: Readonly<Record<string, In>>,
  parse: (entry: In) => Out,
): ReadonlyMap<string, Out & { readonly id: string }> {
  return new Map(Object.entries(entries).map(([id, entry]) => [id, { ...parse(entry), id }]))
}
