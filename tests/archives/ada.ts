import type { ArchiveInput, ArchiveTable } from '../../src/archives/archive-input.ts'

type Row = Readonly<Record<string, unknown>>

/** A collection whose CSV and JSON come in pieces of a few bytes, so that every border between pieces falls everywhere. */
export function table(
  collection: string,
  rows: readonly Row[],
  columns: readonly string[],
  more: Partial<ArchiveTable> = {},
): ArchiveTable {
  return {
    source: 'company',
    collection,
    label: `Things in ${collection}`,
    category_label: 'Account',
    purpose: 'account management',
    columns: columns.map((name) => ({ name, type: 'string' })),
    held: [],
    open: async (format) => pieces(format === 'csv' ? csv(rows, columns) : JSON.stringify(rows)),
    ...more,
  }
}

/** Ada asked for a copy of her data; what she gets unless a test says otherwise. */
export function adasArchive(changes: Partial<ArchiveInput> = {}): ArchiveInput {
  return {
    reference: 'HAB-7K3M-9QX2',
    title: 'Copy of your data',
    created_at: new Date('2026-11-20T10:00:00.000Z'),
    controller: {
      name: 'Analytical Engines BV',
      address: 'Herengracht 1, Amsterdam',
      dpo: { name: 'Charles', email: 'dpo@engines.example' },
      authority: {
        name: 'Autoriteit Persoonsgegevens',
        address: 'Hoge Nieuwstraat 8, The Hague',
        url: 'https://autoriteitpersoonsgegevens.nl/',
      },
    },
    right: 'access',
    tables: [table('machines', [{ id: '1', note: 'brass' }], ['id', 'note'])],
    files: [],
    notice: { purposes: ['account management'] },
    overview: { searched: [], statements: [], recipients: [], rights: [], remedies: [] },
    ...changes,
  }
}

export async function* pieces(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

function csv(rows: readonly Row[], columns: readonly string[]): string {
  const lines = [columns.map(cell).join(','), ...rows.map((row) => columns.map((column) => cell(row[column])).join(','))]
  return lines.map((line) => `${line}\n`).join('')
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
