import type { Collection, Named, Policy, SourceDeclaration } from '../../policy/schema.ts'
import type { DataSource, Selection } from '../source.ts'
import { apiOf, forOneAct, type ApiOptions } from './api.ts'
import { applyEffect } from './apply.ts'
import { countRedactions, discloseRows } from './disclose.ts'
import { countRows, findRows, readContacts, readKeys } from './find.ts'
import { inOrder } from './order.ts'

/**
 * A company's HTTP API behind the contract of a source. Nothing is called before it is needed: an API that is down must not keep the service
 * from starting. It has no schedule, as an API does not say what is due.
 */
export function openHttpSource(declaration: Named<SourceDeclaration>, policy: Policy, options: ApiOptions): DataSource {
  const api = apiOf(declaration, policy, options)
  const collectionOf = (id: string): Named<Collection> => {
    const collection = policy.collections.get(id)
    if (collection === undefined) throw new TypeError(`the policy has no collection ${id}`)
    return collection
  }
  const of = (selection: Selection) => collectionOf(selection.collection)
  return {
    kind: 'http',
    declaration,
    // The policy was checked when it was compiled; a live schema there is none.
    check: async () => [],
    find: (collection, openings) => findRows(forOneAct(api), collection, openings),
    disclose: async (request) => discloseRows(api, of(request.selection), request),
    redactions: (request) => countRedactions(api, of(request.selection), request),
    shape: async (_, columns) => columns.map((name) => ({ name, type: 'any' })),
    keys: (selection, limit, after) => readKeys(forOneAct(api), of(selection), selection, limit, after),
    apply: (effect) => applyEffect(forOneAct(api), effect),
    // An API leaves no marker; what an intent led to is read again.
    settle: async () => 'unknown',
    misfit: async () => undefined,
    contacts: (selection) => readContacts(api, of(selection), selection),
    count: (selection, matching) => countRows(forOneAct(api), of(selection), selection, matching),
    sequence: (changes) =>
      Map.groupBy(inOrder(api, changes), ({ selection }) => selection.collection)
        .values()
        .toArray(),
    schedule: undefined,
    close: async () => api.agent.destroy(),
  }
}
