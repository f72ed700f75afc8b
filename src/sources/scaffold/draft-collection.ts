import { isPassedThrough, type DraftNames } from './draft-names.ts'
import type { JudgedColumn } from './judge-columns.ts'
import type { Link } from './links.ts'
import type { JudgedTable } from './scaffold.ts'
import { inline, isNameable, wordsOf } from './yaml-lines.ts'

const PROVIDED = new Set([
  'given_name',
  'family_name',
  'full_name',
  'contact_person',
  'name',
  'email',
  'phone',
  'address',
  'postal_code',
  'birth',
  'gender',
  'national_id',
  'bank',
  'login',
  'health',
  'picture',
])
const CORRECTABLE = new Set([
  'given_name',
  'family_name',
  'full_name',
  'contact_person',
  'email',
  'phone',
  'address',
  'postal_code',
  'birth',
  'gender',
])

const STANDINGS: Readonly<Record<JudgedTable['standing'], string>> = {
  person: 'each row is one person',
  contact: 'each row is a body that names a person to talk to',
  owned: 'each row is about the person it points at',
  reached: 'rows of persons point here',
  addressed: 'each row holds an address of somebody',
  touched: 'rows are about something else, and point at people',
  nobody: 'rows are about something else, and name people that nothing leads to',
}

/** One collection of the draft as lines of YAML; `source` is its source, `label` how the operator may call it. */
export function collectionLines(table: JudgedTable, names: DraftNames, source: string): readonly string[] {
  const { name, key, kind } = table.table
  const openings = openingLines(table, names)
  const hasWay = openings.length > 0
  const through = isPassedThrough(table)
  return [
    `  # ${kind}: ${STANDINGS[table.standing]}${table.path.length > 0 ? `, by ${table.path.join(', then ')}` : ''}`,
    ...cautions(table),
    `  ${names.collection(name) ?? ''}:`,
    `    source: ${source}`,
    `    table: ${inline(name)}`,
    `    label: ${inline(capital(wordsOf(name)))}`,
    `    key: ${inline(key.length === 1 ? key[0] : key.length === 0 ? table.columns[0]?.column.name : key)}`,
    ...(hasWay && !through && table.category !== undefined ? [`    category: ${table.category}`] : []),
    ...(hasWay
      ? []
      : [
          '    # decide: these people are named, but nothing leads from a person to such a row',
          "    not_personal: 'to be decided: it names people, but no identifier leads here'",
        ]),
    ...(table.standing === 'person' || table.standing === 'contact' ? ['    is_person: true'] : []),
    ...(hasWay ? ['    opened_by:', ...openings] : []),
    ...providesLines(table, names),
    ...refsLines(table, names),
    ...(hasWay && !through ? erasureLines(table, names) : []),
    '    fields:',
    ...table.columns.flatMap((column) => fieldLines(column, table)),
    '',
  ]
}

function openingLines(table: JudgedTable, names: DraftNames): readonly string[] {
  const { name, key } = table.table
  const own = names.identifier(name)
  const lines: string[] = []
  const add = (identifier: string, columns: readonly string[], meaning?: string): void => {
    lines.push(
      `      - { identifier: ${identifier}, columns: ${inline(columns.length === 1 ? columns[0] : columns)}${meaning === undefined ? '' : `, meaning: ${meaning}`} }`,
    )
  }
  if (table.standing !== 'nobody' && table.standing !== 'touched') for (const path of emailPaths(table)) add('email', [path])
  if (own !== undefined && ['person', 'contact', 'reached'].includes(table.standing))
    add(own, key, table.standing === 'reached' ? 'shared' : undefined)
  const [first] = names.openings(table)
  for (const link of names.openings(table)) {
    const identifier = names.identifier(link.to)
    if (identifier !== undefined)
      add(identifier, link.columns, isPassedThrough(table) ? 'bridge' : sameWay(link, first) ? undefined : 'shared')
  }
  return lines
}

/** Sender and recipient: two links to the same people say the same. */
function sameWay(link: Link, first: Link | undefined): boolean {
  return first !== undefined && link.to === first.to
}

/** Columns, and places in JSON and arrays, that hold an e-mail address, as the policy writes them. */
function emailPaths({ columns, standing }: JudgedTable): readonly string[] {
  return columns.flatMap(({ column, concept, evidence }) => {
    if (!isNameable(column.name)) return []
    const leaves = (evidence?.leaves ?? []).filter(({ kind }) => kind === 'email').map(({ path }) => `${column.name}${path}`)
    const plain = column.category === 'S' && (concept === 'email' || evidence?.kind === 'email')
    return plain ? [column.name] : standing === 'addressed' || leaves.length > 0 ? leaves : []
  })
}

function providesLines(table: JudgedTable, names: DraftNames): readonly string[] {
  const { name, key } = table.table
  const own = names.identifier(name)
  const lines = own === undefined || table.standing === 'reached' ? [] : [`      ${own}: ${inline(key.length === 1 ? key[0] : key)}`]
  if (table.standing === 'person' || table.standing === 'contact') {
    for (const other of names.mapped.filter(({ standing }) => standing === 'reached')) {
      const identifier = names.identifier(other.table.name)
      const link = other.links.find((one) => one.table === name && one.to === other.table.name)
      if (identifier !== undefined && link !== undefined)
        lines.push(`      ${identifier}: ${inline(link.columns.length === 1 ? link.columns[0] : link.columns)}`)
    }
  }
  return lines.length === 0 ? [] : ['    provides:', ...lines]
}

function refsLines(table: JudgedTable, names: DraftNames): readonly string[] {
  const lines = table.refs.flatMap((link) => {
    const collection = names.collection(link.to)
    if (collection === undefined || !names.isReferable(link)) return []
    const single = link.columns.length === 1 ? link.columns[0] : undefined
    return [`      ${single ?? collection}_ref: { collection: ${collection}, columns: ${inline(single ?? link.columns)} }`]
  })
  return lines.length === 0 ? [] : ['    refs:', ...lines]
}

/** What is not one person's alone stays; where it can be without its people, it lets go of them. */
function erasureLines(table: JudgedTable, names: DraftNames): readonly string[] {
  if (table.standing !== 'touched' && table.standing !== 'reached') return []
  const columns = names.openings(table).flatMap((link) => link.columns)
  const nullable =
    columns.length > 0 &&
    columns.every((name) => table.table.columns.some((column) => column.name === name && !column.not_null && !column.generated))
  if (nullable && table.standing === 'touched')
    return ['    on_erasure: detach', `    set: { ${columns.map((name) => `${name}: null`).join(', ')} }`]
  return ['    on_erasure: leave', "    leave_reason: 'to be decided: these rows are not one person''s alone'"]
}

function fieldLines({ column, personal, confidence, reason, concept }: JudgedColumn, { table, links }: JudgedTable): readonly string[] {
  if (!isNameable(column.name)) return [`      # ${JSON.stringify(column.name)} cannot be named in a policy: ${reason}`]
  const linked = links.some(({ columns, table: from }) => from === table.name && columns.includes(column.name))
  const internal = linked || table.key.includes(column.name)
  const parts = [
    `label: ${inline(wordsOf(column.name))}`,
    ...(internal ? ['origin: internal'] : PROVIDED.has(concept ?? '') ? ['origin: provided'] : []),
    ...(concept === 'secret' ? [`never_disclose: ${inline(wordsOf(column.name))}`] : []),
    ...(concept === 'free_text' && personal ? ['others_may_appear: true'] : []),
    ...(CORRECTABLE.has(concept ?? '') && personal && !column.generated && !internal ? ['correctable: true'] : []),
    ...(personal ? [] : [`not_personal: ${inline(reason)}`]),
  ]
  return [`      ${inline(column.name)}: { ${parts.join(', ')} } # ${confidence}: ${reason}`]
}

function cautions({ table, columns }: JudgedTable): readonly string[] {
  const names = new Set(columns.map(({ column }) => column.name))
  const types = [...names].filter((name) => /_type$/i.test(name) && names.has(name.replace(/_type$/i, '_id')))
  return [
    ...(table.key.length === 0 ? ['  # decide: it has no key; rows cannot be told apart until it gets one'] : []),
    ...(table.inherited ? ['  # decide: other tables inherit from it; they are not its partitions'] : []),
    ...types.map((name) => `  # decide: ${name} may say what the id beside it points at; add openings with "when"`),
  ]
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
