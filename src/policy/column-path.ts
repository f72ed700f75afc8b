/** A place in a row: a column, any element of an array, or a value in a JSON column, as the policy writes it. */
export interface ColumnPath {
  readonly column: string
  /** `column[]`: any element, not the whole. */
  readonly each: boolean
  /** The way down into JSON: `->key`, or `->key[]` for any element of the list there. */
  readonly steps: readonly { readonly key: string; readonly each: boolean }[]
}

const STEP = /^([A-Za-z_][\w$-]*?)(\[\])?$/

/** A column alone, whose name needs quotes in SQL: `First Name`. */
const ODD_NAME = /^[^\0\n[\]>.]{1,63}$/

/** What `members[]`, `payload->owner->mail` or `payload->people[]->id` says; a TypeError for anything else. */
export function parseColumnPath(path: string): ColumnPath {
  if (ODD_NAME.test(path)) return { column: path, each: false, steps: [] }
  const [first, ...steps] = path.split('->').map((part) => {
    const [, key, each] = STEP.exec(part) ?? []
    if (key === undefined) throw new TypeError(`'${path}' is not a column path`)
    return { key, each: each !== undefined }
  })
  return { column: first?.key ?? '', each: first?.each ?? false, steps }
}

/** The column that a path begins with: the one that must be declared, and that the table has. */
export function baseColumn(path: string): string {
  return parseColumnPath(path).column
}

/** One row may hold several values there. */
export function isList(path: string): boolean {
  return path.includes('[]')
}
