import type { FastifyInstance } from 'fastify'
import type { Context } from '../../context.ts'
import type { Drift } from '../../sources/source.ts'
import { readDataMap, type MappedCollection, type MappedField } from '../../reports/data-map.ts'
import { plainWord } from '../../web/components/text.ts'
import { DataMapPage, type MapCollection } from '../../web/console/data-map.tsx'
import { sendPage } from '../pages.ts'
import { openDesk } from './shell.ts'

/** Where personal data is, as the policy in force says. */
export function dataMapPage(app: FastifyInstance, ctx: Context): void {
  app.get('/console/data-map', async (request, reply) => {
    const desk = await openDesk(ctx, request, reply)
    const { policy, sources, collections } = await readDataMap(desk.ctx)
    // A source that does not answer now must not take the page with it.
    const drift = await ctx.sources.drift().catch(() => undefined)
    const page = DataMapPage({
      shell: desk.shell,
      policy: { hash: policy, compiled_at: null },
      sources: sources.map(({ source, label, kind, mode }) => ({
        source,
        title: label,
        kind: kind === 'manual' ? 'A person looks' : 'PostgreSQL',
        mode: mode === 'enforce' ? 'enforce' : 'observe',
        state: kind === 'manual' ? 'Tasks' : stateOf(drift?.filter((one) => one.source === source)),
      })),
      drift: (drift ?? []).map(({ source, severity, sentence }) => ({ source, severity, sentence })),
      collections: collections.map(collectionOf),
    })
    return sendPage(reply, page)
  })
}

function stateOf(drift: readonly Drift[] | undefined): string {
  if (drift === undefined) return 'Cannot be compared now'
  const errors = drift.filter(({ severity }) => severity === 'error').length
  if (errors > 0) return `Has moved away from the policy: ${errors} to settle`
  return drift.length > 0 ? 'Fits the policy, with warnings' : 'Fits the policy'
}

function collectionOf(entry: MappedCollection): MapCollection {
  const { source, label, category, controller, purpose, basis, kept, recipients, found_by, fields } = entry
  const path = found_by.map(({ identifier, meaning }) => (meaning === 'own' ? identifier : `${identifier} (${meaning})`)).join(', ')
  return {
    source,
    collection: label,
    category,
    controller,
    purpose,
    basis: plainWord(basis),
    retention: kept,
    recipients,
    path,
    fields: fields.map(fieldOf),
  }
}

function fieldOf({ name, origin, never_disclose, others_may_appear, correctable }: MappedField): MapCollection['fields'][number] {
  const marks = [
    ...(never_disclose === null ? [] : [`never disclosed: ${never_disclose}`]),
    ...(others_may_appear ? ['others may appear'] : []),
    ...(correctable ? ['correctable'] : []),
  ]
  return { field: name, type: origin, marks }
}
