/** Collects the values of one statement. */
export interface Parameters {
  /** The SQL that stands for a value; a list stands for an array of `type`. A type of its own spares the server parsing the text for each row. */
  bind(value: string | readonly string[], type?: string): string
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

function collect(place: (index: number, type: string) => string): Parameters {
  const values: (string | readonly string[])[] = []
  return {
    values,
    bind(value, type = 'text') {
      values.push(value)
      return place(values.length, typeof value === 'string' ? type : `${type}[]`)
    },
  }
}
