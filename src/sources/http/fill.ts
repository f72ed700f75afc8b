import type { HttpCall } from '../../policy/schema-http.ts'

/** A value that no path can hold: a path with it would mean another place. */
export class UnfitValue extends Error {}

/** Values by the names that stand in braces; none where there is no value. */
export type Values = Readonly<Record<string, string | null | undefined>>

/**
 * The path of a call with its values, encoded so that none can end its segment or parameter: `/people/{id}?by={kind}`. An UnfitValue for
 * one that is empty or would climb in the path.
 */
export function fillPath(path: string, values: Values): string {
  const [route = '', ...query] = path.split('?')
  const segments = route.split('/').map((segment) => {
    if (!/\{[\w$]+\}/.test(segment)) return segment
    const filled = fill(segment, values, encode)
    if (/^\.{0,2}$/.test(filled)) throw new UnfitValue()
    return filled
  })
  return [segments.join('/'), ...(query.length === 0 ? [] : [fill(query.join('?'), values, encode)])].join('?')
}

/** The body of a call as JSON text; a value is never more than text in it. */
export function fillBody({ body }: Pick<HttpCall, 'body'>, values: Values): string | undefined {
  if (body === undefined) return undefined
  return JSON.stringify(Object.fromEntries(Object.entries(body).map(([name, text]) => [name, fill(text, values, String)])))
}

/** The names in braces of a path or a text. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/\{([\w$]+)\}/g)].map(([, name = '']) => name)
}

function fill(text: string, values: Values, write: (value: string) => string): string {
  return text.replaceAll(/\{([\w$]+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined || value === null || value === '') throw new UnfitValue()
    return write(value)
  })
}

function encode(value: string): string {
  if (!value.isWellFormed()) throw new UnfitValue()
  return encodeURIComponent(value)
}
