import type { Collection, Named, Rule, SourceDeclaration, Strategy } from '../policy/schema.ts'

/** A value that identifies: the parts of a composite key, or one part. Never empty strings, never null. */
export type IdentifierValue = readonly string[]

/** Identifiers by kind, such as `{ email: [['ada@example.com']], person_number: [['42']] }`. */
export type Identifiers = Readonly<Record<string, readonly IdentifierValue[]>>

/**
 * Rows of a collection whose `columns` hold one of `values`. A `person` opens nothing: it tells which keys of this person the columns may hold;
 * a row that an own opening opens, but that holds another key there, is somebody else's too.
 */
export interface Opening {
  readonly identifier: string
  readonly columns: readonly string[]
  readonly values: readonly IdentifierValue[]
  readonly compare: 'exact' | 'email'
  readonly meaning: 'own' | 'shared' | 'bridge' | 'person'
  /** Only rows whose own columns hold these values: the type column of a polymorphic link. */
  readonly when?: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>
  /** The values come from rows that others share: what a bridge gives on for them counts as given by such rows. */
  readonly lent?: true
}

/**
 * Which rows of one collection are meant: those opened by any of `openings`, without those that an own one opens though the key of another
 * person stands in them (person-keys.ts). `side` tells whose they are: `ours` leaves out rows of which a
 * customer organisation is controller, `organisation` takes only those.
 */
export interface Selection {
  readonly collection: string
  readonly openings: readonly Opening[]
  readonly side: 'ours' | 'organisation'
  /** `shared`: exactly the rows that are also somebody else's, which are counted as `shared_rows`; only on a decision. Left out: `theirs`. */
  readonly whose?: 'theirs' | 'shared'
}

/** What a look at one collection shows. Values in `provides` and `persons` are personal data: they are kept sealed and never logged. */
export interface Found {
  readonly rows: number
  readonly organisation_rows: number
  /** Rows reached only through an opening that others share, or by an own one though they hold the key of another person. */
  readonly shared_rows: number
  /** Identifiers that these rows open other collections with; organisation rows provide none. */
  readonly provides: Identifiers
  /** Those that only shared rows give, or bridges that such rows led to: they make nothing the person's own. Left out: none. */
  readonly lends?: Identifiers
  /** Keys of the rows that an own opening opens, for a collection whose rows are persons; at most ten. */
  readonly persons: readonly IdentifierValue[]
}

export interface DiscloseRequest {
  readonly selection: Selection
  readonly format: 'csv' | 'json'
  readonly columns: readonly string[]
  /** Cells that somebody has decided to leave out, by the keys of their rows: a text says so instead, anything else is empty. */
  readonly hidden?: readonly { readonly column: string; readonly keys: readonly IdentifierValue[] }[]
  /** Addresses of the person that stay in texts from which other people's are redacted, beside those that the openings name. */
  readonly spare?: readonly string[]
}

/** A column as the archive describes it: Frictionless Table Schema type. */
export interface ColumnShape {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'datetime' | 'object' | 'array' | 'any'
}

export type ChangeAction = { readonly kind: 'delete' } | { readonly kind: 'set'; readonly set: Readonly<Record<string, Strategy>> }

export interface Change {
  readonly selection: Selection
  readonly action: ChangeAction
  /** Rows that must still hold these values to be changed; a rectification's `from`. */
  readonly only_where?: Readonly<Record<string, string>>
  /** More rows than this stop before the first write. */
  readonly limit: number
  /** Of the selected rows only those with these primary keys: one batch of many. */
  readonly only_keys?: readonly IdentifierValue[]
  /** Said by `sequence`: rows of it may point at each other, so they are not to be done in several transactions. */
  readonly whole?: boolean
}

/** One batch of one step at one source: all of it in one transaction, with its marker, or nothing. */
export interface Effect {
  readonly step: string
  readonly batch: number
  readonly changes: readonly Change[]
  /** Rows that the intent counted, by collection. */
  readonly expected?: Readonly<Record<string, number>>
  /** An intent of an earlier attempt exists: without a marker table, nothing left to do means that it got through. */
  readonly again?: boolean
  /** Key of this case for pseudonyms, 64 hex digits; equal values become equal pseudonyms until it is shredded. */
  readonly pseudonym_key?: string
  /** More rows than this over all changes stop before the first write. */
  readonly limit?: number
  /** Where rows of some collections are kept before they go, to repair the erasure of a wrong person. */
  readonly copying?: Copying
}

/** Takes the rows of a change before they are deleted or set, inside the transaction at the source; the effect waits for it. */
export interface Copying {
  readonly collections: readonly string[]
  /** `columns` names the places of each row; values are the source's own text forms, null for none. */
  write(copied: {
    readonly collection: string
    readonly action: 'delete' | 'set'
    readonly columns: readonly string[]
    readonly rows: AsyncIterable<readonly (string | null)[]>
  }): Promise<void>
}

export interface Outcome {
  readonly confirmed_by: 'effect' | 'marker' | 'reread'
  /** Affected rows by collection, each counted once however many changes concern it; for `reread` those that were expected and are settled. */
  readonly rows: Readonly<Record<string, number>>
  /** Rows that a look after the commit still finds, by collection; 0 everywhere when nothing is left. */
  readonly left: Readonly<Record<string, number>>
}

/** Rows of one collection as they were before an effect deleted or set them, in the form in which `Copying` was given them. */
export interface CopiedPart {
  readonly collection: string
  readonly action: 'delete' | 'set'
  readonly columns: readonly string[]
  /** set: what the effect set, to tell rows that still hold it from those that somebody has changed since. */
  readonly set: Readonly<Record<string, Strategy>>
  /** set: by what the effect knew the person, where a strategy goes by that (`remove`, `redact`). Personal data. */
  readonly openings?: readonly Opening[]
  rows(): AsyncIterable<readonly (string | null)[]>
}

/** What an effect took, to be put back: all of it in one transaction, with a marker under `step`, or nothing. */
export interface PutBack {
  readonly step: string
  readonly parts: readonly CopiedPart[]
  /** The key under which the effect made pseudonyms. */
  readonly pseudonym_key?: string
}

/** Why rows could not be put back: by collection and constraint; `keys` are some of their primary keys, for keyed digests. */
export interface PutBackConflict {
  readonly collection: string
  /** The constraint by its name; empty where none is meant. */
  readonly constraint: string
  /** taken: a new row has a unique value; changed, gone: of rows that were set; parent_gone: what they point at; table_changed: columns. */
  readonly kind: 'taken' | 'changed' | 'gone' | 'parent_gone' | 'table_changed' | 'refused'
  readonly rows: number
  readonly keys: readonly IdentifierValue[]
}

export interface PutBackOutcome {
  readonly confirmed_by: 'effect' | 'marker'
  /** Rows by collection that are as they were now; all 0 when there are conflicts. */
  readonly rows: Readonly<Record<string, number>>
  /** Anything here: nothing was done. */
  readonly conflicts: readonly PutBackConflict[]
}

/** What speaks against a new value; `expected` names types and constraints, never the value. */
export interface Misfit {
  readonly kind: 'too_long' | 'type' | 'check' | 'taken'
  readonly expected: string
}

/** Whose rows of which collection must stay now, for a purge: never touched, counted as held. */
export type Protected = ReadonlyMap<string, readonly Opening[]>

export interface PurgeRequest {
  readonly rule: Named<Rule>
  /** The instant up to which rows are due, ISO 8601 UTC. */
  readonly now: string
  readonly zone: string
  readonly fiscal_year_ends: string
  readonly protected: Protected
}

export interface DueCount {
  readonly due: number
  readonly held: number
  readonly table_rows: number
  /** Start instant of the oldest due row, ISO 8601. */
  readonly oldest: string | null
}

export interface PurgeBatch extends PurgeRequest {
  readonly step: string
  readonly batch: number
  readonly size: number
  /** Where the last batch ended, as its `range` says: rows that started earlier are not looked at again. Left out for a first batch. */
  readonly after?: string
}

export interface PurgeOutcome {
  readonly confirmed_by: 'effect' | 'marker'
  /** Rows of the rule's own collection that went or were changed; 0 ends the run. */
  readonly rows: number
  /** Rows that went with them, by collection. */
  readonly with: Readonly<Record<string, number>>
  /** First and last start instant of the batch, ISO 8601; null for an empty batch. */
  readonly range: readonly [string, string] | null
}

/** Something about a source that does not fit the policy: a sentence that names the place. */
export interface SchemaProblem {
  readonly collection: string
  readonly sentence: string
}

/** Where a source has moved away from the data map: an `error` leaves data or links without an answer, a `warning` may wait. */
export interface Drift extends SchemaProblem {
  readonly severity: 'error' | 'warning'
  readonly code:
    | 'does_not_fit'
    | 'table_not_annotated'
    | 'column_not_annotated'
    | 'reason_missing'
    | 'annotated_twice'
    | 'annotated_gone'
    | 'edge_unmapped'
    | 'edge_undeclared'
    | 'index_missing'
    | 'excess_privilege'
    | 'one_role'
  /** Empty where it is about no single table, or column. */
  readonly table: string
  readonly column: string
}

/** A system that holds personal data, behind one narrow contract; a manual source has none of these methods. */
export interface DataSource {
  readonly kind: 'postgres' | 'http'
  readonly declaration: Named<SourceDeclaration>
  /** Compares the data map with the live schema; an empty list when all fits. */
  check(): Promise<readonly SchemaProblem[]>
  /** All that `check` says, and what the live schema holds that the data map does not speak of; `rows` makes a table large. Undefined where no schema can be read. */
  readonly drift?: (options?: { readonly rows?: number }) => Promise<readonly Drift[]>
  find(collection: Named<Collection>, openings: readonly Opening[]): Promise<Found>
  /** Encoded bytes of the selected rows: CSV with a header line, or a JSON array; never-disclosed columns are the caller's to leave out. */
  disclose(request: DiscloseRequest): Promise<AsyncIterable<Uint8Array>>
  /** How many cells of each column a copy shows redacted, as its field asks; columns without such a cell are left out. */
  redactions(request: Omit<DiscloseRequest, 'format'>): Promise<Readonly<Record<string, number>>>
  shape(collection: Named<Collection>, columns: readonly string[]): Promise<readonly ColumnShape[]>
  /** Primary keys of the selected rows in a steady order, at most `limit`, for the keyed digests of an intent; with `after`, those behind that key. */
  keys(selection: Selection, limit: number, after?: IdentifierValue): Promise<readonly IdentifierValue[]>
  /** Carries the effect out in one transaction with its marker; an effect whose marker exists, or that is seen to be done, is not repeated. */
  apply(effect: Effect): Promise<Outcome>
  /** What an intent without outcome led to, by its marker: the rows, or `nothing`; `unknown` where no markers are left and only a look can tell. */
  settle(step: string, batch: number): Promise<Readonly<Record<string, number>> | 'nothing' | 'unknown'>
  /** Why a value would be refused in a column, before anything is tried; undefined when nothing known speaks against it. */
  misfit(collection: string, column: string, value: string): Promise<Misfit | undefined>
  /** Where each organisation that controls selected rows is written to about privacy; empty where the source cannot say. */
  contacts(selection: Selection): Promise<readonly string[]>
  /** How many rows are selected; with `matching`, how many of them hold these very values. */
  count(selection: Selection, matching?: Readonly<Record<string, string>>): Promise<number>
  /** Puts back what an effect took, once, whoever comes with the same step; undefined where a source cannot. */
  readonly putBack?: (copy: PutBack) => Promise<PutBackOutcome>
  /** The changes in the order in which they must be made; those in one list belong into one transaction. */
  sequence(changes: readonly Change[]): readonly (readonly Change[])[]
  /** How the schedule is kept here; undefined where a source cannot say what is due. */
  readonly schedule: Schedule | undefined
  close(): Promise<void>
}

/** The part of a source that the retention schedule needs. */
export interface Schedule {
  /** The last instant at which one of the selected rows falls due under the rule, ISO 8601; null when none ever does. */
  lastDue(selection: Selection, request: Pick<PurgeRequest, 'rule' | 'zone' | 'fiscal_year_ends'>): Promise<string | null>
  countDue(request: PurgeRequest): Promise<DueCount>
  purge(batch: PurgeBatch): Promise<PurgeOutcome>
}

/** A system that only a person can look into: every request for it becomes a task. */
export interface ManualSource {
  readonly kind: 'manual'
  readonly declaration: Named<SourceDeclaration>
}

export type Source = DataSource | ManualSource

/** What a source says when it cannot do something now: names source, collection and cause, never a value. */
export class SourceError extends Error {
  readonly source: string
  readonly collection: string
  readonly cause_kind: 'down' | 'denied' | 'timeout' | 'constraint' | 'changed' | 'too_many' | 'unexpected_rows' | 'schema' | 'other'
  /** Trying again later may help. */
  readonly transient: boolean

  constructor(source: string, collection: string, cause: SourceError['cause_kind'], sentence: string) {
    super(`${source}${collection === '' ? '' : `.${collection}`}: ${sentence}`)
    this.name = 'SourceError'
    this.source = source
    this.collection = collection
    this.cause_kind = cause
    this.transient = cause === 'down' || cause === 'timeout'
  }
}
