import type { z } from 'zod'

import type { collection, policyFile } from '../../src/policy/schema.ts'
import type { Kind } from './columns.ts'
import type { OnDelete } from './shape.ts'

export type Mapped = z.input<typeof collection>
export type PolicyText = z.input<typeof policyFile>
export type SourceId = 'main' | 'side'

export interface ModelColumn {
  readonly name: string
  readonly kind: Kind
  readonly not_null: boolean
}

export interface ModelTable {
  readonly name: string
  readonly source: SourceId
  readonly columns: ModelColumn[]
  readonly key: readonly string[]
  readonly unique: (readonly string[])[]
  readonly rows: Row[]
}

export interface ForeignKey {
  readonly table: string
  readonly columns: readonly string[]
  readonly target: string
  readonly on_delete: OnDelete
  readonly timing: '' | 'deferrable initially deferred' | 'deferrable initially immediate'
}

/** One row: its cells as PostgreSQL writes them, null for none. */
export interface Row {
  readonly cells: Record<string, string | null>
  /** Whose row the generator meant it to be, and no one else's; undefined for shared, nobody's, and what cannot be reached. */
  readonly owner: number | undefined
  /** What its texts carry to tell whose they are. */
  readonly mark: string
}

export interface Person {
  readonly index: number
  readonly key: readonly string[]
  readonly email: string | null
  /** Somebody else's address is the same but for the case of its letters. */
  readonly has_twin: boolean
}

/** Everything one seed makes: a schema, its rows, the policy that maps it, and who asks. */
export interface World {
  readonly tables: ReadonlyMap<string, ModelTable>
  readonly foreign_keys: readonly ForeignKey[]
  readonly collections: Readonly<Record<string, Mapped>>
  readonly policy: PolicyText
  readonly people: readonly Person[]
  readonly subject: Person
  /** What the subject has proven. */
  readonly start: Readonly<Record<string, readonly (readonly string[])[]>>
  /** An erasure meets nothing that the database would refuse. */
  readonly gentle: boolean
  /** The collection that is under legal hold. */
  readonly hold: string | undefined
  /** What takes long is done in turns, in some worlds each. */
  readonly turn: number
  /** What this world has of the things that a run of many must have met. */
  readonly features: ReadonlySet<string>
}

/** The columns of a key, a link, or a ref as one comparable text; undefined where one of them says nothing. */
export function tuple(row: Pick<Row, 'cells'>, columns: readonly string[]): string | undefined {
  const parts = columns.map((name) => row.cells[name] ?? null)
  return parts.some((part) => part === null || part.replaceAll(' ', '') === '') ? undefined : JSON.stringify(parts)
}
