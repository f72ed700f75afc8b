/** A row as the page for people shows it: texts by column; numbers in the spelling of the file, nested values as JSON. */
export type ShownRow = Readonly<Record<string, string | null>>

/** What was seen: how many rows, the first of them, and how lines end in a CSV. */
export interface Watched {
  readonly rows: number
  readonly first: readonly ShownRow[]
  readonly line_end: '\n' | '\r\n'
}

/** Looks at bytes on their way through and never holds more than the rows it keeps. */
export interface RowWatch {
  see(piece: Uint8Array): void
  /** How many rows went by; throws when the bytes broke off in the middle. */
  end(): Watched
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const NEWLINE = 0x0a
const RETURN = 0x0d

// Part of ECMAScript 2026 and there in Node 24, but not yet in TypeScript's library.
const exactly = JSON as typeof JSON & { rawJSON(text: string): unknown }

/** Counts the rows of a CSV with a header line; line breaks inside quotes belong to their cell. */
export function watchCsv(): RowWatch {
  let quoted = false
  let lines = 0
  let last = NEWLINE
  let lineEnd: Watched['line_end'] = '\n'
  return {
    see(piece) {
      for (let at = 0; at < piece.length; at++) {
        const byte = piece[at]
        if (byte === QUOTE) quoted = !quoted
        else if (byte === NEWLINE && !quoted) {
          if (lines === 0 && (at === 0 ? last : piece[at - 1]) === RETURN) lineEnd = '\r\n'
          lines += 1
        }
      }
      last = piece.at(-1) ?? last
    },
    end() {
      if (quoted) throw new Error('the CSV broke off inside a quoted cell')
      return { rows: Math.max(0, lines + (last === NEWLINE ? 0 : 1) - 1), first: [], line_end: lineEnd }
    },
  }
}

/** Counts the objects of a JSON array and keeps the first `keep` of them, as long as they fit into `bytes` together. */
export function watchJson({ keep, bytes }: { keep: number; bytes: number }): RowWatch {
  const first: ShownRow[] = []
  let room = bytes
  let rows = 0
  let depth = 0
  let opened = false
  let inString = false
  let escaped = false
  /** The row that is being kept, in pieces; undefined outside a row, and once there is no room. */
  let row: Uint8Array[] | undefined

  const keepRow = (part: Uint8Array) => {
    room -= part.length
    if (row === undefined || room < 0) row = undefined
    // A copy: the piece is somebody else's buffer.
    else row.push(Buffer.from(part))
  }
  return {
    see(piece) {
      let start = row === undefined ? -1 : 0
      for (let at = 0; at < piece.length; at++) {
        if (inString) {
          // Most bytes of JSON are inside strings, and none of them matters but the one that ends it.
          while (at < piece.length) {
            const inside = piece[at]
            if (escaped) escaped = false
            else if (inside === BACKSLASH) escaped = true
            else if (inside === QUOTE) break
            at += 1
          }
          inString = at === piece.length
          continue
        }
        const byte = piece[at]
        if (byte === QUOTE) inString = true
        else if (byte === 0x7b || byte === 0x5b) {
          opened = true
          depth += 1
          if (depth !== 2) continue
          rows += 1
          if (rows > keep || room <= 0) continue
          row = []
          start = at
        } else if (byte === 0x7d || byte === 0x5d) {
          depth -= 1
          if (depth !== 1 || row === undefined) continue
          keepRow(piece.subarray(start, at + 1))
          if (row !== undefined) first.push(shown(Buffer.concat(row).toString('utf8')))
          row = undefined
          start = -1
        }
      }
      if (row !== undefined && start >= 0) keepRow(piece.subarray(start))
    },
    end() {
      if (!opened || depth !== 0) throw new Error('the JSON broke off in the middle')
      return { rows, first, line_end: '\n' }
    },
  }
}

function shown(json: string): ShownRow {
  // A number stays as the file spells it: an id of 19 digits must not be rounded.
  const row: unknown = JSON.parse(json, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined ? exactly.rawJSON(context.source) : value,
  )
  return Object.fromEntries(Object.entries(Object(row)).map(([column, value]) => [column, textOf(value)]))
}

function textOf(value: unknown): string | null {
  return value === null || typeof value === 'string' ? value : JSON.stringify(value)
}
