import type { Collection, Named, Strategy } from '../../../policy/schema.ts'
import type { SchemaProblem } from '../../source.ts'
import type { Table } from '../catalog/catalog.ts'
import { isText } from '../catalog/column-types.ts'
import { withSession, type Database, type Session } from '../connection.ts'
import { evaluate, fitsType, prove, type Held } from './evaluate.ts'
import type { CheckConstraint, UniqueIndex } from '../catalog/limits.ts'
import { outcomeOf, type Outcome } from './strategy-outcome.ts'
import { limitsOf } from '../change/replacement.ts'

type Changes = Readonly<Record<string, Strategy>>

/** More columns of one constraint than this can be null in too many ways to try them all. */
const MOST_NULLABLE = 6

/**
 * Changes of fields that the database would refuse for some row, or that we cannot prove it accepts for every row, and fields in which nothing
 * can be redacted; nothing is written.
 */
export async function checkStrategies(db: Database): Promise<readonly SchemaProblem[]> {
  const problems = new Map<string, SchemaProblem>()
  await withSession(db, '', async (session) => {
    for (const collection of db.policy.collections.values()) {
      const table = db.catalog.tables.get(collection.table)
      if (collection.source !== db.declaration.id || table === undefined) continue
      const say = (sentence: string) => problems.set(`${collection.id} ${sentence}`, { collection: collection.id, sentence })
      for (const [name, { redact }] of Object.entries(collection.fields)) {
        const column = table.columns.get(name)
        if (redact.length === 0 || column === undefined || isText(column)) continue
        say(`${table.name}.${name}: expected a text to redact ${redact.join(', ')} in, got ${column.cast}`)
      }
      for (const set of setsOf(db, collection)) await new StrategyCheck(db, session, collection, table, say).set(set)
    }
  })
  return [...problems.values()]
}

/** What an erasure, a restriction and each rule set in the rows of a collection; each is one UPDATE. */
function setsOf(db: Database, { id, set, restrict_with }: Named<Collection>): readonly Changes[] {
  const rules = [...db.policy.rules.values()].flatMap((rule) => [
    ...(rule.collection === id ? [rule.set] : []),
    ...rule.with.filter(({ collection }) => collection === id).map((dependent) => dependent.set),
  ])
  return [set, Object.fromEntries(Object.entries(restrict_with).map(([name, value]) => [name, { value }])), ...rules]
}

class StrategyCheck {
  readonly #db: Database
  readonly #session: Session
  readonly #collection: Named<Collection>
  readonly #table: Table
  readonly #say: (sentence: string) => void

  constructor(db: Database, session: Session, collection: Named<Collection>, table: Table, say: (sentence: string) => void) {
    this.#db = db
    this.#session = session
    this.#collection = collection
    this.#table = table
    this.#say = say
  }

  /** A column that does not fit by itself is said first; constraints over columns are judged when all of them do. */
  async set(set: Changes): Promise<void> {
    const outcomes: Outcome[] = []
    let fits = true
    for (const [name, strategy] of Object.entries(set)) {
      const column = this.#table.columns.get(name)
      // These are said where the mapping is checked.
      if (column === undefined || column.generated || this.#collection.key.includes(name) || (strategy === null && column.not_null))
        fits = false
      else {
        const outcome = outcomeOf(this.#db, { collection: this.#collection, table: this.#table, from: '' }, column, strategy)
        if ('expected' in outcome) this.#refuse(name, outcome.expected, strategy)
        if ('expected' in outcome || !(await this.#fitsType(outcome))) fits = false
        else outcomes.push(outcome)
      }
    }
    if (!fits || outcomes.length === 0) return
    for (const outcome of outcomes.filter(({ name }) => this.#table.limits.partitioned_by.includes(name))) {
      this.#refuse(outcome.name, 'a column that does not decide in which partition a row lies', outcome.strategy)
    }
    for (const index of this.#table.limits.unique) this.#unique(index, outcomes)
    await this.#foreignKeys(outcomes)
    for (const check of this.#table.limits.checks) await this.#check(check, outcomes)
    await this.#computed(outcomes)
  }

  async #fitsType({ name, column, values, strategy }: Outcome): Promise<boolean> {
    const { declared, domain, labels, length } = limitsOf(this.#table.limits, column)
    if (values === 'unknown') {
      if (domain) this.#refuse(name, `a type without checks of its own, as ${declared} has`, strategy)
      return !domain
    }
    if (length !== null && values.some((value) => Array.from(value).length > length)) {
      this.#refuse(name, `at most ${length} characters`, strategy)
      return false
    }
    if ((await fitsType(this.#session, { cast: column.cast, declared }, values)) === 'holds') return true
    this.#refuse(name, labels === null ? `a value of the type ${declared}` : `one of ${labels.join(', ')}`, strategy)
    return false
  }

  /** Two rows may not come to agree: fine where a part of the key becomes null or another in each row, or where different stays different. */
  #unique(index: UniqueIndex, outcomes: readonly Outcome[]): void {
    const { columns: byName } = this.#table.limits
    const direct = outcomes.filter(({ name }) => index.columns.includes(name))
    const computed = outcomes.filter(({ name }) => index.reads.some((read) => byName.get(read)?.computed_from.includes(name)))
    const hidden = outcomes.filter(({ name }) => index.reads.includes(name) && !index.columns.includes(name))
    const [first] = [...direct, ...hidden, ...computed]
    if (first === undefined) return
    // Such an expression of null is null, and of different pseudonyms different.
    const folded =
      !index.partial && index.expressions.every((expression) => /^(lower|upper)\("?[A-Za-z_][\w$]*"?(::text)?\)$/.test(expression))
    if (index.nulls_differ && [...direct, ...(folded ? hidden : [])].some(({ strategy }) => strategy === null)) return
    const apart = folded && computed.length === 0 ? [...direct, ...hidden] : hidden.length + computed.length === 0 ? direct : []
    const keeps =
      apart.some(({ apart: kind }) => kind === 'each row') || (apart.length > 0 && apart.every(({ apart: kind }) => kind === 'each value'))
    if (!index.exclusion && keeps) return
    this.#refuse(first.name, `a strategy that keeps rows apart, as the index ${index.name} asks`, first.strategy)
  }

  async #foreignKeys(outcomes: readonly Outcome[]): Promise<void> {
    for (const key of this.#db.catalog.foreign_keys) {
      const pointed = key.references === this.#table.name ? outcomes.find(({ name }) => key.referenced.includes(name)) : undefined
      if (pointed !== undefined) {
        this.#refuse(pointed.name, `a column that no row points at, as ${key.table} does by the constraint ${key.name}`, pointed.strategy)
      }
      const changed = key.table === this.#table.name ? outcomes.filter(({ name }) => key.columns.includes(name)) : []
      const [first] = changed
      if (first === undefined) continue
      const empty = changed.filter(({ strategy }) => strategy === null).length
      if (key.full ? empty === key.columns.length : empty > 0) continue
      const pairs = key.columns.map((name, index) => ({
        outcome: changed.find((one) => one.name === name),
        column: key.referenced[index] ?? '',
      }))
      if (!(await this.#exists(key.references, pairs))) {
        this.#refuse(first.name, `null, or the key of a row of ${key.references}, as the constraint ${key.name} asks`, first.strategy)
      }
    }
  }

  /** Whether a fixed value points at a row that is there now. */
  async #exists(name: string, pairs: readonly { readonly outcome: Outcome | undefined; readonly column: string }[]): Promise<boolean> {
    const table = this.#db.catalog.tables.get(name)
    const held: Held[] = []
    for (const { outcome, column } of pairs) {
      const target = table?.columns.get(column)
      const fixed = outcome?.strategy !== null && outcome !== undefined && 'value' in outcome.strategy && outcome.values !== 'unknown'
      if (table === undefined || target === undefined || !fixed) return false
      held.push({ name: column, cast: target.cast, values: outcome.values })
    }
    return table !== undefined && (await evaluate(this.#session, 'wanted', held, existsSql(this.#db, table, held))) === 'holds'
  }

  async #check({ name, columns, expression }: CheckConstraint, outcomes: readonly Outcome[]): Promise<void> {
    const { columns: byName } = this.#table.limits
    const named = new Set(columns.flatMap((column) => [column, ...(byName.get(column)?.computed_from ?? [])]))
    const changed = outcomes.filter((outcome) => named.has(outcome.name))
    const [first] = changed
    if (first === undefined) return
    const others = [...this.#table.columns.values()].filter((column) => columns.includes(column.name) && !this.#moves(column.name, changed))
    const held = heldBy(changed.filter((outcome) => columns.includes(outcome.name)))
    const unchanged = others.map((column) => ({ name: column.name, cast: column.cast, values: [null] }))
    const verdict = held === undefined ? 'unknown' : await prove(this.#session, this.#table.name, held, unchanged, expression)
    if (verdict === 'fails') this.#refuse(first.name, `a value that the constraint ${name} allows`, first.strategy)
    if (verdict === 'unknown')
      this.#refuse(first.name, `a value of which we can prove that the constraint ${name} allows it in every row`, first.strategy)
  }

  /** Only what surely fails is said: where other columns are read as well, nothing is known of them. */
  async #computed(outcomes: readonly Outcome[]): Promise<void> {
    for (const { name, expression } of this.#table.limits.computed) {
      for (const outcome of outcomes) {
        const held = heldBy([outcome])
        if (held === undefined || held.length === 0) continue
        const verdict = await evaluate(this.#session, this.#table.name, held, expression)
        if (verdict === 'fails') this.#refuse(outcome.name, `a value of which ${name} can be computed`, outcome.strategy)
      }
    }
  }

  #moves(name: string, changed: readonly Outcome[]): boolean {
    const base = this.#table.limits.columns.get(name)?.computed_from ?? []
    return changed.some((outcome) => outcome.name === name || base.includes(outcome.name))
  }

  #refuse(column: string, expected: string, strategy: Strategy): void {
    const known = this.#table.columns.get(column)
    this.#say(
      `${this.#table.name}.${column}: expected ${expected}, got ${written(strategy)} for ${known?.cast ?? ''}${known?.not_null === true ? ' not null' : ''}`,
    )
  }
}

/** Rows of what the columns with known values may hold together, null where it may stay null; undefined when they are too many to try. */
function heldBy(changed: readonly Outcome[]): Held[] | undefined {
  const known = changed.flatMap((outcome) => (outcome.values === 'unknown' ? [] : [{ ...outcome, values: outcome.values }]))
  const nullable = known.filter(({ values, may_be_null }) => may_be_null && values.length > 0)
  if (nullable.length > MOST_NULLABLE) return undefined
  const samples = Math.max(1, ...known.map(({ values }) => values.length))
  // A row in which all of them are null and stay so is not changed at all.
  const patterns = 2 ** nullable.length - (nullable.length > 0 && nullable.length === changed.length ? 1 : 0)
  const rows = Array.from({ length: samples * patterns }, (_, index) => ({ sample: index % samples, nulls: Math.floor(index / samples) }))
  return known.map((outcome) => {
    const bit = nullable.findIndex(({ name }) => name === outcome.name)
    const values = rows.map(({ sample, nulls }) =>
      bit >= 0 && Math.floor(nulls / 2 ** bit) % 2 === 1 ? null : (outcome.values[sample % Math.max(1, outcome.values.length)] ?? null),
    )
    return { name: outcome.name, cast: outcome.column.cast, values }
  })
}

function existsSql(db: Database, table: Table, held: readonly Held[]): string {
  const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
  const same = held.map(({ name }) => `there.${quoted(name)} = wanted.${quoted(name)}`)
  return `exists (select from ${quoted(db.catalog.schema)}.${quoted(table.name)} there where ${same.join(' and ')})`
}

function written(strategy: Strategy): string {
  if (strategy === null) return 'null'
  const parts = Object.entries(strategy).map(
    ([word, value]) => `${word}: ${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`,
  )
  return `{ ${parts.join(', ')} }`
}
