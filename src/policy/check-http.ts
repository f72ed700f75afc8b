import { type Checking, type Place, say } from './columns.ts'
import { oneOf } from './problems.ts'
import type { Collection, SourceDeclaration } from './schema.ts'
import type { HttpCall, HttpCollection } from './schema-http.ts'

/** Reports what an API cannot do, or was not told how to do, that the policy asks of its collections. */
export function checkHttp(checking: Checking): void {
  for (const [name, { value }] of checking.entries.sources) if (value?.kind === 'http') checkAddress(checking, name, value)
  for (const [name, { value }] of checking.entries.collections) {
    if (value === undefined || checking.entries.sources.get(value.source)?.value?.kind !== 'http') {
      if (value?.http !== undefined) report(checking, name, ['http'], 'http only in a source of kind http', `'${value.source}'`)
      continue
    }
    if (value.table !== '') report(checking, name, ['table'], 'table only in a source of kind postgres', `'${value.source}'`)
    if (value.http === undefined) continue
    checkFinding(checking, name, value, value.http)
    checkCalls(checking, name, value, value.http)
    checkErasing(checking, name, value, value.http)
    checkReading(checking, name, value)
  }
  for (const [name, { value }] of checking.entries.retention) {
    const collection = checking.entries.collections.get(value?.collection ?? '')?.value
    if (collection !== undefined && checking.entries.sources.get(collection.source)?.value?.kind === 'http')
      say(
        checking,
        { section: 'retention', name, path: ['collection'] },
        'a collection of a source of kind postgres, as an API does not say what is due',
        `'${value?.collection ?? ''}'`,
      )
  }
}

/** A secret is not sent in the open through networks of others. */
function checkAddress(checking: Checking, name: string, { http }: SourceDeclaration): void {
  if (http === undefined || http.private_network || http.base_url.startsWith('https://')) return
  const place: Place = { section: 'sources', name, path: ['http', 'base_url'] }
  say(checking, place, 'an address that begins with https://, or private_network: true', 'one that begins with http://')
}

function checkFinding(checking: Checking, name: string, collection: Collection, { find }: HttpCollection): void {
  for (const [index, { identifier, columns, meaning }] of collection.opened_by.entries()) {
    const path = ['opened_by', index]
    const plain = columns.every(isPlainColumn)
    if (!plain)
      report(checking, name, path, 'columns of the row itself, as an API is not searched within lists', columns.join(', '), 'value')
    const call =
      find.find((one) => one.identifier === identifier) ?? find.find((one) => one.identifier === undefined && columns.length === 1)
    if (call === undefined) {
      report(checking, name, ['http', 'find'], `a call that finds rows by ${identifier} (${meaning})`, 'none', 'value')
      continue
    }
    const known = columns.length === 1 ? ['identifier', ...columns] : columns
    const named = namesOf(call)
    const missing =
      columns.length === 1
        ? named.some((one) => known.includes(one))
          ? []
          : known.slice(0, 1)
        : columns.filter((one) => !named.includes(one))
    for (const one of missing) report(checking, name, ['http', 'find'], `{${one}} in the path or the body of a call`, 'none', 'value')
    for (const one of named.filter((other) => !known.includes(other)))
      report(checking, name, ['http', 'find'], oneOf(known, one), `'{${one}}'`, 'value')
  }
}

function checkCalls(checking: Checking, name: string, collection: Collection, http: HttpCollection): void {
  const columns = [...new Set([...collection.key, ...Object.keys(collection.fields)])]
  for (const kind of ['revoke', 'erase', 'change'] as const) {
    const call = http[kind]
    if (call === undefined) continue
    const named = namesOf(call)
    for (const one of named.filter((other) => !columns.includes(other)))
      report(checking, name, ['http', kind], `a field of ${name} (${oneOf(columns, one)})`, `'{${one}}'`, 'value')
    if (!collection.key.every((column) => named.includes(column)))
      report(
        checking,
        name,
        ['http', kind],
        `a call that names one row by its key (${collection.key.map((one) => `{${one}}`).join(', ')})`,
        `'${call.path}'`,
        'value',
      )
  }
  for (const column of Object.keys(http.columns))
    if (!columns.includes(column))
      report(checking, name, ['http', 'columns', column], `a field of ${name} (${oneOf(columns, column)})`, `'${column}'`)
}

function checkErasing(checking: Checking, name: string, collection: Collection, { revoke, erase, change }: HttpCollection): void {
  const touched = collection.category !== undefined && collection.opened_by.some(({ meaning }) => meaning === 'own')
  if (touched && collection.on_erasure === 'delete' && revoke === undefined && erase === undefined)
    report(checking, name, ['http'], 'erase or revoke (how a row goes at the API), or another on_erasure', 'neither')
  const changes =
    Object.keys(collection.set).length > 0 ||
    Object.keys(collection.restrict_with).length > 0 ||
    Object.values(collection.fields).some(({ correctable }) => correctable)
  if (changes && change === undefined) report(checking, name, ['http'], 'change (how a field of a row is set at the API)', 'nothing')
  for (const [column, strategy] of Object.entries(collection.set))
    if (strategy !== null && !('value' in strategy))
      report(
        checking,
        name,
        ['set', column],
        'null or { value: … }, which is all that an API is told',
        Object.keys(strategy).join(', '),
        'value',
      )
}

/** What needs the rows of other collections. */
function checkReading(checking: Checking, name: string, collection: Collection): void {
  for (const path of Object.keys(collection.organisation_controls ?? {}))
    if (path.includes('.')) report(checking, name, ['organisation_controls', path], 'a column of the row itself, at an API', `'${path}'`)
  if (collection.organisation_contact?.includes('.') === true)
    report(
      checking,
      name,
      ['organisation_contact'],
      'a column of the row itself, at an API',
      `'${collection.organisation_contact}'`,
      'value',
    )
  for (const [identifier, columns] of Object.entries(collection.provides))
    if (!columns.every(isPlainColumn))
      report(checking, name, ['provides', identifier], 'columns of the row itself, at an API', columns.join(', '), 'value')
}

/** A column, not a place within its list or JSON. */
function isPlainColumn(path: string): boolean {
  return /^[\w$]+$/.test(path)
}

function namesOf(call: HttpCall): string[] {
  return [call.path, ...Object.values(call.body ?? {})].flatMap((text) => [...text.matchAll(/\{([\w$]+)\}/g)].map(([, one = '']) => one))
}

function report(checking: Checking, name: string, path: Place['path'], expected: string, got: string, of: 'key' | 'value' = 'key'): void {
  say(checking, { section: 'collections', name, path, of }, expected, got)
}
