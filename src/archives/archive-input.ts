import type { Controller, Right } from '../policy/schema.ts'
import type { ColumnShape } from '../sources/source.ts'

/** One collection of one source as it goes into the archive, twice: CSV for people's programs, JSON with the raw values. */
export interface ArchiveTable {
  readonly source: string
  readonly collection: string
  readonly label: string
  readonly category_label: string
  readonly purpose: string
  readonly columns: readonly ColumnShape[]
  /** What people call the columns, where the policy says so. */
  readonly field_labels?: Readonly<Record<string, string>>
  /** Held, not shown: the type is named instead of the value (11 CCR §7024(d)). */
  readonly held: readonly { readonly field: string; readonly type: string }[]
  /** Cells from which other people's addresses and numbers were taken out, by field (Art. 15(4) GDPR). */
  readonly redactions?: readonly Redaction[]
  /** The rows as bytes: CSV with a header line, or a JSON array of objects. Called once per format, never two at a time. */
  open(format: 'csv' | 'json'): Promise<AsyncIterable<Uint8Array>>
}

/** One line of the redaction log. */
export interface Redaction {
  readonly field: string
  readonly reason: string
  readonly cells: number
}

/** What a manual source answered: a file, or a text as `text/plain`. `source` is the label of the system. */
export interface ArchiveFile {
  readonly source: string
  readonly name: string
  readonly mediatype: string
  readonly bytes: Uint8Array
}

/** What index.html tells beside the data, in sentences. */
export interface ArchiveOverview {
  readonly searched: readonly { readonly label: string; readonly result: string }[]
  /** Data that lies elsewhere, such as on the person's own computer. */
  readonly statements: readonly { readonly title: string; readonly text: string }[]
  /** Who received data, one sentence each (Art. 15(1)(c) GDPR). */
  readonly recipients: readonly string[]
  readonly rights: readonly string[]
  readonly remedies: readonly string[]
  /** Systems that are missing from this part and by when they follow, one sentence each. */
  readonly not_included?: readonly string[]
}

/** Everything an archive is made of; rows are not in it, they are opened one table after the other. */
export interface ArchiveInput {
  readonly reference: string
  readonly title: string
  readonly created_at: Date
  readonly controller: Pick<Controller, 'name' | 'address' | 'dpo' | 'authority'>
  readonly right: Right
  /** 1 unless this archive follows an earlier one of the same case. */
  readonly part?: number
  readonly tables: readonly ArchiveTable[]
  readonly files: readonly ArchiveFile[]
  /** What `metadata/notice.json` says: plain data. */
  readonly notice: object
  readonly overview: ArchiveOverview
}
