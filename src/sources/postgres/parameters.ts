/** Collects the values of one statement; `bind` gives the SQL that stands for a value, of type `text` or `text[]`. */
export interface Parameters {
  bind(value: string | readonly string[]): string
  readonly values: readonly (string | readonly string[])[]
}

/** Values travel as `$1`, `$2` …, beside the statement. */
export function numbered(): Parameters {
  return collect((index, type) => `$${index}::${type}`)
}

/** Values travel as settings of the transaction: COPY takes no parameters, and values are never written into a statement. */
export function inSettings(): Parameters {
  return collect((index, type) => `current_setting('${settingName(index)}')::${type}`)
}

/** The name of the setting that carries the value with this number. */
export function settingName(index: number): string {
  return `habeas.p${index}`
}

function collect(place: (index: number, type: 'text' | 'text[]') => string): Parameters {
  const values: (string | readonly string[])[] = []
  return {
    values,
    bind(value) {
      values.push(value)
      return place(values.length, typeof value === 'string' ? 'text' : 'text[]')
    },
  }
}
