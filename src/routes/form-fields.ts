/** What a form has sent: names with one or several values. */
export class FormFields {
  private readonly fields: Readonly<Record<string, unknown>>

  constructor(body: unknown) {
    this.fields = typeof body === 'object' && body !== null ? { ...body } : {}
  }

  /** The trimmed value of a field; '' when it was left empty or was not sent. */
  text(name: string): string {
    return (this.all(name)[0] ?? '').trim()
  }

  /** The value of a field under its own name, or nothing at all when it is empty: optional parts of an input. */
  optional<N extends string>(name: N): { [K in N]?: string } {
    const value = this.text(name)
    // oxlint-disable-next-line no-unsafe-type-assertion -- a computed name widens to string
    return (value === '' ? {} : { [name]: value }) as { [K in N]?: string }
  }

  /** Every value of a field that may be sent several times. */
  all(name: string): string[] {
    const value = this.fields[name]
    return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string')
  }

  /** First values by name, for filling the form in again; the token of the form is none. */
  values(): Record<string, string> {
    const names = Object.keys(this.fields).filter((name) => name !== '_csrf')
    return Object.fromEntries(names.map((name) => [name, this.text(name)]))
  }
}
