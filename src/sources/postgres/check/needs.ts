import type { Collection, Named, Policy, Rule } from '../../../policy/schema.ts'

/** What the service does to one table of a source, column by column. */
export interface Need {
  readonly table: string
  /** Columns that are looked at. */
  readonly read: ReadonlySet<string>
  /** A recovery copy takes rows as they are, and puts them back: also with a column that came after the grants. */
  readonly whole: boolean
  readonly insert: ReadonlySet<string>
  readonly update: ReadonlySet<string>
  readonly delete: boolean
  /** A column that may be updated only because PostgreSQL lets nobody lock a row who may update none of it. */
  readonly lock: string | undefined
}

/** Where a need is collected before it is frozen. */
class Collecting {
  readonly table: string
  readonly read = new Set<string>()
  readonly insert = new Set<string>()
  readonly update = new Set<string>()
  readonly locks: string[] = []
  delete = false
  whole = false

  constructor(table: string) {
    this.table = table
  }

  /** Columns that are read; `members[]` and `payload->mail` stand in the columns they begin with. */
  reads(columns: Iterable<string>): void {
    for (const name of columns) this.read.add(name.replace(/(\[\]|->).*$/, ''))
  }

  sets(columns: Iterable<string>): void {
    for (const name of columns) {
      this.reads([name])
      this.update.add(name)
    }
  }

  done(): Need {
    const { table, read, insert, whole } = this
    const [locked] = this.locks
    const lock = this.delete && this.update.size === 0 ? locked : undefined
    return { table, read, whole, insert, update: lock === undefined ? this.update : new Set([lock]), delete: this.delete, lock }
  }
}

/**
 * What the policy makes the service do at a source, by table: the base of the grants and of the check that we have them. Where the source, or a
 * rule, only observes, nothing is changed and nothing more than reading is needed.
 */
export function needsOf(policy: Policy, source: string): ReadonlyMap<string, Need> {
  const tables = new Map<string, Collecting>()
  const at = (table: string): Collecting => {
    const known = tables.get(table) ?? new Collecting(table)
    tables.set(table, known)
    return known
  }
  const enforced = policy.sources.get(source)?.mode === 'enforce'
  const collections = [...policy.collections.values()].filter((collection) => collection.source === source)
  for (const collection of collections) readNeeds(policy, collection, at)
  if (enforced) for (const collection of collections) changeNeeds(policy, collection, at(collection.table))
  for (const rule of policy.rules.values()) ruleNeeds(policy, rule, source, at, enforced && rule.mode === 'enforce')
  return new Map([...tables].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([table, collected]) => [table, collected.done()]))
}

type At = (table: string) => Collecting

function readNeeds(policy: Policy, collection: Named<Collection>, at: At): void {
  const need = at(collection.table)
  need.reads(collection.key)
  // What no copy shows is not looked at either; what is not personal only where something else of the map names it.
  need.reads(
    Object.entries(collection.fields)
      .filter(([, field]) => field.not_personal === undefined && field.never_disclose === undefined)
      .map(([name]) => name),
  )
  for (const { columns, when } of collection.opened_by) need.reads([...columns, ...Object.keys(when)])
  for (const columns of Object.values(collection.provides)) need.reads(columns)
  for (const ref of Object.values(collection.refs)) need.reads(ref.columns)
  need.reads([...Object.keys(collection.set), ...Object.keys(collection.restrict_with)])
  const paths = [...Object.keys(collection.organisation_controls ?? {}), ...asList(collection.organisation_contact)]
  for (const path of paths) readPath(policy, collection, path, at)
}

/** The columns on the way of `ref.ref.column`, in the tables where they stand. */
function readPath(policy: Policy, collection: Named<Collection>, path: string, at: At): void {
  const [first = '', ...rest] = path.split('.')
  if (rest.length === 0) return at(collection.table).reads([first])
  const ref = collection.refs[first]
  const target = policy.collections.get(ref?.collection ?? '')
  if (ref === undefined || target === undefined) return undefined
  at(collection.table).reads(ref.columns)
  at(target.table).reads(target.key)
  return readPath(policy, target, rest.join('.'), at)
}

function changeNeeds(policy: Policy, collection: Named<Collection>, need: Collecting): void {
  const { fields, set, on_erasure, restrict_with } = collection
  need.sets(Object.keys(restrict_with))
  need.sets(Object.keys(fields).filter((name) => fields[name]?.correctable === true))
  if (on_erasure === 'keep' || on_erasure === 'detach') need.sets(Object.keys(set))
  const opened = collection.category !== undefined && collection.opened_by.some(({ meaning }) => meaning !== 'bridge')
  if (on_erasure === 'delete' && opened) {
    letGo(collection, need)
    // A circle of rows is opened by letting go of what points, before the rows go.
    for (const link of linksOf(policy, collection)) if (leadsTo(policy, link.to, collection.id)) need.sets(link.columns)
  }
  if (policy.categories.get(collection.category ?? '')?.recovery === undefined || on_erasure === 'leave') return
  need.whole = true
  for (const name of Object.keys(fields)) if (!collection.key.includes(name)) need.update.add(name)
}

function letGo(collection: Named<Collection>, need: Collecting): void {
  need.delete = true
  const links = new Set([...collection.key, ...collection.opened_by.flatMap(({ columns }) => columns)])
  for (const ref of Object.values(collection.refs)) for (const column of ref.columns) links.add(column)
  // Of all that could be chosen a column that leads to nobody does the least harm.
  need.locks.push(...Object.keys(collection.fields).filter((name) => !links.has(name)), ...collection.key.toReversed())
}

/** Which rows of a collection can point at rows of which other, and by which columns: its refs, what opens it, what it gives on. */
function linksOf(policy: Policy, collection: Named<Collection>): readonly { readonly to: string; readonly columns: readonly string[] }[] {
  const refs = Object.values(collection.refs).map((ref) => ({ to: ref.collection, columns: ref.columns }))
  const openings = collection.opened_by.flatMap(({ identifier, columns }) =>
    [...policy.collections.values()]
      .filter(({ source, provides }) => source === collection.source && provides[identifier] !== undefined)
      // A row that is opened by what it gives does not point anywhere by that.
      .filter(({ id, provides }) => id !== collection.id || provides[identifier]?.join() !== columns.join())
      .map(({ id }) => ({ to: id, columns: columns.filter((name) => /^\w+$/.test(name)) })),
  )
  const given = Object.entries(collection.provides).flatMap(([identifier, columns]) =>
    columns.join() === collection.key.join()
      ? []
      : [...policy.collections.values()]
          .filter(({ source, opened_by }) => source === collection.source && opened_by.some((opening) => opening.identifier === identifier))
          .map(({ id }) => ({ to: id, columns: columns.filter((name) => /^\w+$/.test(name)) })),
  )
  return [...refs, ...openings, ...given]
}

function leadsTo(policy: Policy, from: string, to: string): boolean {
  const seen = new Set<string>()
  const visit = (id: string): boolean => {
    if (id === to) return true
    const collection = policy.collections.get(id)
    if (collection === undefined || seen.has(id)) return false
    seen.add(id)
    return linksOf(policy, collection).some((link) => visit(link.to))
  }
  return visit(from)
}

function ruleNeeds(policy: Policy, rule: Named<Rule>, source: string, at: At, enforced: boolean): void {
  const collection = policy.collections.get(rule.collection ?? '')
  if (collection === undefined || collection.source !== source) return
  const need = at(collection.table)
  const { aggregate, starts, period } = rule
  const days = typeof period === 'object' ? [period.days_from] : []
  const dimensions = Object.values(aggregate?.dimensions ?? {}).map((of) => (typeof of === 'string' ? of : of.day_of))
  for (const path of [...(starts?.of ?? []), ...days, ...Object.keys(rule.when), ...dimensions]) readPath(policy, collection, path, at)
  need.reads([...Object.keys(rule.set), ...asList(aggregate?.distinct?.of), ...(rule.minimum?.fields ?? [])])
  if (enforced && rule.action === 'delete') letGo(collection, need)
  if (enforced && rule.action !== 'delete') need.sets(Object.keys(rule.set))
  if (aggregate !== undefined && enforced) {
    const into = at(aggregate.into)
    const counters = [aggregate.count, ...asList(aggregate.distinct?.into)]
    into.sets(counters)
    into.reads(Object.keys(aggregate.dimensions))
    for (const name of [...Object.keys(aggregate.dimensions), ...counters]) into.insert.add(name)
  }
  for (const dependent of rule.with) {
    const child = policy.collections.get(dependent.collection)
    if (child === undefined) continue
    at(child.table).reads([...(child.refs[dependent.ref]?.columns ?? []), ...Object.keys(dependent.set)])
    if (enforced && dependent.action === 'delete') letGo(child, at(child.table))
    if (enforced && dependent.action === 'strip') at(child.table).sets(Object.keys(dependent.set))
  }
}

function asList(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value]
}
