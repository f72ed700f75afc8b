import { collectionLines } from './draft-collection.ts'
import { DraftNames, isMapped } from './draft-names.ts'
import type { Judgement } from './scaffold.ts'
import { commented, inline, isNameable, wordsOf } from './yaml-lines.ts'

/**
 * The data map draft as YAML: identifiers, one source that only observes, categories, a rule for each that waits to be written, and a collection
 * for each table with people in it, every column with confidence and reason. It compiles as soon as `controllers` stand beside it.
 */
export function draftDataMap({ schema, tables, not_sampled }: Judgement, source: string): string {
  const names = new DraftNames(tables)
  const categories = [...new Set(names.mapped.flatMap(({ category }) => category ?? []))].toSorted()
  const nobody = tables.filter((table) => !isMapped(table) && isNameable(table.table.name))
  const unnamed = tables.filter(({ table }) => ![table.name, ...table.key].every(isNameable))
  const copies = schema.tables.filter(({ kind }) => kind === 'materialized view' || kind === 'foreign table')
  const lines = [
    'habeas: 1',
    '',
    '# A draft, written by `habeas policy scaffold` from the live schema. Names, types, keys and sampled values were looked at; no value is in here.',
    '# Read every line: high, medium and low say how sure each guess is, "decide" what only you can know. Beside this a policy needs controllers;',
    '# set mode: enforce when the map is right.',
    ...(not_sampled.length > 0 ? [`# Not sampled, so judged by names alone: ${not_sampled.join(', ')}.`] : []),
    ...(unnamed.length > 0
      ? [
          `# decide: the policy cannot hold these names, so these tables are not mapped: ${unnamed.map(({ table }) => JSON.stringify(table.name)).join(', ')}.`,
        ]
      : []),
    ...viewLines(schema.tables, new Set(names.mapped.map(({ table }) => table.name))),
    '',
    'identifiers:',
    '  email: { label: e-mail address, compare: email }',
    ...names.identified.map(([table, identifier]) => `  ${identifier}: { label: ${inline(`${wordsOf(table)} (its key)`)} }`),
    '',
    'sources:',
    `  ${source}:`,
    '    kind: postgres',
    `    label: ${inline(`Database ${source}`)}`,
    `    schema: ${inline(schema.schema)}`,
    '    mode: observe',
    ...(nobody.length + copies.length === 0 ? [] : ['    not_personal:']),
    ...nobody.map(
      ({ table, role }) =>
        `      ${inline(table.name)}: ${role === 'organisation' ? 'companies; no person is named' : 'nothing in it names or leads to a person'}`,
    ),
    ...copies
      .filter(({ name }) => isNameable(name))
      .map(({ name, kind, shows }) => `      ${inline(name)}: ${inline(copyReason(kind, shows))}`),
    '',
    'categories:',
    ...categories.map(
      (category) =>
        `  ${category}: { label: ${inline(wordsOf(category))}, purpose: to be written, basis: contract, kept: to be written } # decide: purpose, basis, how long`,
    ),
    '',
    '# decide: a rule for each category; these only keep the place.',
    'retention:',
    ...categories.map(
      (category) =>
        `  ${category}: { category: ${category}, promise: to be written, action: attest, period: P10Y, starts_label: to be written, mode: observe }`,
    ),
    '',
    'collections:',
    ...names.mapped.flatMap((table) => collectionLines(table, names, source)),
  ]
  return lines.map(commented).join('\n')
}

function copyReason(kind: string, shows: readonly string[]): string {
  return kind === 'foreign table'
    ? 'to be decided: its rows live in another system, map them there'
    : `to be decided: a copy of ${shows.join(', ')}; refresh it after each erasure`
}

/** Views have no rows of their own; it is said which of them show people, for whoever reads them elsewhere. */
function viewLines(tables: Judgement['schema']['tables'], mapped: ReadonlySet<string>): readonly string[] {
  const showing = tables.filter(({ kind, shows }) => kind === 'view' && shows.some((name) => mapped.has(name)))
  return showing.length === 0
    ? []
    : [`# Views show rows of tables and are not mapped; these show people: ${showing.map(({ name }) => name).join(', ')}.`]
}
