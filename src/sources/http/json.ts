/** The value of JSON text, undefined for anything else. Numbers that a double cannot hold stay their own text: two people's numbers must not become one. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), keepLargeNumbers)
  } catch {
    return undefined
  }
}

function keepLargeNumbers(_: string, value: unknown, context?: { source?: string }): unknown {
  const unsafe = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
  return unsafe && context?.source !== undefined ? context.source : value
}

/** What stands at `place` (`result.items`) of a JSON value; undefined where nothing does. */
export function valueAt(json: unknown, place: string): unknown {
  return place
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined,
      json,
    )
}

/** A JSON object that holds each value at its place. */
export function objectWith(values: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const whole: Record<string, unknown> = {}
  for (const [place, value] of values) {
    const steps = place.split('.')
    const last = steps.pop() ?? ''
    let at = whole
    for (const step of steps) {
      const below = (Object.hasOwn(at, step) ? at[step] : {}) as Record<string, unknown>
      at[step] = below
      at = below
    }
    at[last] = value
  }
  return whole
}

/** The text of a value as identifiers and comparisons know it; null where there is none. */
export function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
