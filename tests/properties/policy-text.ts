import type { Builder } from './build.ts'
import type { PolicyText } from './world.ts'

/** The policy that maps a world, as somebody would write it; `SCHEMA_` stands for the names of its schemas. */
export function policyText(world: Builder): PolicyText {
  const side = [...world.tables.values()].some(({ source }) => source === 'side')
  const kept = Object.entries(world.collections).filter(([, { on_erasure }]) => on_erasure === 'keep')
  return {
    habeas: 1,
    controllers: { example: CONTROLLER },
    identifiers: world.identifiers,
    sources: {
      main: { kind: 'postgres', label: 'Main', mode: 'enforce', schema: 'SCHEMA_main' },
      ...(side && { side: { kind: 'postgres', label: 'Side', mode: 'enforce', schema: 'SCHEMA_side' } }),
    },
    categories: { data: { label: 'Data', purpose: 'testing', basis: 'contract', kept: 'for a test' } },
    collections: world.collections,
    // A refused erasure is all or nothing only where it is one transaction.
    ...(world.gentle && world.shape.in_batches && { decisions: { limits: { rows_per_transaction: 2 } } }),
    retention: Object.fromEntries([
      ['seen_to', { category: 'data', promise: 'as long as a test', starts_label: 'the test', period: 'P1D', action: 'attest' as const }],
      ...kept.map(
        ([name]) =>
          [
            `${name}_rule`,
            { category: 'data', promise: 'seven years', collection: name, starts: 'created_on', period: 'P7Y', action: 'delete' as const },
          ] as const,
      ),
    ]),
  }
}

const CONTROLLER = {
  name: 'Example B.V.',
  address: 'Dam 1, Amsterdam',
  country: 'NL',
  zone: 'Europe/Amsterdam',
  calendar: 'NL' as const,
  authority: { name: 'Autoriteit Persoonsgegevens', address: 'Den Haag', url: 'https://autoriteitpersoonsgegevens.nl' },
  dpo: { name: 'Dirk', email: 'dpo@example.com' },
  sender: { name: 'Example', email: 'privacy@example.com' },
}
